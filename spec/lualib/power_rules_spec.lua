-- What each kind of pattern takes is in spec/policies/no-host-power_spec.lua; here is the module's own side.
local power_rules = require "moonward.power_rules"
local json = require "moonward.json"

local function create(body)
  return {
    operation = "container.create", method = "POST", path = "/containers/create", version = "1.47",
    query = {}, has_body = true, body = body, json = json.decode(body),
  }
end

describe("power_rules.read", function()
  local bind = create '{"HostConfig":{"Binds":["/srv/a:/a","/etc:/b"]}}'

  it("refuses a power that no entry names, and says which, where, and what would allow it", function()
    local reason, more = power_rules.read({ "bind=/srv" }, "allowpower")(bind)
    assert.equal("not allowed: bind /etc (HostConfig.Binds[2])", reason)
    assert.same({ rule = "bind", hint = "-allowpower=bind=/etc" }, more)
  end)

  it("counts the others", function()
    assert.equal("not allowed: bind /srv/a (HostConfig.Binds[1]) and 1 more", (power_rules.read({})(bind)))
  end)

  it("gives no hint where there is no option", function()
    local _, more = power_rules.read({})(bind)
    assert.same({ rule = "bind" }, more)
  end)

  it("refuses nothing that is listed, with commas between or not", function()
    assert.is_nil(power_rules.read({ "volume,bind=/srv", "", "bind=/etc" })(bind))
    assert.is_nil(power_rules.read({})(create '{"Image":"x"}'))
  end)

  -- body, the power that "ordinary" does not let through; nil: it lets all
  for _, case in ipairs {
    { '{"Image":"a","HostConfig":{"Binds":["v:/data"],"PortBindings":{"80/tcp":[{"HostPort":"8080"}]}}}' },
    { '{"HostConfig":{"RestartPolicy":{"Name":"always"},"Dns":["1.1.1.1"]}}' },
    { '{"HostConfig":{"Binds":["/etc:/b"]}}', "bind" },
    { '{"HostConfig":{"Privileged":true}}', "privileged" },
    { '{"HostConfig":{"PidMode":"host"}}', "host-namespace" },
    { '{"HostConfig":{"PidMode":"container:x"}}', "joined-namespace" },
    { '{"HostConfig":{"VolumesFrom":["x"]}}', "volumes-from" },
    { '{"HostConfig":{"CapAdd":["NET_ADMIN"]}}', "capability" },
    { '{"HostConfig":{"Runtime":"kata"}}', "runtime" },
  } do
    it(("takes %s for %s"):format(case[1], case[2] or "ordinary"), function()
      local _, more = power_rules.read { "ordinary" }(create(case[1]))
      assert.equal(case[2], more and more.rule)
    end)
  end

  it("takes other entries beside ordinary", function()
    assert.is_nil(power_rules.read { "ordinary,bind=/srv" }(create '{"HostConfig":{"Binds":["/srv:/b","v:/c"]}}'))
  end)

  -- entry, message
  local mistakes = {
    { "ordinary=x", "allowpower: 'ordinary=x': it is a list of powers and takes no pattern" },
    { "ordinry", "allowpower: unknown power 'ordinry', did you mean ordinary?" },
    { "bnd", "allowpower: unknown power 'bnd'" },
    { "bind=srv", "allowpower: 'bind=srv': expected a directory that begins with /" },
    { "privileged=1", "allowpower: 'privileged=1': this power takes no pattern" },
    { "port=x", "allowpower: 'port=x': expected [address:]port" },
    { "not-understood", "allowpower: 'not-understood' cannot be let through" },
  }
  for _, case in ipairs(mistakes) do
    it("does not take " .. case[1], function()
      local ok, message = pcall(power_rules.read, { case[1] }, "allowpower")
      assert.is_false(ok)
      assert.equal(case[2], message:sub(1, #case[2]))
    end)
  end
end)
