-- What a policy gets: request, client, options, waiting, and how policies are found and declared.
local core = require "moonward.core"
local folder = require "spec.support.folder"
local test = require "moonward.test"

local function write(text, name, directory)
  directory = directory or folder.new()
  return folder.write(directory .. "/" .. (name or "policy") .. ".lua", text)
end

local function load(text, options, settings)
  return test.policy((write(text)), options, settings)
end

-- The value of an expression inside decide(), as text.
local function evaluate(expression, request)
  local verdict = load("local moonward = require 'moonward' return function(client, request, options)\n"
    .. "return moonward.deny('= ' .. tostring(" .. expression .. ")) end"):decide(request)
  return string.match(verdict.reason, "^= (.*)$") or verdict.reason, verdict
end

local function has(text, part)
  return assert.truthy(string.find(text, part, 1, true), ("'%s' is not in: %s"):format(part, text))
end

describe("a request", function()
  local list = { path = "/v1.41/containers/json?all=1&filters=%7B%7D&empty=&size" }
  local inspect = { path = "/containers/web/json" }
  local create = { method = "POST", path = "/v1.41/containers/create?name=web", body = '{"Image":"a"}' }
  local cases = {
    { "method", list, "GET" }, { "method", create, "POST" },
    { "path", list, "/containers/json" },
    { "version", list, "1.41" }, { "version", inspect, "nil" },
    { "operation", list, "container.list" }, { "operation", { path = "/nothing" }, "nil" },
    { "id", inspect, "web" }, { "id", list, "nil" },
    { "has_body", list, "false" }, { "has_body", create, "true" },
    { "query.all", list, "1" }, { "query.filters", list, "{}" }, { "query.empty", list, "" },
    { "query.size", list, "" }, { "query.nothing", list, "nil" },
    { "query.all", { path = "/info?%61ll=x+y" }, "x y" },
    { "table.concat(request:values('t'), ',')", { path = "/build?t=a&t=b" }, "a,b" },
    { "query.t", { path = "/build?t=a&t=b" }, "a" },
    { "#request:values('nothing')", list, "0" },
    { "request:header('User-Agent')", { path = "/info", headers = { ["user-agent"] = "x" } }, "x" },
    { "request:header('x-absent')", list, "nil" },
    { "request:header('X-A')", { path = "/info", headers = { { "x-a", "1" }, { "X-A", "2" } } }, "1, 2" },
    { "request:is('container.list')", list, "true" },
    { "request:is('container.inspect')", list, "false" },
    { "request:is('image.list', 'container.list')", list, "true" },
    { "request:is('container.*')", list, "true" },
    { "request:is('image.*')", list, "false" },
    { "request:is('container.archive.*')", { path = "/containers/x/archive?path=/" }, "true" },
    { "request:is('container.archive.*')", inspect, "false" },
    { "request:is('container.list')", { path = "/nothing" }, "false" },
    { "body", list, "" }, { "body", create, '{"Image":"a"}' },
    { "json", list, "nil" }, { "json.Image", create, "a" }, { "json.image", create, "a" },
    { "(request.json == request.json)", create, "true" },
    { "tostring(request)", list, "request(GET /containers/json)" },
  }
  for _, case in ipairs(cases) do
    local expression = string.find(case[1], "request", 1, true) and case[1] or "request." .. case[1]
    it(("to %s has %s = %s"):format(case[2].path, expression, case[3]), function()
      assert.equal(case[3], (evaluate(expression, case[2])))
    end)
  end

  it("shows its whole query to pairs(), the first value of each name", function()
    local verdict = load([[
      local moonward = require "moonward"
      return function(_, request)
        local list = {}
        for name, value in pairs(request.query) do list[#list + 1] = name .. "=" .. value end
        table.sort(list)
        return moonward.deny(table.concat(list, " "))
      end
    ]]):decide(list)
    assert.equal("all=1 empty= filters={} size=", verdict.reason)
  end)

  it("that is refused before any policy sees it has that status and reason", function()
    local verdict = load("return function() error('not reached') end"):decide { path = "/containers/../info" }
    assert.equal(400, verdict.status)
    assert.is_true(verdict.refused)
  end)
end)

describe("a body that is no acceptable JSON", function()
  local bodies = {
    { "no JSON at all", "hello" }, { "a key twice", '{"a":1,"a":2}' }, { "a key in two cases", '{"a":1,"A":2}' },
    { "something behind it", "{} {}" }, { "not UTF-8", '{"a":"\xff"}' }, { "too deep", string.rep("[", 100) },
  }
  for _, body in ipairs(bodies) do
    it("ends in 400 for the client: " .. body[1], function()
      local _, verdict = evaluate("request.json", { method = "POST", path = "/containers/create", body = body[2] })
      assert.is_false(verdict.allowed)
      assert.is_false(verdict.failed)
      assert.equal(400, verdict.status)
      has(verdict.reason, "request body: ")
      has(verdict.where, "policy.lua:2")
    end)
  end

  it("can be caught by the policy", function()
    local text = evaluate("select(2, pcall(function() return request.json end))",
      { method = "POST", path = "/containers/create", body = "x" })
    has(text, "request body: ")
  end)
end)

describe("a client", function()
  local tcp = { path = "/info", client = { address = "10.0.0.7", port = 4711, listener = "tcp", labels = { a = "1" } } }
  local unix = { path = "/info", client = { listener = "unix", uid = 0, gid = 5, pid = 42 } }
  local cases = {
    { "address", tcp, "10.0.0.7" }, { "port", tcp, "4711" }, { "listener", tcp, "tcp" }, { "uid", tcp, "nil" },
    { "gid", tcp, "nil" }, { "pid", tcp, "nil" }, { "container.labels.a", tcp, "1" },
    { "address", unix, "nil" }, { "port", unix, "nil" }, { "listener", unix, "unix" }, { "uid", unix, "0" },
    { "gid", unix, "5" }, { "pid", unix, "42" }, { "labels.a", tcp, "1" },
  }
  for _, case in ipairs(cases) do
    it(("on %s has %s = %s"):format(case[2].client.listener, case[1], case[3]), function()
      assert.equal(case[3], (evaluate("client." .. case[1], case[2])))
    end)
  end
end)

describe("an option of several policies", function()
  local line = [[return { options = { { name = "allowed", env = "ALLOWED", kind = "list", default = %s, help = "%s" } },
    decide = function(_, request, options)
      if request.query[options.allowed[1] ] then return require("moonward").allow() end
    end }]]

  local function both(first, second)
    local place = folder.new()
    local names = {}
    for i, default in ipairs { first, second } do
      names[i] = folder.write(place .. "/p" .. i .. ".lua", line:format(default, "Help " .. i))
    end
    return test.policy(names, { allowed = "x" })
  end

  it("is one if they declare it alike", function()
    assert.is_true(both('"a"', '"a"'):decide({ path = "/info?x=1" }).allowed)
  end)

  it("is a mistake if they do not", function()
    assert.has_error(function() both('"a"', '"b"') end, "the option -allowed is declared twice: by p1 and by p2")
  end)
end)

describe("waiting", function()
  local resolve = "local moonward = require 'moonward' return function(client, request)\n%s\nend"

  it("for a resolver gives the addresses", function()
    local text = evaluate("table.concat(moonward.resolve('web'), ' ')",
      { path = "/info", resolve = { web = { "10.0.0.1", "fd00::1" } } })
    assert.equal("10.0.0.1 fd00::1", text)
  end)

  it("for a resolver raises what went wrong", function()
    local text, verdict = evaluate("moonward.resolve('nowhere')", { path = "/info" })
    has(text, "moonward.resolve(\"nowhere\"): no such host")
    assert.is_true(verdict.failed)
  end)

  it("is not needed for an address", function()
    assert.equal("::1", (evaluate("moonward.resolve('::1')[1]", { path = "/info" })))
  end)

  for name, call in pairs {
    ["table.sort"] = "local t = { 1, 2 } table.sort(t, function() return request.body == '' end)",
    ["LPeg"] = "local lpeg = require 'lpeg' lpeg.match(lpeg.P(1) / function() return request.body end, 'x')",
  } do
    it("inside a function that " .. name .. " calls is a clear error", function()
      local verdict = load(resolve:format(call)):decide { method = "POST", path = "/info", body = "x" }
      assert.is_true(verdict.failed)
      has(verdict.reason, "request.body has to wait")
      has(verdict.where, "policy.lua:2")
    end)
  end

  it("goes through pcall", function()
    local verdict = load(resolve:format("local ok, body = pcall(function() return request.body end) "
      .. "return moonward.deny(tostring(ok) .. body)")):decide { method = "POST", path = "/info", body = "x" }
    assert.equal("truex", verdict.reason)
  end)
end)

describe("hiding", function()
  local cases = {
    { "/containers/web/json", "No such container: web" }, { "/exec/abc/json", "No such exec instance: abc" },
    { "/images/nginx:latest/json", "No such image: nginx:latest" }, { "/networks/front", "network front not found" },
    { "/volumes/data", "get data: no such volume" }, { "/containers/json", "page not found" },
    { "/nothing", "page not found" },
  }
  for _, case in ipairs(cases) do
    it(("%s says: %s"):format(case[1], case[2]), function()
      local verdict = load("local m = require 'moonward' return function() return m.hide() end")
        :decide { path = case[1] }
      assert.is_true(verdict.hidden)
      assert.equal(404, verdict.status)
      assert.equal(case[2], verdict.reason)
    end)
  end

  it("takes other words", function()
    local verdict = load("local m = require 'moonward' return function() return m.hide('gone') end")
      :decide { path = "/info" }
    assert.equal("gone", verdict.reason)
  end)
end)

describe("a denial", function()
  it("carries reason, status, rule, hint and place", function()
    local verdict = load("local moonward = require 'moonward'\nreturn function()\n"
      .. "  return moonward.deny('no', { status = 405, rule = 'r', hint = 'ask' })\nend"):decide { path = "/info" }
    assert.same({ "no", 405, "r", "ask" }, { verdict.reason, verdict.status, verdict.rule, verdict.hint })
    has(verdict.where, "policy.lua:3")
  end)

  it("cuts a long reason between two characters", function()
    local verdict = load("local m = require 'moonward' local s = 'é' for i = 1, 9 do s = s .. s end\n"
      .. "return function() return m.deny('x' .. s) end"):decide { path = "/info" }
    assert.truthy(utf8.len(verdict.reason))
    assert.truthy(#verdict.reason > 500)
  end)
end)

describe("options", function()
  local policy = [[
    local moonward = require "moonward"
    return {
      options = {
        { name = "word", env = "WORD", default = "none", help = "A word." },
        { name = "on", kind = "switch", help = "On or off." },
        { name = "count", kind = "number", min = 1, max = 9, default = 3, help = "How many." },
        { name = "mode", kind = "octal", default = "0600", help = "A mode." },
        { name = "room", kind = "size", default = "4k", help = "How much." },
        { name = "paths", env = "PATHS", env_family = true, kind = "list", help = "Some paths." },
        { env = "ONLY_ENV", help = "Without a flag." },
      },
      decide = function(_, _, options)
        return moonward.deny(table.concat({ options.word, tostring(options.on), options.count, options.mode,
          options.room, table.concat(options.paths, "+"), options.ONLY_ENV }, " "))
      end,
    }
  ]]
  local cases = {
    { "have defaults", {}, {}, "none false 3 384 4096  " },
    { "are read from flags", { word = "x", on = true, count = 5, mode = "0644", room = "1m", paths = { "/a", "/b" } },
      {}, "x true 5 420 1048576 /a+/b " },
    { "are read from variables", {}, { WORD = "y", PATHS_1 = "/c", ONLY_ENV = "z" }, "y false 3 384 4096 /c z" },
    { "prefer flags", { word = "x", paths = { "/a" } }, { WORD = "y", PATHS = "/c" }, "x false 3 384 4096 /a " },
    { "can be a command line", { "-word", "x", "-on" }, {}, "x true 3 384 4096  " },
  }
  for _, case in ipairs(cases) do
    it(case[1], function()
      local verdict = load(policy, case[2], { environment = case[3] }):decide { path = "/info" }
      assert.equal(case[4], verdict.reason)
    end)
  end

  it("may have several variables, and words of their own", function()
    local loaded = load([[
      local moonward = require "moonward"
      return {
        options = {
          { env = { "A_POST", "POST" }, kind = "switch", default = false, env_strict = true, help = "Write." },
          { env = "LOG_LEVEL", default = "err", words = { err = "ERROR", debug = "DEBUG" }, help = "How much." },
        },
        decide = function(_, _, options)
          return moonward.deny(tostring(options.A_POST) .. " " .. options.LOG_LEVEL)
        end,
      }
    ]], {}, { environment = { POST = "1", LOG_LEVEL = "DEBUG" } })
    assert.equal("true DEBUG", loaded:decide({ path = "/info" }).reason)
  end)

  it("that are wrong stop the start with the option's name", function()
    for _, wrong in ipairs { { { count = 10 }, "count" }, { { wrd = "x" }, "wrd" }, { { on = "maybe" }, "on" } } do
      local ok, message = pcall(load, policy, wrong[1])
      assert.is_false(ok)
      has(message, "-" .. wrong[2])
    end
  end)

  it("of kind file have the path and the text", function()
    local directory = folder.new()
    local path = directory .. "/rules.txt"
    folder.write(path, "one\ntwo\n")
    local files = [[
      local moonward = require "moonward"
      return {
        options = {
          { name = "rules", env = "RULES", kind = "file", help = "Rules." },
          { env = "MORE", kind = "file", help = "More." },
        },
        decide = function(_, _, options)
          return moonward.deny(options.rules.path .. "|" .. options.rules.text .. "|" .. options.MORE.path .. options.MORE.text)
        end,
      }
    ]]
    assert.equal(path .. "|one\ntwo\n|", load(files, { rules = path }):decide({ path = "/info" }).reason)
    assert.equal("file", load(files):options()[1].kind)
    local wrong = { ["/nowhere"] = "No such file or directory", [directory] = "expected a file, got a folder",
      ["/dev/zero"] = "expected a file, got something else" }
    for named, why in pairs(wrong) do
      local ok, message = pcall(load, files, { rules = named })
      assert.is_false(ok)
      has(message, "-rules: " .. named .. ": " .. why)
    end
    has(select(2, pcall(load, files, {}, { environment = { MORE = "/nowhere" } })), "MORE: /nowhere: No such file")
  end)

  it("are listed with what they declare", function()
    local declared = load(policy):options()
    assert.equal(7, #declared)
    assert.same({ "word", "WORD", "text", "none", "A word.", "policy" }, { declared[1].name, declared[1].env,
      declared[1].kind, declared[1].initial, declared[1].help, declared[1].owner })
    assert.is_true(declared[6].env_family)
  end)

  local wrong = {
    { "{ name = 'a' }", "option 'a' has no help" },
    { "{ help = 'x' }", "has neither a name nor a variable" },
    { "{ name = '-a', help = 'x' }", "name is '-a', which is no such name" },
    { "{ name = 1, help = 'x' }", "name is a number, expected a text" },
    { "{ name = 'a', help = 'x', knd = 'list' }", "unknown key 'knd'; did you mean 'kind'?" },
    { "{ name = 'a', help = 'x', kind = 'lst' }", "unknown kind 'lst'; did you mean 'list'?" },
    { "{ name = 'a', help = 'x', min = -1 }", "min is -1, expected a whole number" },
    { "{ name = 'a', help = 'x', env_family = true }", "env_family is for lists that have a variable" },
    { "{ name = 'a', help = 'x', kind = 'switch', default = 'yes' }", "default is a string, expected a boolean" },
    { "{ name = 'a', help = 'x', default = {} }", "default is a table, expected a string" },
    { "{ name = 'a', kind = 'file', sets = 'policydir', help = 'x' }", "sets is not for files" },
    { "{ env = {}, help = 'x' }", "env is an empty list" },
    { "{ env = { 'A', 'A' }, help = 'x' }", "env has A twice" },
    { "{ env = { 'A', 1 }, help = 'x' }", "option 'A': env is a number, expected a text" },
    { "{ env = 'A', env_empty = true, kind = 'switch', help = 'x' }", "env_empty is for texts" },
    { "{ env = 'A', env_strict = 1, help = 'x' }", "env_strict is true or false" },
    { "{ env = 'A', env_near = 1, help = 'x' }", "env_near is true or false" },
    { "{ env = 'A', required = 1, help = 'x' }", "required is true or false" },
    { "{ name = 'a', words = {}, help = 'x' }", "words is a table such as" },
    { "{ name = 'a', words = { on = true }, help = 'x' }", "what 'on' means is a boolean" },
    { "{ name = 'a', words = { 'on' }, help = 'x' }", "one of words is a number" },
    { "{ name = 'a', kind = 'list', words = { on = '1' }, help = 'x' }", "words is for texts" },
    { "{ name = 'a', words = { on = '1' }, default = 'off', help = 'x' }", "expected one of on; got" },
    { "'a'", "option 1 is a string, expected a table" },
    { "x = { name = 'a', help = 'x' }", "options is a list; it has the key 'x'" },
  }
  for _, case in ipairs(wrong) do
    it("are refused when declared wrongly: " .. case[1], function()
      local ok, message = pcall(load, "return { options = { " .. case[1] .. " }, decide = function() end }")
      assert.is_false(ok)
      has(message, case[2])
    end)
  end
end)

describe("policies", function()
  local allow = "local m = require 'moonward' return function() return m.allow() end"

  it("that ship are found by name", function()
    assert.equal("default", test.policy("default"):decide({ path = "/info" }).policy)
  end)

  it("in a folder are found by name, before those that ship", function()
    local directory = folder.new()
    write(allow, "default", directory)
    write(allow, "mine", directory)
    for _, name in ipairs { "default", "mine" } do
      local verdict = test.policy(name, {}, { directory = directory }):decide { path = "/info" }
      assert.is_true(verdict.allowed)
      has(verdict.where, directory)
    end
  end)

  local missing = {
    { "defualt", "policy defualt: no such policy among those that ship with moonward; -policydir is for your own"
      .. "; did you mean 'default'?" },
    { "nothing-like-it", "policy nothing-like-it: no such policy among those that ship with moonward" },
    { "no space", "is not the name of a policy" },
    { "", "is not the name of a policy" },
    { "/nowhere/x.lua", "/nowhere/x.lua: No such file or directory" },
  }
  for _, case in ipairs(missing) do
    it("that are not there are named: " .. case[1], function()
      has(select(2, pcall(test.policy, case[1])), case[2])
    end)
  end

  it("of one name are refused", function()
    has(select(2, pcall(test.policy, { "default", "default" })), "a policy of that name is loaded already")
  end)

  it("may ask for more methods, also when they start", function()
    local policy = load("local policy = { options = {}, methods = { 'TRACE' } }\n"
      .. "function policy.start() policy.methods = { 'CONNECT' } end\n"
      .. "function policy.decide() end return policy")
    assert.equal(1 << 8, policy.host:extra_methods())
  end)

  it("may warn, but not without end", function()
    local policy = load("local m = require 'moonward' return function() for i = 1, 100 do m.warn('w' .. i) end end")
    policy:decide { path = "/info" }
    local log = policy.host:log()
    has(log, "w1")
    has(log, "w16")
    assert.falsy(string.find(log, "w17", 1, true))
  end)

  it("keep no memory from one request to the next", function()
    local policy = load(allow)
    local request = { method = "POST", path = "/containers/create", body = '{"a":[1,2,3]}' }
    policy:decide(request)
    local before = policy.host:memory()
    for _ = 1, 5000 do
      policy:decide(request)
    end
    assert.truthy(policy.host:memory() < 2 * before)
  end)
end)

describe("a regular expression", function()
  local cases = {
    { "/a|/b", "/a", true, true }, { "/a|/b", "/ax", false, true }, { "/a|/b", "x/b", false, true },
    { "a", "A", false, false }, { "(?i)a", "A", true, true }, { ".", "\n", false, false },
    { "(?s).", "\n", true, true }, { "é", "é", true, true }, { ".", "é", true, true },
    { "a.c", "a\xffc", true, true }, { "a..c", "a\xff\xfec", true, true }, { "a.c", "a\xff\xfec", false, false },
    { "\\x{FFFD}", "\xc3", true, true }, { "[^a]", "\xed\xa0\x80", false, true }, { "", "", true, true },
    { "", "a", false, true }, { "a$", "a\n", false, false }, { "a\\z", "ba", false, true },
    { "(a*)*b", string.rep("a", 5000), false, false },
  }
  for _, case in ipairs(cases) do
    local name = ("%q on %q matches: %s, is found: %s"):format(case[1], case[2]:sub(1, 10), case[3], case[4])
    it((name:gsub("\n", "n")), function()
      local regex = assert(core.regex(case[1]))
      assert.equal(case[3], regex:match(case[2]))
      assert.equal(case[4], regex:find(case[2]))
    end)
  end

  for _, pattern in ipairs { "(", "a{2,1}", "[b-a]", "(?<=a)b", "\\1", "a**", "\xff" } do
    it(("%q is refused"):format(pattern), function()
      local regex, message = core.regex(pattern)
      assert.is_nil(regex)
      assert.truthy(#message > 0)
    end)
  end
end)

describe("an address", function()
  local cases = {
    { "10.0.0.7", "\10\0\0\7" }, { "::ffff:10.0.0.7", "\10\0\0\7" },
    { "::1", string.rep("\0", 15) .. "\1" }, { "fe80::1%eth0" }, { "10.0.0" }, { "010.0.0.7" }, { "" },
    { "10.0.0.7\0" }, { "10.0.0.7 " }, { "web" }, { "1" },
  }
  for _, case in ipairs(cases) do
    it(("%q is %s"):format(case[1], case[2] and #case[2] .. " bytes" or "none"), function()
      assert.equal(case[2], core.address(case[1]))
    end)
  end
end)
