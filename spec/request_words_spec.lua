-- request:flag, request:reads and patterns of request:is, as a policy calls them in the sandbox.
local folder = require "spec.support.folder"
local operations = require "moonward.operations"
local test = require "moonward.test"

local place, count = folder.new(), 0

local function policy(line)
  count = count + 1
  return test.policy(folder.write(place .. "/house" .. count .. ".lua",
    'local moonward = require "moonward"\nreturn function(_, request)\n' .. line .. "\nend"))
end

local function says(expression)
  return policy("return moonward.deny(tostring(" .. expression .. "))")
end

describe("request:flag", function()
  local of, of_default = says 'request:flag "x"', says 'request:flag("x", true)'

  -- query, what the engine makes of it, and where it is on by default
  for _, case in ipairs {
    { "", false, true },
    { "y=1", false, true },
    { "x", false, false },
    { "x=", false, false },
    { "x=0", false, false },
    { "x=no", false, false },
    { "x=No", false, false },
    { "x=FALSE", false, false },
    { "x=none", false, false },
    { "x=%20none+", false, false },
    { "x=%09false", false, false },
    { "x=%C2%A0false%E2%80%83", false, false },
    { "x=%E3%80%80", false, false },
    { "x=1", true, true },
    { "x=true", true, true },
    { "x=off", true, true },
    { "x=f", true, true },
    { "x=00", true, true },
    { "x=nil", true, true },
    { "x=false%C2", true, true },
  } do
    it(("reads '%s' as %s"):format(case[1], case[2]), function()
      local path = "/containers/json?" .. case[1]
      assert.equal(tostring(case[2]), of:decide { path = path }.reason)
      assert.equal(tostring(case[3]), of_default:decide { path = path }.reason)
    end)
  end

  -- parameter, method, path, what it is where the engine has it on by default
  for _, case in ipairs {
    { "pause", "POST", "/commit?pause=", true },
    { "pause", "POST", "/commit?pause=0", false },
    { "rm", "POST", "/build?rm=", true },
    { "rm", "POST", "/build?forcerm=1", true },
    { "nocache", "POST", "/build?nocache=", false },
    { "all", "GET", "/libpod/containers/json?all=", true },
    { "all", "GET", "/libpod/containers/json?all=f", false },
    { "all", "GET", "/libpod/containers/json?all=on", true },
  } do
    it(("knows what %s of %s is"):format(case[1], case[3]), function()
      local verdict = says('request:flag("' .. case[1] .. '", true)'):decide { method = case[2], path = case[3] }
      assert.equal(tostring(case[4]), verdict.reason)
    end)
  end

  it("refuses what podman refuses", function()
    local verdict = says 'request:flag "all"':decide { path = "/libpod/containers/json?all=yes" }
    assert.equal(400, verdict.status)
    assert.equal("query: all is neither true nor false", verdict.reason)
  end)
end)

describe("request:reads", function()
  local reads = says "request:reads()"

  for _, operation in ipairs(operations.list) do
    it("is " .. tostring(not operation.writes) .. " of " .. operation.name, function()
      local path = operation.path:gsub("{[^}]*}", "some.name")
      assert.equal(tostring(not operation.writes), reads:decide { method = operation.method, path = path }.reason)
    end)
  end

  it("is false of a route that nobody knows", function()
    assert.equal("false", reads:decide { path = "/containers/x/unheard" }.reason)
  end)
end)

describe("request:is with a pattern", function()
  local lists = says 'request:is("*.list", "*.prune")'

  -- method, path, whether one of the patterns has it
  for _, case in ipairs {
    { "GET", "/containers/json", true },
    { "GET", "/images/json", true },
    { "GET", "/libpod/pods/json", true },
    { "POST", "/volumes/prune", true },
    { "GET", "/containers/x/json", false },
    { "GET", "/unheard", false },
  } do
    it(("%s %s %s"):format(case[3] and "has" or "has not", case[1], case[2]), function()
      for _ = 1, 2 do -- the second time it is remembered
        assert.equal(tostring(case[3]), lists:decide { method = case[1], path = case[2] }.reason)
      end
    end)
  end

  it("has what a name beside it has", function()
    assert.equal("true", says 'request:is("container.list", "*.prune")':decide { path = "/containers/json" }.reason)
  end)
end)

describe("misuse is an error in its line:", function()
  -- what is written in line 3, the message
  for _, case in ipairs {
    { 'request:is "*.lits"', "unknown operation '*.lits'" },
    { 'request:is("system.ping", "*.lits")', "unknown operation '*.lits'" },
    { 'request:is "[a"', "unknown operation '[a'" },
    { "request:is(7)", "unknown operation '7'" },
    { "request:is({})", "unknown operation 'table" },
    { 'request.flag "x"', "write request:flag(...), with a colon" },
    { "request:flag(7)", "request:flag: expected the name of a parameter, got a number" },
    { 'request:flag("x", "yes")', "request:flag: the default is a string, expected true or false" },
    { "request.reads()", "write request:reads(...), with a colon" },
    { "request:reeds()", "unknown field 'reeds' of request; did you mean 'reads'?" },
  } do
    it(case[1], function()
      local verdict = policy("local found = " .. case[1] .. "\nreturn moonward.deny(tostring(found))")
        :decide { path = "/_ping" }
      assert.is_true(verdict.failed)
      assert.is_truthy(verdict.where:find(":3$"), verdict.where)
      assert.is_truthy(verdict.reason:find(case[2], 1, true), verdict.reason)
    end)
  end
end)
