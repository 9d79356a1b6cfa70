-- Several policies at a time, and what can be wrong with the file of one.
local folder = require "spec.support.folder"
local test = require "moonward.test"

local function write(text, name, directory)
  directory = directory or folder.new()
  return folder.write(directory .. "/" .. (name or "policy") .. ".lua", text), directory
end

local function has(text, part)
  return assert.truthy(string.find(text, part, 1, true), ("'%s' is not in: %s"):format(part, text))
end

describe("two policies", function()
  local function two(first, second, request)
    local directory = folder.new()
    return test.policy({ (write(first, "first", directory)), (write(second, "second", directory)) })
      :decide(request or { path = "/containers/x/json" })
  end
  local allows = "local moonward = require 'moonward' return function() return moonward.allow() end"

  local changes = {
    { "a library", "string.lower = nil table.concat = nil", "assert(string.lower and table.concat)" },
    { "the methods of strings", "string.lower = function() return '' end", "assert(('A'):lower() == 'a')" },
    { "a module", "require 'moonward'.allow = nil", "assert(require 'moonward'.allow)" },
    { "a table inside a module", "require 'moonward.operations'.names['nonsense'] = true",
      "assert(not require 'moonward.operations'.names['nonsense'])" },
    { "a table that a module returns", "require 'moonward.operations'.find('GET', '/info').name = 'x'",
      "assert(require 'moonward.operations'.find('GET', '/info').name == 'system.info')" },
    { "the methods of an object", "local c = require 'moonward.cidr'.parse('10.0.0.0/8').__index "
      .. "c.contains = nil",
      "assert(require 'moonward.cidr'.parse('10.0.0.0/8'):contains('10.0.0.1'))" },
    { "lpeg", "require 'lpeg'.match = nil", "assert(require 'lpeg'.match)" },
    { "a pattern's methods", "require 'lpeg'.P(1).__index.match = nil",
      "assert(require 'lpeg'.P(1):match('a') == 2)" },
    { "the body", "request.json.a = 2", "assert(request.json.a == 1)" },
  }
  for _, change in ipairs(changes) do
    it("do not see what the other changes: " .. change[1], function()
      local verdict = two("return function(client, request) local _ = pcall(function() " .. change[2]
        .. " end) end", "local moonward = require 'moonward' return function(client, request) " .. change[3]
        .. " return moonward.allow() end", { method = "POST", path = "/containers/create", body = '{"a":1}' })
      assert.equal("", verdict.reason)
      assert.is_true(verdict.allowed)
    end)
  end

  local none = "return function() end"
  local denies = "local moonward = require 'moonward' return function() return moonward.deny('no') end"
  local fails = "return function() error('oh') end"
  local combinations = {
    { "both allow", allows, allows, true, "first" },
    { "the first denies", denies, allows, false, "first" },
    { "the second denies", allows, denies, false, "second" },
    { "only the second speaks", none, allows, true, "second" },
    { "only the first speaks", allows, none, true, "first" },
    { "the second fails", allows, fails, false, "second" },
    { "nobody speaks", none, none, false, "" },
  }
  for _, case in ipairs(combinations) do
    it((case[4] and "allow" or "deny") .. " when " .. case[1], function()
      local verdict = two(case[2], case[3])
      assert.equal(case[4], verdict.allowed)
      assert.equal(case[5], verdict.policy)
    end)
  end

  it("say what was asked for when nobody speaks", function()
    assert.equal("no policy allows GET /containers/x/json (container.inspect)", two(none, none).reason)
    assert.equal("no policy allows GET /nothing (unknown operation)", two(none, none, { path = "/nothing" }).reason)
  end)
end)

describe("a file of a policy", function()
  local function refusal(text, name)
    local path = write(text, name)
    local ok, message = pcall(test.policy, path)
    assert.is_false(ok)
    return message
  end

  local broken = {
    { "that is not Lua", "return funktion()\n\nend end", "policy.lua:3: " },
    { "that is bytecode", string.dump(function() end), "attempt to load a binary chunk" },
    { "that fails", "\nlocal x = nil + 1", "policy.lua:2: attempt to perform arithmetic" },
    { "that raises nothing", "error(nil)", "(the error is nil)" },
    { "that loops", "while true do end", "instruction limit reached" },
    { "that returns nothing", "local x = 1", "returned a nil, expected a function or a table with 'decide'" },
    { "that returns a text", "return 'allow'", "returned a string, expected a function" },
    { "with an unknown key", "return { decied = function() end }", "unknown key 'decied'; did you mean 'decide'?" },
    { "without decide", "return {}", "decide is a nil, expected a function" },
    { "with a decide that is none", "return { decide = true }", "decide is a boolean" },
    { "with a start that is none", "return { start = 1, decide = function() end }", "start is a number" },
    { "whose start fails", "return { start = function() error('no such regex', 0) end, decide = function() end }",
      "policy policy: no such regex" },
    { "that resolves while it starts", "local m = require 'moonward' return { start = function() m.resolve('a.b') "
      .. "end, decide = function() end }", "can be had only while a request is decided" },
    { "with an unknown method", "return { methods = { 'connect' }, decide = function() end }",
      "unknown method 'connect'" },
    { "with methods that are none", "return { methods = 'CONNECT', decide = function() end }", "methods is a string" },
    { "that requires itself", "require 'policy'", "it is being loaded" },
  }
  for _, case in ipairs(broken) do
    it("stops the start: one " .. case[1], function()
      local message = refusal(case[2])
      has(message, "policy")
      has(message, case[3])
    end)
  end

  it("can require files beside it, which see the same and no more", function()
    local directory = folder.new()
    write("local count = 0 return { next = function() count = count + 1 return count end }", "counter", directory)
    local path = write([[
      local moonward = require "moonward"
      local counter, again = require "counter", require "counter"
      return function() return moonward.deny(counter.next() .. again.next()) end
    ]], "policy", directory)
    assert.equal("12", test.policy(path):decide({ path = "/info" }).reason)
    write("return os", "bad", directory)
    local message = select(2, pcall(test.policy, (write("require 'bad'", "policy", directory))))
    has(message, "bad.lua:1: os is not in the sandbox; ")
    write("return return", "bad", directory)
    message = select(2, pcall(test.policy, (write("require 'bad'", "policy", directory))))
    has(message, "bad.lua:1:")
    message = select(2, pcall(test.policy, (write("require 'absent'", "policy", directory))))
    has(message, "absent.lua: No such file or directory")
    folder.write(directory .. "/bad.lua", string.dump(function() end))
    message = select(2, pcall(test.policy, (write("require 'bad'", "policy", directory))))
    has(message, "attempt to load a binary chunk")
  end)

  it("does not read files while it decides", function()
    local directory = folder.new()
    write("return {}", "late", directory)
    local policy = test.policy((write("return function() require 'late' end", "policy", directory)))
    has(policy:decide({ path = "/info" }).reason, "no module 'late'; it can require lpeg,")
  end)

  it("is a file: no folder, no device, and not too long", function()
    local directory = folder.new()
    os.execute("mkdir " .. directory .. "/folder.lua; mkfifo " .. directory .. "/pipe.lua")
    for _, name in ipairs { "folder", "pipe" } do
      has(select(2, pcall(test.policy, directory .. "/" .. name .. ".lua")),
        "expected a file, got " .. (name == "folder" and "a folder" or "something else"))
    end
    local path = write(string.rep("-", 2 << 20), "long", directory)
    has(select(2, pcall(test.policy, path)), "1 MiB")
    has(select(2, pcall(test.policy, directory .. "/absent.lua")), "absent.lua: No such file or directory")
    has(select(2, pcall(test.policy, "/dev/zero")), "expected a file, got something else")
  end)
end)
