local powers = require "spec.support.powers"
local test = require "moonward.test"

local function policy(options)
  return test.policy("no-host-power", options)
end

-- "allowed", or the status and the reason.
local function answer(loaded, path, body, method)
  local verdict = loaded:decide { method = method or "POST", path = path, body = body }
  assert.is_false(verdict.failed or false, verdict.reason)
  return verdict.allowed and "allowed" or verdict.status .. " " .. verdict.reason, verdict
end

local function is_denied(loaded, path, body, status)
  local got, verdict = answer(loaded, path, body)
  assert.is_false(verdict.allowed, body)
  assert.equal(status or 403, verdict.status, got)
end

describe("no-host-power", function()
  local closed = policy {}

  for _, row in ipairs(powers.rows) do
    it("denies " .. row.fragment .. " in " .. row.path, function()
      is_denied(closed, row.path, row.body)
    end)
  end

  local seen = {}
  for _, row in ipairs(powers.rows) do
    if not seen[row.group] then
      seen[row.group] = true
      it("allows " .. row.harmless_body .. " in " .. row.path, function()
        assert.equal("allowed", answer(closed, row.path, row.harmless_body))
      end)
    end
  end
end)

-- The same fragment as other clients may write it; the engine takes each of them, or did.
describe("no-host-power denies in HostConfig,", function()
  local closed = policy {}

  local function create(body)
    return "/v1.41/containers/create", '{"Image":"busybox",' .. body .. "}"
  end

  -- The first key in another case, or with its first letter as an escape.
  local function with_key(fragment, change)
    return (fragment:gsub('^"([^"]+)"', function(key) return '"' .. change(key) .. '"' end))
  end

  local function escaped(key)
    return ("\\u%04x"):format(key:byte()) .. key:sub(2)
  end

  local function with_other(fragment)
    return fragment:match('^"[^"]+":') .. "7777"
  end

  for _, row in ipairs(powers.rows) do
    if row.group == powers.host_config then
      local lower, upper = with_key(row.fragment, string.lower), with_key(row.fragment, string.upper)
      local spellings = {
        { "in lower case", '"hostconfig":{' .. lower .. "}" },
        { "in upper case", '"HOSTCONFIG":{' .. upper .. "}" },
        { "with an escape", '"HostConfig":{' .. with_key(row.fragment, escaped) .. "}" },
        { "with an escape in HostConfig", '"\\u0048ostConfig":{' .. row.fragment .. "}" },
        { "at the top", row.fragment },
        { "at the top, in lower case", lower },
        { "at the top beside null", '"HostConfig":null,' .. row.fragment },
        { "at the top beside HostConfig", '"HostConfig":{},' .. row.fragment },
        { "twice", '"HostConfig":{' .. row.fragment .. "," .. row.fragment .. "}" },
        { "twice, in two cases", '"HostConfig":{' .. row.fragment .. "," .. lower:gsub("^\"", "\"", 1) .. "," .. upper
          .. "}" },
        { "twice, with two values", '"HostConfig":{' .. row.fragment .. "," .. with_other(row.fragment) .. "}", 400 },
        { "twice, in two cases, with two values", '"HostConfig":{' .. with_other(lower) .. "," .. row.fragment .. "}", 400 },
        { "in the first of two HostConfigs", '"HostConfig":{' .. row.fragment .. '},"HostConfig":{}', 400 },
        { "in the first of two, in two cases", '"HostConfig":{' .. row.fragment .. '},"hostconfig":{}', 400 },
        { "with U+017F in HostConfig", '"Ho\u{17f}tConfig":{' .. row.fragment .. "}", 400 },
        { "with U+017F as an escape", '"Ho\\u017ftConfig":{' .. row.fragment .. "}", 400 },
        { "with a NUL in the key", '"HostConfig\\u0000":{' .. row.fragment .. "}", 400 },
      }
      for _, spelling in ipairs(spellings) do
        it(row.fragment .. " " .. spelling[1], function()
          local path, body = create(spelling[2])
          is_denied(closed, path, body, spelling[3])
        end)
      end
    end
  end

  it("keys with U+017F and U+212A for s and k", function()
    for _, fragment in ipairs { '"Bind\u{17f}":["/:/h"]', '"Networ\u{212a}Mode":"host"', '"Networ\\u212aMode":"host"' } do
      local path, body = create('"HostConfig":{' .. fragment .. "}")
      is_denied(closed, path, body, 400)
    end
  end)

  it("a body with something behind it", function()
    is_denied(closed, "/v1.41/containers/create", '{"Image":"x"}{"HostConfig":{"Privileged":true}}', 400)
    is_denied(closed, "/v1.41/containers/create", '{"Image":"x"}}', 400)
  end)
end)

describe("-allowpower", function()
  local function host(fragment)
    return '{"Image":"busybox","HostConfig":{' .. fragment .. "}}"
  end

  -- entry, fragment of HostConfig, whether it is allowed
  local cases = {
    { "bind", '"Binds":["/etc:/h"]', true },
    { "bind=/srv", '"Binds":["/srv:/h"]', true },
    { "bind=/srv", '"Binds":["/srv/a:/h","/srv/b:/i"]', true },
    { "bind=/srv/", '"Mounts":[{"Type":"bind","Source":"/srv/x","Target":"/h"}]', true },
    { "bind=/srv", '"Binds":["/srvx:/h"]', false },
    { "bind=/srv", '"Binds":["/srv/../etc:/h"]', false },
    { "bind=/srv", '"Binds":["/srv:/h","/etc:/i"]', false },
    { "bind=/srv", '"Binds":["srv:/h"]', false },
    { "bind=/srv", '"Binds":["/srv:/h:rshared"]', false },
    { "bind=/srv,propagation", '"Binds":["/srv:/h:rshared"]', true },
    { "bind=/srv", '"Mounts":[{"Type":"volume","Target":"/h","VolumeOptions":{"DriverConfig":{"Options":'
      .. '{"type":"none","o":"bind","device":"/srv/x"}}}}]', true },
    { "bind=/", '"Mounts":[{"Type":"volume","Target":"/h","VolumeOptions":{"DriverConfig":{"Options":'
      .. '{"type":"ext4","device":"/dev/vda"}}}}]', false },
    { "bind=/srv", '"Privileged":true,"Binds":["/srv:/h"]', false },
    { "privileged", '"Privileged":true', true },
    { "capability", '"CapAdd":["ALL"]', true },
    { "capability=NET_BIND_SERVICE", '"CapAdd":["NET_BIND_SERVICE"]', true },
    { "capability=cap_net_*", '"CapAdd":["CAP_NET_RAW","net_admin"]', true },
    { "capability=NET_*", '"CapAdd":["ALL"]', false },
    { "capability=NET_*", '"CapAdd":["NET_RAW","SYS_ADMIN"]', false },
    { "device=/dev/fuse", '"Devices":[{"PathOnHost":"/dev/fuse"}]', true },
    { "device=/dev/fuse", '"Devices":[{"PathOnHost":"/dev"}]', false },
    { "device=/dev/dri", '"Devices":[{"PathOnHost":"/dev/dri/card0"}]', true },
    { "port", '"PublishAllPorts":true', true },
    { "port=8080", '"PortBindings":{"80/tcp":[{"HostPort":"8080"}]}', true },
    { "port=8080", '"PortBindings":{"80/tcp":[{"HostIp":"127.0.0.1","HostPort":"8080"}]}', true },
    { "port=127.0.0.1:8080", '"PortBindings":{"80/tcp":[{"HostPort":"8080"}]}', false },
    { "port=127.0.0.1:*", '"PortBindings":{"80/tcp":[{"HostIp":"127.0.0.1","HostPort":"22"}]}', true },
    { "port=[::1]:1-99", '"PortBindings":{"80/tcp":[{"HostIp":"::1","HostPort":"22"}]}', true },
    { "port=8000-8999", '"PortBindings":{"80/tcp":[{"HostPort":"8100-8200"}]}', true },
    { "port=8000-8999", '"PortBindings":{"80/tcp":[{"HostPort":"8900-9000"}]}', false },
    { "port=8000-8999", '"PortBindings":{"80/tcp":[{"HostPort":""}]}', false },
    { "port=8000-8999", '"PortBindings":{"80/tcp":[{"HostPort":"x"}]}', false },
    { "port=*", '"PortBindings":{"80/tcp":[{"HostPort":"x"}]}', false },
    { "port=0", '"PortBindings":{"80/tcp":[{"HostPort":""}]}', true },
    { "volume=web_*", '"Binds":["web_data:/d"]', true },
    { "volume=web_*", '"Binds":["db_data:/d"]', false },
    { "network=*_net", '"NetworkMode":"app_net"', true },
    { "network", '"NetworkMode":"host"', false },
    { "network=*", '"NetworkMode":"container:db"', false },
    { "host-namespace=net", '"NetworkMode":"host"', true },
    { "host-namespace=net", '"PidMode":"host"', false },
    { "joined-namespace=net:vpn", '"NetworkMode":"container:vpn"', true },
    { "joined-namespace=net:vpn", '"PidMode":"container:vpn"', false },
    { "sysctl=net.*", '"Sysctls":{"net.core.somaxconn":"1"}', true },
    { "sysctl=net.*", '"Sysctls":{"kernel.msgmax":"1"}', false },
    { "restart-policy=unless-stopped", '"RestartPolicy":{"Name":"unless-stopped"}', true },
    { "unknown-field=New*", '"NewThing":1', true },
    { "unknown-field=New*", '"Other":1', false },
    { " bind , port", '"Binds":["/etc:/h"]', true },
    { "Bind", '"Binds":["/etc:/h"]', "unknown power 'Bind', did you mean bind?" },
    { "capabilty=X", "", "unknown power 'capabilty', did you mean capability?" },
    { "privileged=true", "", "'privileged=true': this power takes no pattern" },
    { "bind=srv", "", "'bind=srv': expected a directory that begins with /" },
    { "bind=", "", "'bind=': expected a directory that begins with /" },
    { "port=80-", "", "'port=80-': expected [address:]port" },
    { "volume=[a", "", "'volume=[a': '[a' is not a glob: no ']'" },
    { "not-understood", "", "cannot be let through" },
  }
  for _, case in ipairs(cases) do
    local entry, fragment, expected = table.unpack(case)
    if type(expected) == "string" then
      it("=" .. entry .. " stops the start", function()
        local ok, message = pcall(policy, { allowpower = entry })
        assert.is_false(ok)
        assert.is_truthy(message:find(expected, 1, true), message)
      end)
    else
      it(("=%s %s %s"):format(entry, expected and "lets through" or "denies", fragment), function()
        local got = answer(policy { allowpower = entry }, "/v1.41/containers/create", host(fragment))
        assert.equal(expected, got == "allowed", got)
      end)
    end
  end

  it("takes several, and lists with commas", function()
    local loaded = policy { allowpower = { "bind=/srv,bind=/data", "privileged,," } }
    for _, fragment in ipairs { '"Binds":["/srv/a:/h"]', '"Binds":["/data/a:/h"]', '"Privileged":true' } do
      assert.equal("allowed", answer(loaded, "/v1.41/containers/create", host(fragment)))
    end
  end)

  it("comes from variables as well", function()
    local loaded = test.policy("no-host-power", {}, { environment = {
      MOONWARD_ALLOWPOWER = "bind=/srv", MOONWARD_ALLOWPOWER_GPU = "device-request",
    } })
    assert.equal("allowed", answer(loaded, "/v1.41/containers/create", host '"Binds":["/srv:/h"]'))
    assert.equal("allowed", answer(loaded, "/v1.41/containers/create", host '"DeviceRequests":[{"Driver":"x"}]'))
  end)

  it("never lets through what is not understood", function()
    local loaded = policy { allowpower = "bind,unknown-field,unknown-value" }
    is_denied(loaded, "/v1.41/containers/create", host '"Binds":"/etc:/h"')
  end)
end)

describe("no-host-power says", function()
  local closed = policy {}
  -- body of a create, reason, hint
  local cases = {
    { '{"HostConfig":{"Binds":["/etc:/h"]}}', "not allowed: bind /etc (HostConfig.Binds[1])", "-allowpower=bind=/etc" },
    { '{"HostConfig":{"Privileged":true}}', "not allowed: privileged (HostConfig.Privileged)", "-allowpower=privileged" },
    { '{"HostConfig":{"Privileged":true,"PidMode":"host","CapAdd":["ALL"]}}',
      "not allowed: privileged (HostConfig.Privileged) and 2 more", "-allowpower=privileged" },
    { '{"HostConfig":{"Annotations":{"a":"b*"}}}', "not allowed: annotation a=b* (HostConfig.Annotations.a)",
      "-allowpower=annotation" },
    { '{"HostConfig":{"CgroupParent":"' .. ("ä"):rep(60) .. '"}}',
      "not allowed: cgroup-parent " .. ("ä"):rep(40) .. "... (HostConfig.CgroupParent)", "-allowpower=cgroup-parent" },
    { '{"HostConfig":{"CgroupParent":"x' .. ("ä"):rep(60) .. '"}}',
      "not allowed: cgroup-parent x" .. ("ä"):rep(39) .. "... (HostConfig.CgroupParent)", "-allowpower=cgroup-parent" },
    { '{"HostConfig":{"Privileged":1}}',
      "not allowed: not-understood expected true or false, got a number (HostConfig.Privileged)", "" },
  }
  for _, case in ipairs(cases) do
    it(case[2], function()
      local verdict = closed:decide { method = "POST", path = "/v1.41/containers/create", body = case[1] }
      assert.equal(case[2], verdict.reason)
      assert.equal(case[3], verdict.hint or "")
    end)
  end
end)

describe("no-host-power: the rest", function()
  -- method, path, allowed
  local cases = {
    { "GET", "/v1.41/containers/json", true },
    { "POST", "/v1.41/containers/x/stop", true },
    { "DELETE", "/v1.41/containers/x", true },
    { "POST", "/v1.41/containers/x/attach", true },
    { "POST", "/v1.41/build?t=x", true },
    { "POST", "/v1.41/build?t=x&networkmode=host", false },
    { "PUT", "/v1.41/containers/x/archive?path=/", false },
    { "POST", "/v1.41/plugins/x/enable", false },
    { "DELETE", "/v1.41/plugins/x", false },
    { "POST", "/v1.41/swarm/init", false },
    { "GET", "/v1.41/swarm", false },
    { "GET", "/v1.41/swarm/unlockkey", false },
    { "POST", "/session", false },
    { "POST", "/grpc", false },
    { "DELETE", "/v1.41/containers/x/checkpoints/c?dir=/srv", false },
    { "POST", "/v1.41/nobody/knows", false },
    { "GET", "/v1.41/nobody/knows", true },
  }
  local open, beside = policy {}, policy { allowrest = false }
  for _, case in ipairs(cases) do
    local method, path, allowed = table.unpack(case)
    it(("%s %s %s"):format(method, path, allowed and "is allowed" or "is denied"), function()
      assert.equal(allowed, answer(open, path, nil, method) == "allowed")
    end)
  end

  it("with -allowrest=false is left to other policies", function()
    local verdict = beside:decide { path = "/v1.41/containers/json" }
    assert.is_false(verdict.allowed)
    assert.equal("", verdict.rule or "")
    local both = test.policy({ "default", "no-host-power" }, { allowGET = "/.*", allowPOST = "/.*", allowrest = false })
    local client = { address = "127.0.0.1" }
    assert.is_true(both:decide({ path = "/v1.41/containers/json", client = client }).allowed)
    assert.is_false(both:decide({ method = "POST", path = "/v1.41/containers/create", client = client,
      body = '{"HostConfig":{"Privileged":true}}' }).allowed)
  end)

  it("is still for the other policy to allow", function()
    local both = test.policy({ "default", "no-host-power" }, { allowGET = "/v1.41/info" })
    local client = { address = "127.0.0.1" }
    assert.is_false(both:decide({ path = "/v1.41/containers/json", client = client }).allowed)
    assert.is_true(both:decide({ path = "/v1.41/info", client = client }).allowed)
  end)
end)

describe("no-host-power takes the host's network for what it is, by its id as well:", function()
  local host = { body = '{"Id":"0123456789abcdef","Name":"host","Driver":"host","Labels":{}}' }
  local other = { body = '{"Id":"cafe","Name":"cafe","Driver":"bridge","Labels":{}}' }
  local networks = { ["/networks/0123456789abcdef"] = host, ["/networks/0"] = host, ["/networks/cafe"] = other }
  local rules = test.policy("no-host-power", { allowpower = { "network" } })
  local namespace = test.policy("no-host-power", { allowpower = { "network", "host-namespace=net" } })

  for _, case in ipairs {
    { "/containers/create", '{"HostConfig":{"NetworkMode":"0123456789abcdef"}}', false },
    { "/containers/create", '{"HostConfig":{"NetworkMode":"0"}}', false },
    { "/containers/create", '{"HostConfig":{"NetworkMode":"cafe"}}', true },
    { "/containers/create", '{"NetworkingConfig":{"EndpointsConfig":{"x":{"NetworkID":"0123456789abcdef"}}}}', false },
    { "/containers/create", '{"NetworkingConfig":{"EndpointsConfig":{"0":{}}}}', false },
    { "/networks/0123456789abcdef/connect", '{"Container":"x"}', false },
    { "/networks/host/connect", '{"Container":"x"}', false },
    { "/networks/cafe/connect", '{"Container":"x","EndpointConfig":{"NetworkID":"0"}}', false },
    { "/services/create", '{"TaskTemplate":{"Networks":[{"Target":"host"}]}}', false },
    { "/build?networkmode=0", "", false },
  } do
    it(case[1] .. " " .. case[2], function()
      local request = { method = "POST", path = "/v1.41" .. case[1], body = case[2], engine = networks }
      local verdict = rules:decide(request)
      assert.equal(case[3], verdict.allowed, verdict.reason)
      assert.is_truthy(case[3] or verdict.reason:find("host-namespace net", 1, true), verdict.reason)
      assert.is_true(namespace:decide(request).allowed)
    end)
  end
end)
