-- moonward.test itself: what is misspelt in a spec is an error, and not another spec.
local folder = require "spec.support.folder"
local test = require "moonward.test"

local path = folder.write(folder.new() .. "/house.lua",
  'local moonward = require "moonward"\nreturn function() return moonward.allow() end')

local function case(fields)
  fields.path = "/_ping"
  return function()
    local policy = test.policy(path)
    policy:decide(fields)
  end
end

local function settings(fields)
  return function()
    test.policy(path, {}, fields)
  end
end

local function verdict(key)
  return function()
    local found = test.policy(path):decide { path = "/_ping" }
    return found[key]
  end
end

describe("a spec cannot misspell", function()
  local cases = {
    { "a key of a case", case { metod = "POST" }, "unknown key 'metod' in the case, did you mean method?" },
    { "a key that stands elsewhere", case { limts = { memory = 1 } },
      "unknown key 'limts' in the case, limits is a key of the settings" },
    { "a key that is near none", case { whatever = 1 }, "unknown key 'whatever' in the case; known are answer, answer_status, " },
    { "a key of its client", case { client = { label = {} } }, "unknown key 'label' in the client, did you mean labels?" },
    { "a key of the client's container", case { client = { container = { name = "a", lables = {} } } },
      "unknown key 'lables' in the container, did you mean labels?" },
    { "a key of the engine's containers", case { containers = { { nmae = "a" } } },
      "unknown key 'nmae' in the container, did you mean name?" },
    { "a key of a container's network", case { containers = { { name = "a", networks = { b = { adress = "10.0.0.1" } } } } },
      "unknown key 'adress' in the endpoint, did you mean address?" },
    { "a key of the engine's answer", case { engine = { ["/info"] = { code = 200 } } }, "unknown key 'code' in the reply" },
    { "what is no table", case { client = "10.0.0.1" }, "expected a table as the client, got a string" },
    { "a key of the settings", settings { environmnt = {} },
      "unknown key 'environmnt' in the settings, did you mean environment?" },
    { "a key of the limits", settings { limits = { memmory = 1 } }, "unknown key 'memmory' in the limits, did you mean memory?" },
    { "an option", function() test.policy("homepage", { homepagelabl = "x" }) end,
      "unknown option -homepagelabl; did you mean -homepagelabel?" },
    { "what a verdict says", verdict "alowed", "unknown key 'alowed' in the verdict, did you mean allowed?" },
    { "what a refusal says", function()
      local found = test.policy(path):decide { path = "//" }
      return found.satus
    end, "unknown key 'satus' in the verdict, did you mean status?" },
  }
  for _, one in ipairs(cases) do
    it(one[1], function()
      local ok, message = pcall(one[2])
      assert.is_false(ok)
      assert.is_truthy(message:find("test_spec.lua:%d+: "), message)
      assert.is_truthy(message:find(one[3], 1, true), message)
    end)
  end

  it("and reads what a verdict does not have as nil", function()
    local found = test.policy(path):decide { path = "/_ping" }
    assert.is_true(found.allowed)
    assert.is_nil(found.body)
    assert.is_nil(found.answer)
  end)
end)
