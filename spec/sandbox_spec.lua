-- What a policy can and cannot do. Each policy here is a file of its own, judged as the daemon would.
local folder = require "spec.support.folder"
local names = require "moonward.host.names"
local test = require "moonward.test"

local function write(text, name, directory)
  directory = directory or folder.new()
  return folder.write(directory .. "/" .. (name or "policy") .. ".lua", text), directory
end

-- Runs a text as the inside of decide() and gives the verdict.
local function decide(text, request, limits)
  local path = write("local moonward = require 'moonward'\nreturn function(client, request, options)\n"
    .. text .. "\nend\n")
  return test.policy(path, {}, { limits = limits }):decide(request or { path = "/containers/x/json" })
end

-- What a text inside decide() returns, as the reason of a denial.
local function evaluate(text)
  local verdict = decide("local function run() " .. text .. " end\n"
    .. "return moonward.deny('= ' .. tostring(run()))")
  return string.match(verdict.reason, "^= (.*)$") or verdict.reason
end

local function has(text, part)
  return assert.truthy(string.find(text, part, 1, true), ("'%s' is not in: %s"):format(part, text))
end

describe("what a policy sees", function()
  local function keys(expression)
    return evaluate("local list = {} for key in pairs(" .. expression .. ") do list[#list + 1] = key end "
      .. "table.sort(list) return table.concat(list, ' ')")
  end

  local cases = {
    { "math", "floor huge max maxinteger min mininteger tointeger type" },
    { "string", "byte char format len lower sub upper" },
    { "table", "concat sort unpack" },
    { "require 'moonward'", "allow both deny hide now regex resolve stamp takes_all view warn watch_containers window" },
    { "require 'lpeg'", "B C Carg Cb Cc Cf Cg Cmt Cp Cs Ct P R S V match type version" },
  }
  for _, case in ipairs(cases) do
    it("of " .. case[1] .. " is exactly: " .. case[2], function()
      assert.equal(case[2], keys(case[1]))
    end)
  end

  local globals = "assert error ipairs math next pairs pcall require select string table tonumber tostring type"
  it("of globals is exactly: " .. globals, function()
    local all = {}
    for _, name in ipairs(names.base) do
      all[#all + 1] = name
    end
    for name in pairs(names.libraries) do
      all[#all + 1] = name
    end
    all[#all + 1] = "require"
    table.sort(all)
    assert.equal(globals, table.concat(all, " "))
    for name in pairs(_G) do -- what Lua has and the list has not is not there
      local found = evaluate("local ok, value = pcall(function() return " .. name .. " end) return ok")
      assert.equal(tostring(string.find(" " .. globals .. " ", " " .. name .. " ", 1, true) ~= nil), found,
        name)
    end
  end)

  it("of modules is the list in host/names.lua, and each can be loaded", function()
    for _, name in ipairs(names.modules) do
      assert.equal("table", evaluate("return type(require '" .. name .. "')"), name)
    end
  end)
end)

describe("a policy cannot reach", function()
  local out = {
    { "files", "io.open('/etc/passwd')", "io is not in the sandbox; " },
    { "processes", "os.execute('id')", "os is not in the sandbox; " },
    { "the debug library", "debug.getregistry()", "debug is not in the sandbox; " },
    { "packages", "package.loadlib('x', '*')", "package is not in the sandbox; " },
    { "load", "load('return 1')", "load is not in the sandbox; " },
    { "dofile", "dofile('x')", "dofile is not in the sandbox; " },
    { "the globals as a table", "_G.x", "_G is not in the sandbox; " },
    { "metatables", "getmetatable('').__index", "getmetatable is not in the sandbox; " },
    { "setmetatable", "setmetatable({}, {})", "setmetatable is not in the sandbox; " },
    { "rawset", "rawset(request, 'method', 'GET')", "rawset is not in the sandbox; " },
    { "coroutines", "coroutine.wrap(print)", "coroutine is not in the sandbox; " },
    { "the collector", "collectgarbage('count')", "collectgarbage is not in the sandbox; " },
    { "string.rep", "string.rep('', 1 << 50)", "string.rep is not in the sandbox; use a loop" },
    { "string.dump", "string.dump(tostring)", "string.dump is not in the sandbox; " },
    { "patterns", "string.find('a', 'a')", "string.find is not in the sandbox; use moonward.regex(p):find(s)" },
    { "string methods by the metatable", "('x'):rep(9)", "string.rep is not in the sandbox; " },
    { "patterns by the metatable", "('x'):gsub('x', 'y')", "string.gsub is not in the sandbox; use lpeg.Cs" },
    { "table.move", "table.move({}, 1, 1 << 50, 2)", "table.move is not in the sandbox; " },
    { "table.insert", "table.insert({}, 1, 0)", "table.insert is not in the sandbox; use list[#list + 1] = value" },
    { "lpeg.setmaxstack", "require 'lpeg'.setmaxstack(1 << 30)", "lpeg.setmaxstack is not in the sandbox; " },
    { "lpeg's functions by a pattern", "require 'lpeg'.P(1):setmaxstack(1 << 30)",
      "lpeg.setmaxstack is not in the sandbox; " },
    { "the parts of moonward", "require 'moonward.host.native'", "no module 'moonward.host.native'" },
    { "its C functions", "require 'moonward.core'", "no module 'moonward.core'" },
    { "cjson", "require 'cjson'", "no module 'cjson'; use moonward.json; it can require lpeg, moonward" },
    { "io by require", "require 'io'", "no module 'io'; use an option that the policy declares" },
    { "what is there already, by require", "require 'string'", "no module 'string'; use it without require" },
    { "string.match", "string.match('a', 'a')", "policy.lua:3: string.match is not in the sandbox; use moonward" },
    { "a clock", "os.time()", "os is not in the sandbox; use an option that the policy declares, with env = for a" },
    { "the terminal", "print('x')", "print is not in the sandbox; use moonward.warn(text)" },
    { "a function that no Lua has", "string.formt('x')", "string has no 'formt'; did you mean 'format'?" },
    { "a function that moonward has not", "moonward.alow()", "moonward has no 'alow'; did you mean 'allow'?" },
    { "one of a module", "require 'moonward.glob'.complie('x')", "moonward.glob has no 'complie'; did you mean 'compile'?" },
    { "request.is with a dot", "request.is('container.list')", "policy.lua:3: write request:is(...), with a colon" },
    { "request.header with a dot", "request.header('host')", "policy.lua:3: write request:header(...), with a colon" },
    { "request.values with a dot", "request.values 't'", "policy.lua:3: write request:values(...), with a colon" },
    { "files elsewhere", "require '../other'", "no module '../other'" },
    { "files by path", "require '/etc/passwd'", "no module '/etc/passwd'" },
    { "a private metatable of the request", "request.__index", "unknown field '__index' of request" },
    { "a client's metatable", "client.__gc", "unknown field '__gc' of client" },
    { "names of new globals", "x = 1", "policies have no globals, write: local x" },
  }
  for _, case in ipairs(out) do
    it(case[1], function()
      local verdict = decide((string.find(case[2], "^x = ") and "" or "return ") .. case[2])
      assert.is_false(verdict.allowed)
      assert.is_true(verdict.failed)
      assert.equal(403, verdict.status)
      has(verdict.reason, case[3])
    end)
  end

  it("a module that is not there, and is told which are", function()
    local verdict = decide "return require 'moonward.operation'"
    has(verdict.reason, "did you mean 'moonward.operations'?")
    has(verdict.reason, "moonward.cidr")
  end)

  it("a file that is not there, and is told what is called nearly so", function()
    local file = folder.write(folder.new() .. "/p.lua", "local moonward = require 'moonwrd'")
    local fine, message = pcall(test.policy, file)
    assert.is_false(fine)
    has(message, "moonwrd.lua: No such file or directory; did you mean 'moonward'?")
  end)
end)

describe("a policy that does not end", function()
  local ways = {
    { "an endless loop", "while true do end" },
    { "a long for", "for i = 1, 1e18 do end" },
    { "recursion by tail calls", "local function f() return f() end f()" },
    { "errors caught for ever", "while true do pcall(error) end" },
    { "the limit's error caught", "while true do pcall(function() while true do end end) end" },
    { "the limit's error caught last", "pcall(function() while true do end end) return moonward.allow()" },
    { "a comparison that never agrees", "local t = {} for i = 1, 20000 do t[i] = i % 7 end "
      .. "while true do pcall(table.sort, t, function() while true do end end) end" },
    { "a capture of LPeg that loops", "local lpeg = require 'lpeg' "
      .. "lpeg.match(lpeg.Cmt(1, function() while true do end end), 'x')" },
    { "a capture of LPeg that loops and is caught", "local lpeg = require 'lpeg' "
      .. "while true do pcall(lpeg.match, lpeg.P(1) / function() while true do end end, 'x') end" },
    { "a goto", "::again:: goto again" },
    { "an iterator that never ends", "for _ in function() return 1 end do end" },
  }
  for _, way in ipairs(ways) do
    it("is stopped: " .. way[1], function()
      local verdict = decide(way[2], nil, { instructions = 200000 })
      assert.is_false(verdict.allowed)
      assert.is_true(verdict.failed)
      has(verdict.reason, "instruction limit reached in policy policy (")
      has(verdict.where, "policy.lua:3")
    end)
  end

  it("is stopped by time, if its instructions are slow", function()
    local verdict = decide("local t = {} for i = 1, 100000 do t[i] = -i end "
      .. "while true do table.sort(t) for i = 1, #t do t[i] = -t[i] end end", nil, { burst_us = 100000 })
    assert.is_false(verdict.allowed)
    has(verdict.reason, "limit reached in policy")
  end)
end)

describe("a policy that takes memory without end", function()
  local ways = {
    { "a string", "local s = 'x' while true do s = s .. s end" },
    { "a table", "local t = {} for i = 1, 1e9 do t[i] = i end" },
    { "the call stack", "local function f() return 1 + f() end f()" },
    { "and catches the error", "pcall(function() local s = 'x' while true do s = s .. s end end) "
      .. "return moonward.allow()" },
    { "regular expressions", "local t = {} for i = 1, 1e9 do t[i] = moonward.regex('a{50}' .. i) end" },
    { "LPeg", "local lpeg = require 'lpeg' local p = lpeg.P 'a' while true do p = p * p end" },
    { "a format", "local t = {} for i = 1, 1e9 do t[i] = string.format('%99.99f', i) end" },
  }
  for _, way in ipairs(ways) do
    it("is stopped: " .. way[1], function()
      local verdict = decide(way[2], nil, { memory = 8 << 20 })
      assert.is_false(verdict.allowed)
      assert.is_true(verdict.failed)
      has(verdict.reason, "memory")
    end)
  end

  it("is denied, and the next request is not", function()
    local path = write [[
      local moonward = require "moonward"
      return function(client, request)
        if request.path == "/_ping" then return moonward.allow() end
        local t = {}
        while true do t[#t + 1] = moonward.regex("a" .. #t) end
      end
    ]]
    local policy = test.policy(path, {}, { limits = { memory = 8 << 20 } })
    for _ = 1, 3 do
      assert.is_false(policy:decide({ path = "/info" }).allowed)
      assert.is_true(policy:decide({ path = "/_ping" }).allowed)
    end
  end)
end)

describe("an error of a policy", function()
  local errors = {
    { "a text", "error('oh no')", "policy.lua:3: oh no" },
    { "a text without place", "error('oh no', 0)", "policy.lua:3: oh no" },
    { "nil", "error(nil)", "(the error is nil)" },
    { "a table", "error({})", "(the error is not a text)" },
    { "a number", "error(42)", "(the error is not a text)" },
    { "a bad argument", "string.byte({})", "bad argument #1 to 'byte'" },
    { "a missing field", "local x = request.nothing", "unknown field 'nothing' of request" },
    { "an allowance that is raised", "error(moonward.allow())", "(the error is not a text)" },
  }
  for _, case in ipairs(errors) do
    it("denies and says where: " .. case[1], function()
      local verdict = decide(case[2])
      assert.is_false(verdict.allowed)
      assert.is_true(verdict.failed)
      assert.equal(403, verdict.status)
      has(verdict.reason, "policy policy failed")
      has(verdict.reason, case[3])
      has(verdict.where, "policy.lua:3")
    end)
  end
end)

describe("an answer that is no verdict", function()
  local answers = {
    { "true", "boolean" }, { "'allow'", "string" }, { "1", "number" }, { "false", "boolean" },
    { "{}", "table" }, { "{ allowed = true, kind = 'allow', status = 0 }", "table" },
    { "moonward.allow", "function" }, { "request", "userdata" }, { "client", "userdata" },
  }
  for _, answer in ipairs(answers) do
    it("is a denial: " .. answer[1], function()
      local verdict = decide("return " .. answer[1])
      assert.is_false(verdict.allowed)
      assert.is_true(verdict.failed)
      has(verdict.reason, "decide returned a " .. answer[2])
      has(verdict.where, "policy.lua:2")
    end)
  end

  it("cannot be made of one by writing to it", function()
    local verdict = decide "local v = moonward.deny('no') v.allowed = true return v"
    assert.is_false(verdict.allowed)
    assert.is_true(verdict.failed)
  end)
end)

describe("what is read-only", function()
  local writes = {
    { "request.method = 'GET'", "request is read-only" },
    { "request.new = 1", "request is read-only" },
    { "request.query.all = '1'", "request.query is read-only" },
    { "client.address = '127.0.0.1'", "client is read-only" },
    { "client.labels.admin = 'yes'", "client.labels is read-only" },
    { "options.x = 1", "options are read-only" },
  }
  for _, write_case in ipairs(writes) do
    it("stays so: " .. write_case[1], function()
      local verdict = decide(write_case[1])
      assert.is_true(verdict.failed)
      has(verdict.reason, write_case[2])
    end)
  end
end)

describe("a name that does not exist", function()
  local typos = {
    { "request.pth", "unknown field 'pth' of request; did you mean 'path'?" },
    { "request.Method", "did you mean 'method'?" },
    { "request.targt", "unknown field 'targt' of request; did you mean 'target'?" },
    { "client.adress", "unknown field 'adress' of client; did you mean 'address'?" },
    { "options.homepagelable", "unknown option 'homepagelable'" },
    { "request:is('container.lst')", "unknown operation 'container.lst'; did you mean 'container.list'?" },
    { "request:is('system.ping', 'container.lst')", "unknown operation 'container.lst'" },
    { "request:is('containers.*')", "unknown operation 'containers.*'; did you mean 'container.*'?" },
    { "request:is('*')", "unknown operation '*'" },
    { "request:is()", "expected the name of an operation" },
    { "request:is(1)", "unknown operation '1'" },
    { "tabel.concat({})", "unknown name 'tabel'; did you mean 'table'?" },
    { "moonward.allow { olny = function() end }", "moonward.allow: unknown option 'olny'; did you mean 'only'?" },
    { "moonward.allow { only = true }", "moonward.allow: only is a boolean, expected a function" },
    { "moonward.allow { redact = {} }", "moonward.allow: redact: expected a list of paths" },
    { "moonward.allow { redact = { { 'a', keep = { 'b\\n' } } } }", "keep[1] is not the name of a variable" },
    { "moonward.allow { redact = { {} } }", "moonward.allow: redact: expected a path" },
    { "moonward.allow { rle = 'x' }", "did you mean 'rule'?" },
    { "moonward.allow('yes')", "expected a table of options, got a string" },
    { "moonward.deny('no', { stats = 404 })", "unknown option 'stats'; did you mean 'status'?" },
    { "moonward.deny()", "moonward.deny: expected a reason, got nil" },
    { "moonward.deny('')", "expected a reason, got an empty text" },
    { "moonward.deny('no', { status = 200 })", "status is 200, expected 400 to 599" },
    { "moonward.deny('no', { rule = 1 })", "moonward.deny: rule is a number, expected a text" },
    { "moonward.hide(404)", "moonward.hide: the message is a number, expected a text" },
    { "moonward.regex('(')", "invalid regex \"(\": missing ): (" },
    { "moonward.regex(nil)", "moonward.regex: expected a pattern, got a nil" },
    { "moonward.resolve('a b')", "moonward.resolve: expected the name of a host, got \"a b\"" },
  }
  for _, typo in ipairs(typos) do
    it("denies, and says which was meant: " .. typo[1], function()
      local verdict = decide("return " .. typo[1])
      assert.is_false(verdict.allowed)
      assert.is_true(verdict.failed)
      has(verdict.reason, typo[2])
      has(verdict.where, "policy.lua:")
    end)
  end
end)

describe("a policy that keeps what is not its own", function()
  local function kept(expression)
    local path = write([[
      local moonward = require "moonward"
      local kept
      return function(client, request)
        if request.path == "/_ping" then
          kept = { client = client, request = request, query = request.query, labels = client.labels }
          return moonward.allow()
        end
        return moonward.deny(tostring(]] .. expression .. [[))
      end
    ]])
    local policy = test.policy(path)
    assert.is_true(policy:decide({ path = "/_ping?a=1", client = { labels = { a = "1" } } }).allowed)
    return policy:decide { path = "/info", body = "x" }
  end

  for _, expression in ipairs {
    "kept.request.path", "kept.request.body", "kept.request.id", "kept.request:header('host')",
    "kept.request:is('system.ping')", "kept.request:values('a')", "kept.query.a", "pairs(kept.query)",
    "kept.client.address", "kept.client.labels", "kept.client.container", "kept.request.query",
    "tostring(kept.request)",
  } do
    it("gets an error: " .. expression, function()
      local verdict = kept(expression)
      assert.is_true(verdict.failed)
      has(verdict.reason, "request is over")
    end)
  end
end)
