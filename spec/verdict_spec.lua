-- What a policy makes it returns: a denial that was made and lost is an error, and so a denial.
local folder = require "spec.support.folder"
local test = require "moonward.test"

local place = folder.new()
local count = 0

local function load(body)
  count = count + 1
  return test.policy(folder.write(place .. "/house" .. count .. ".lua",
    'local moonward = require "moonward"\n' .. body)), "house" .. count .. ".lua"
end

local function decide(body)
  local policy, file = load(body)
  local verdict = policy:decide { method = "DELETE", path = "/v1.47/containers/web",
    containers = { { name = "web" } } }
  return verdict, file
end

describe("a verdict that was made and not returned ends the run:", function()
  -- what was done, the body of the policy from its second line on, where, and what of
  local cases = {
    { "a denial in front of an allowance",
      'return function()\nmoonward.deny "no"\nreturn moonward.allow()\nend', 3, "moonward.deny was called here" },
    { "a denial, and no opinion", 'return function()\nmoonward.deny "no"\nend', 3, "moonward.deny was called here" },
    { "hiding", "return function()\nmoonward.hide()\nreturn moonward.allow()\nend", 3, "moonward.hide was called here" },
    { "one of two denials", 'return function()\nlocal a = moonward.deny "a"\nreturn a and moonward.deny "b"\nend', 3,
      "moonward.deny was called here" },
    { "an allowance with conditions",
      'return function()\nmoonward.allow { redact = { "Config.Env" } }\nreturn moonward.allow()\nend', 3,
      "moonward.allow with conditions, or moonward.view," },
    { "a view", "return function()\nmoonward.view { container = function() end, image = true, network = true, volume = true }\n"
      .. "return moonward.allow()\nend", 3, "moonward.allow with conditions, or moonward.view," },
    { "a denial that a pcall caught",
      'return function()\npcall(function()\nerror(moonward.deny "no") end)\nreturn moonward.allow()\nend', 4,
      "moonward.deny was called here" },
    { "a denial behind a question to the engine",
      'return function(_, request)\nif request.target then\nmoonward.deny "no" end\nreturn moonward.allow()\nend', 4,
      "moonward.deny was called here" },
    { "more than are remembered one by one",
      'return function()\nfor _ = 1, 100 do\nmoonward.deny "no" end\nreturn moonward.deny "last"\nend', 4,
      "moonward.deny was called here" },
  }
  for _, case in ipairs(cases) do
    it(case[1], function()
      local verdict, file = decide(case[2])
      assert.is_false(verdict.allowed)
      assert.is_true(verdict.failed)
      assert.equal(403, verdict.status)
      local where = place .. "/" .. file .. ":" .. case[3]
      assert.equal(where, verdict.where)
      assert.is_truthy(verdict.reason:find(" failed: " .. where .. ": " .. case[4], 1, true), verdict.reason)
    end)
  end

  it("a denial in the edit of a body", function()
    local policy = load('return function()\nreturn moonward.allow { edit = function(body)\n'
      .. 'if body.User == "root" then moonward.deny "no" end\nbody.User = "1000" end }\nend')
    local function ask(user)
      return policy:decide { method = "POST", path = "/v1.47/containers/create", body = '{"User":"' .. user .. '"}' }
    end
    assert.is_true(ask("me").allowed)
    local verdict = ask "root"
    assert.is_true(verdict.failed)
    assert.is_truthy(verdict.reason:find("lua:4: moonward.deny was called here", 1, true), verdict.reason)
  end)

  it("with what the policy behind it says, too", function()
    local first = folder.write(place .. "/first.lua",
      'local moonward = require "moonward"\nreturn function() moonward.deny "no" end')
    local verdict = test.policy({ first, "read-only" }):decide { path = "/_ping" }
    assert.is_false(verdict.allowed)
    assert.equal("first", verdict.policy)
  end)
end)

describe("a verdict in the middle of an answer", function()
  it("ends it", function()
    local policy = load('return function()\nreturn moonward.allow { only = function(one)\n'
      .. 'if one.name == "b" then moonward.deny "no" end\nreturn true end }\nend')
    local verdict = policy:decide { path = "/v1.47/containers/json", answer = '[{"Names":["/a"]},{"Names":["/b"]}]' }
    assert.equal(502, verdict.answer_status)
    assert.is_truthy(table.concat(policy:log(), "\n"):find("lua:4: a verdict in the middle of an answer", 1, true))
  end)
end)

describe("a verdict is not lost", function()
  local cases = {
    { "that was made when the policy was loaded",
      'local NO, YES = moonward.deny "no", moonward.allow()\nreturn function() return NO or YES end', false },
    { "an allowance that a denial takes the place of",
      'return function()\nlocal yes = moonward.allow { redact = { "Config.Env" } }\n'
        .. 'return yes and moonward.deny "no"\nend', false },
    { "an allowance without conditions", "return function()\nmoonward.allow()\nreturn moonward.allow()\nend", true },
    { "that is kept from one request to the next",
      'local no\nreturn function()\nno = no or moonward.deny "no"\nreturn no\nend', false },
    { "that was raised as an error", 'return function()\nerror(moonward.deny "no")\nend', false },
  }
  for _, case in ipairs(cases) do
    it(case[1], function()
      local policy = load(case[2])
      for _ = 1, 3 do
        local verdict = policy:decide { method = "DELETE", path = "/v1.47/containers/web" }
        assert.equal(case[3], verdict.allowed)
        assert.is_false(verdict.failed, verdict.reason)
      end
    end)
  end
end)
