-- What a policy gets: request, client, waiting, and how policies are found. Options: option_spec.lua.
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
    { "lsio", "; did you mean 'linuxserver'?" },
    { "WhatsUpDocker", "; did you mean 'wud'?" },
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
