-- -allowpower, in every policy that has it: what an operator lists there is added, and takes nothing away.
local test = require "moonward.test"

local function options_of(policy)
  local found = {}
  for _, option in ipairs(policy:options()) do
    found[option.name] = option
  end
  return found
end

local seen = 0

describe("-allowpower of", function()
  for path in io.popen("ls policies/*.lua"):lines() do
    local name = string.match(path, "([^/]+)%.lua$")
    local ok, policy = pcall(test.policy, name)
    local options = ok and options_of(policy) or {}
    if options.allowpower then
      seen = seen + 1
      it(name .. " is empty by default, since a list of one's own takes the place of a default", function()
        assert.is_nil(options.allowpower.initial)
        assert.equal("MOONWARD_ALLOWPOWER", options.allowpower.env)
      end)
    end
  end

  it("the policies was looked at", function()
    assert.is_true(seen >= 10, tostring(seen))
  end)
end)

describe("to set -allowpower as the hint says", function()
  local function create(policy, host)
    return policy:decide {
      method = "POST", path = "/v1.47/containers/create?name=new", body = '{"Image":"a","HostConfig":' .. host .. "}",
      engine = { ["/networks/front"] = { body = '{"Id":"1f","Name":"front","Driver":"bridge"}' } },
    }
  end
  local bare = '"IpcMode":"private","CgroupnsMode":"private"'
  local common = '{"PortBindings":{"80/tcp":[{"HostPort":"8080"}]},"RestartPolicy":{"Name":"always"},'
    .. '"Binds":["data:/data"],' .. bare .. "}"
  local own = '{"Binds":["/srv/x:/x"],' .. bare .. "}"

  for name, options in pairs { ["portainer-operator"] = {}, wud = { wudupdate = true } } do
    it("adds to what " .. name .. " lets through", function()
      local before = test.policy(name, options)
      assert.is_true(create(before, common).allowed, create(before, common).reason)
      local denied = create(before, own)
      assert.is_false(denied.allowed)
      local hint = string.match(denied.hint, "allowpower=(%S+)$")
      assert.equal("bind=/srv/x", hint)
      local with = { allowpower = hint }
      for key, value in pairs(options) do
        with[key] = value
      end
      local after = test.policy(name, with)
      assert.is_true(create(after, own).allowed, create(after, own).reason)
      assert.is_true(create(after, common).allowed, create(after, common).reason)
    end)

    it("-commonpower takes away from what " .. name .. " lets through", function()
      local with = { commonpower = "volume" }
      for key, value in pairs(options) do
        with[key] = value
      end
      assert.is_false(create(test.policy(name, with), common).allowed)
    end)
  end
end)
