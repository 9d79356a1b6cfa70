-- `moonward test`: what it says of specs, of those that are broken in every way too; that the same files do the
-- same with busted; and that the specs of the policies that ship reach all of their verdicts.

local cli = require "spec.support.pinger"
local daemon = require "spec.support.daemon"
local folder = require "spec.support.folder"
local process = require "spec.support.process"

local place = folder.new()
local count = 0

folder.write(place .. "/panel.lua", [[
local moonward = require "moonward"
local allow = moonward.allow

local policy = { summary = "Pings.", options = { { name = "list", kind = "file", help = "A list." } } }

function policy.decide(client, request, options)
  if request:is("system.ping") then
    return allow()
  elseif request:is("container.remove") then
    moonward.warn "somebody removes" -- moonward.deny("not a call")
    return moonward.deny("no removes", { rule = "removes", hint = "nothing" })
  elseif request:is("image.list") then
    return moonward.hide()
  elseif request:is("volume.list") then
    error "it errs"
  end
end

return policy
]])

local head = [[
local test = require "moonward.test"
local panel = test.policy "panel.lua"
]]

-- A file of specs in a folder of its own, beside the policy.
local function spec(text)
  count = count + 1
  return folder.write(("%s/case%d_spec.lua"):format(place, count), text)
end

local function run(...)
  return daemon.run({ "test", ... }, { timeout = 300 })
end

local function check(result, code, parts)
  for _, part in ipairs(parts) do
    assert.is_truthy(result.stdout:find(part, 1, true), "expected: " .. part .. "\n" .. result.stdout .. result.stderr)
  end
  assert.equal(code, result.code, result.stdout .. result.stderr)
end

describe("moonward test", function()
  -- A name, the body of a case, and what is said.
  local failures = {
    { "a denial that was expected to be none", 'assert.allows(panel:decide { method = "DELETE", path = "/containers/a" })',
      "expected that it is allowed; it was denied\n    status     403\n    operation  container.remove\n    policy     panel\n"
        .. "    rule       removes\n", "/panel.lua:11\n    reason     no removes\n    to allow   nothing\n    log        ",
      'text="somebody removes"' },
    { "a denial with another reason", 'assert.denies(panel:decide { method = "DELETE", path = "/containers/a" }, "no pings")',
      'expected that it is denied ("no pings"); the reason is another', "reason     no removes" },
    { "an allowance that was expected to be none", 'assert.denies(panel:decide { path = "/_ping" })',
      "expected that it is denied; it was allowed" },
    { "a policy that errs, which is no denial", 'assert.denies(panel:decide { path = "/volumes" })',
      "expected that it is denied; the policy failed", "it errs" },
    { "a request that no policy saw", 'assert.denies(panel:decide { path = "/a/../b" })', "it was refused before any policy" },
    { "another value", 'assert.equal("a", "b")', 'expected "a", got "b"' },
    { "long texts", 'assert.equal(("x"):rep(90) .. "y", ("x"):rep(90) .. "z")', "they differ from letter 91 on" },
    { "where tables differ", "assert.same({ a = { 1, { b = 2 } } }, { a = { 1, { b = 3 } } })", "at .a[2].b: expected 2, got 3" },
    { "a message of its own", 'assert.is_true(false, "it should")', "it should\n  expected true, got false" },
    { "an error that did not come", "assert.has_error(function() end)", "expected the error, got none" },
    { "an error that came", 'assert.has_no.errors(function() error("x", 0) end)', 'expected no error, got "x"' },
    { "a pattern", 'assert.matches("^b", "abc")', '"abc" does not match "^b"' },
  }
  for _, case in ipairs(failures) do
    it("says of " .. case[1], function()
      local path = spec(head .. 'describe("panel", function()\n  it("is tried", function()\n    ' .. case[2]
        .. "\n  end)\nend)\n")
      check(run(path), 1, { "FAILED panel is tried\n  " .. path:sub(-20):match "case.*" and "FAILED panel is tried\n",
        "_spec.lua:4\n", "_spec.lua:5\n", "0 passed, 1 failed, 0 errors, 0 pending in 1 file\n", table.unpack(case, 3) })
    end)
  end

  -- A name, a whole file, and what is said. All end with 1 and in time.
  local broken = {
    { "a syntax error", "it('x', function( end)", "_spec.lua:1: " },
    { "an error outside of all cases", "error 'here'", "_spec.lua:1: here" },
    { "no case at all", "local x = 1", "there is no case in it" },
    { "an endless loop", "it('x', function() while true do end end)", "instruction limit reached" },
    { "one that catches the error", "it('x', function() while true do pcall(function() while true do end end) end end)",
      "instruction limit reached" },
    { "an endless loop outside of all cases", "while true do end", "instruction limit reached" },
    { "a recursion without end", "it('x', function() local function f() return 1 + f() end f() end)", "stack overflow" },
    { "a hog", "it('x', function() local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1e6) .. i end end)", "not enough memory" },
    { "a text without end", "it('x', function() return ('x'):rep(1e12) end)", "_spec.lua:1" },
    { "hosts without end", "local test = require 'moonward.test' it('x', function() local t = {}"
      .. " for i = 1, 1e6 do t[i] = test.policy 'default' end end)",
      "not enough memory" },
    { "an error that is a table", "it('x', function() error { code = 7 } end)", "an error that is no text: { code = 7 }" },
    { "an error that is itself", "it('x', function() local t = {} t.t = t error(t) end)", "{ t = (itself) }" },
    { "an error that is nil", "it('x', function() error() end)", "an error that is no text: nil" },
    { "an error that has no name", "it('x', function() error(setmetatable({}, { __tostring = function() error 'y' end })) end)",
      "an error that is no text" },
    { "an error in a hook", "before_each(function() error 'early' end) it('x', function() end)", "early" },
    { "an error in a setup", "describe('a', function() setup(function() error 'early' end)"
      .. " it('x', function() end) end)", "early" },
    { "a case inside of a case", "it('x', function() it('y', function() end) end)", "not inside of a case" },
    { "a name that is none", "it(nil, function() end)", "expected a text as the first argument, got a nil" },
    { "a case without a function", "it('x')", "expected a function as the second argument, got a nil; pending(name) is for" },
    { "an assertion that does not exist", "it('x', function() assert.is_tru(1) end)", "assert has no 'is_tru'" },
    { "a verdict that is none", "it('x', function() assert.denies('no') end)", "expected a verdict" },
    { "a case with a slip", head .. "it('x', function() panel:decide { pth = '/' } end)", "did you mean path?" },
    { "a policy that is called with a dot", head .. "it('x', function() panel.decide { path = '/' } end)",
      "write policy:decide" },
    { "a policy that does not exist", "require('moonward.test').policy 'nonesuch'", "nonesuch" },
    { "a file of the machine", "it('x', function() io.open '/etc/passwd' end)", "io is not in the sandbox of moonward test" },
    { "a module that is not there", "require 'cjson'", "there is no module 'cjson'" },
    { "a way out of the folder", "require '..etc'", "there is no module '..etc'" },
    { "the inside of the host", "require 'moonward.native'", "there is no module 'moonward.native'" },
    { "a finalizer", "it('x', function() setmetatable({}, { __gc = function() while true do end end }) end)", "has a __gc" },
    { "bytecode", "\27Lua", "_spec.lua" },
    { "a loop in C", "it('x', function() table.move({}, 1, 1 << 50, 2) end)", "table.move: expected at most" },
    { "metatables that raise", "it('x', function() assert.same({ setmetatable({}, { __index = function() error 'z' end }) },"
      .. " { { a = 1 } }) end)", "_spec.lua:1" },
    { "a request that is itself", head .. "it('x', function() local c = {} c.labels = c c.name = c"
      .. " panel:decide { path = '/x', containers = c } end)",
      "0 passed" },
  }
  for _, case in ipairs(broken) do
    it("lives with " .. case[1], function()
      local result = run(spec(case[2]))
      if case[3] == "0 passed" then
        assert.is_truthy(result.code == 0 or result.code == 1, result.stderr)
      else
        check(result, 1, { case[3] })
      end
      assert.equal("", result.stderr)
    end)
  end

  it("goes on with the next file", function()
    local bad = spec "while true do end"
    local good = spec(head .. "it('x', function() assert.allows(panel:decide { path = '/_ping' }) end)")
    check(run(bad, good), 1, { "1 passed, 0 failed, 1 error, 0 pending in 2 files" })
  end)

  it("ends what hangs inside of C, and says where", function()
    local path = spec "it('x', function() return (('a'):rep(60)):find(('a?'):rep(60) .. ('a'):rep(60)) end)"
    local result = run(path, "-policytime=10", "-policyhang=100")
    assert.equal(1, result.code, result.stdout)
    assert.is_truthy(result.stderr:find("hangs at .*_spec%.lua:1: it stays in one call of a C function"), result.stderr)
  end)

  -- arguments, exit code, standard error
  for _, case in ipairs {
    { { "/nowhere" }, 2, "moonward: test: /nowhere: No such file or directory" },
    { { "-min=50" }, 2, "moonward: -min says how many verdicts have to be reached; it needs -coverage" },
    { { "-coverage", "-min=101" }, 1, "moonward: -min: expected 0 to 100" },
    { { "-covrage" }, 2, "unknown option -covrage; did you mean -coverage?" },
  } do
    it("refuses " .. table.concat(case[1], " "), function()
      local result = run(table.unpack(case[1]))
      assert.equal(case[2], result.code)
      assert.is_truthy(result.stderr:find(case[3], 1, true), result.stderr)
    end)
  end

  it("leaves to busted what says so", function()
    check(run(spec "-- a spec\n-- needs busted: it starts a process\nos.exit(3)"), 0,
      { "left to busted: it starts a process\n", "0 passed, 0 failed, 0 errors, 0 pending in 0 files, 1 file left to busted" })
  end)

  it("finds files and policies from the folder of the spec", function()
    folder.write(place .. "/list.txt", "a\n")
    check(run(spec([[
local test = require "moonward.test"
it("x", function() assert.allows(test.policy("./panel.lua", { list = "list.txt" }):decide { path = "/_ping" }) end)
]])), 0, { "1 passed" })
  end)

  local covered = spec(head .. [[
it("x", function()
  assert.allows(panel:decide { path = "/_ping" })
  assert.denies(panel:decide { method = "DELETE", path = "/containers/a" }, "no removes")
end)
]])

  it("says which verdicts were not reached, and which operations", function()
    check(run(covered, "-coverage"), 0, { "panel: 2 of 3 verdicts reached, 66 %\n", "/panel.lua:13  return moonward.hide()\n",
      "operations: 1 allowed, 1 denied, " })
  end)

  it("fails below -min", function()
    check(run(covered, "-coverage", "-min=66"), 0, {})
    check(run(covered, "-coverage", "-min=67"), 1, { "FAILED panel: 66 % of its verdicts were reached; -min asks for 67" })
  end)

  it("runs them again when a file changes", function()
    local policy = cli.folder .. "/watched.lua"
    local text = 'return function() return require("moonward").%s end'
    folder.write(policy, text:format "allow()")
    local path = folder.write(cli.folder .. "/watched_spec.lua", [[
local test = require "moonward.test"
it("x", function() assert.allows(test.policy("watched.lua"):decide { path = "/_ping" }) end)
]])
    local watching = process.start({ daemon.binary, "test", "-watch", path }, {})
    assert.is_truthy(watching:shows("Ctrl-C ends it", 60))
    folder.write(policy, text:format "deny('not now')")
    assert.is_truthy(watching:shows("0 passed, 1 failed", 60))
    watching:kill "INT"
    assert.is_truthy(watching:wait(20))
  end)
end)

-- What busted says of a file: passed, failed, errors, pending.
local function by_busted(...)
  local line = 'exec lua5.4 "$(command -v busted)" -o plainTerminal "$@"'
  local result = process.run({ "sh", "-c", line, "sh", ... }, { timeout = 300 })
  local counts = { result.stdout:match "(%d+) success%a* / (%d+) failures? / (%d+) errors? / (%d+) pending" }
  for i = 1, 4 do
    counts[i] = assert(tonumber(counts[i]), result.stdout .. result.stderr)
  end
  return counts
end

local function by_moonward(...)
  local result = run(...)
  local counts = { result.stdout:match "(%d+) passed, (%d+) failed, (%d+) errors?, (%d+) pending" }
  for i = 1, 4 do
    counts[i] = tonumber(counts[i])
  end
  return counts, result.stdout
end

describe("the same specs with busted and with moonward test", function()
  it("come to the same, word by word", function()
    local path = spec(head .. [[
local order = {}
local function note(what) return function() order[#order + 1] = what end end
before_each(note "outer before")
after_each(note "outer after")
describe("a", function()
  setup(note "setup") teardown(note "teardown") before_each(note "before") after_each(note "after")
  it("one", function() finally(note "finally") note "one" () end)
  describe("b", function()
    before_each(note "inner before")
    it("two", note "two")
  end)
  for _, case in ipairs { { 1, 1 }, { 1, 2 }, { "a", "a" } } do
    it("compares " .. case[1] .. " and " .. case[2], function() assert.equal(case[1], case[2]) end)
  end
  pending "later"
  it("no more", function() pending "why" end)
  it("errs", function() local x x.y = 1 end)
end)
describe("after a", function()
  it("ran in this order", function()
    local text = table.concat(order, ", ")
    assert.matches("^setup, outer before, before, one, finally, after, outer after, outer before, before,"
      .. " inner before, two,", text)
    assert.matches("teardown, outer before$", text)
  end)
end)
describe("broken", function() error "in a describe" end)
describe("assertions", function()
  it("hold", function()
    assert(1) assert.truthy(1) assert.is_truthy(1) assert.falsy(nil) assert.is_nil(nil) assert.is_not_nil(1)
    assert.equals(1, 1) assert.are.equal(1, 1) assert.are_not.equal(1, 2) assert.not_equal(1, 2) assert.is_not.equal(1, 2)
    assert.same({ a = { 1 } }, { a = { 1 } }) assert.are_not.same({ 1 }, { 2 }) assert.is_true(true) assert.is_false(false)
    assert.has_error(function() error("x", 0) end, "x") assert.has.errors(function() error() end)
    assert.has_no.errors(function() end) assert.error_matches(function() error "abc" end, "b")
    assert.matches("^a", "abc") assert.is_string("") assert.is_table({}) assert.is_number(1) assert.near(1, 1.1, 0.2)
    assert.is_function(print) assert.no_matches("z", "abc")
    assert.has_error(function() assert.is_true(false) end)
  end)
  it("know verdicts", function()
    local verdict = panel:decide { method = "DELETE", path = "/containers/a" }
    assert.denies(verdict) assert.denies(verdict, "no rem") assert.is_not.allows(verdict) assert.not_allows(verdict)
    assert.allows(panel:decide { path = "/_ping" })
    assert.has_error(function() assert.denies(verdict, "another") end)
    assert.has_error(function() assert.allows(verdict) end)
    assert.has_error(function() assert.is_not.denies({}) end)
  end)
  for _, name in ipairs { "allows", "denies" } do
    it("fails: " .. name, function() assert[name](panel:decide { path = "/volumes" }) end)
  end
end)
]])
    local counts, text = by_moonward(path)
    assert.same(by_busted(path), counts, text)
    assert.same({ 7, 3, 2, 2 }, counts, text)
  end)

  it("come to the same for policies that ship", function()
    local files = { "spec/policies/ofelia_spec.lua", "spec/policies/default_labels_spec.lua", "spec/policies/agent_spec.lua" }
    local counts, text = by_moonward(table.unpack(files))
    assert.same(by_busted(table.unpack(files)), counts, text)
  end)

  -- What moonward.categories makes policies of has no verdict in its own text, and its specs need HAProxy.
  it("reach all verdicts of all policies that ship", function()
    local result = run("spec/policies", "-coverage", "-min=100")
    assert.equal(0, result.code, result.stdout)
    for name in process.run({ "ls", "policies" }, {}).stdout:gmatch "([%w_-]+)%.lua" do
      local covered = ("\n" .. result.stdout):find("\n" .. name:gsub("%-", "%%-") .. ": %d+ of %d+ verdicts reached, 100 %%")
      local file = assert(io.open("policies/" .. name .. ".lua"))
      local is_of_categories = file:read("a"):find('require "moonward.categories"', 1, true) ~= nil
      file:close()
      assert.is_true(covered ~= nil or is_of_categories, name .. " has no spec that moonward test runs")
    end
  end)
end)
