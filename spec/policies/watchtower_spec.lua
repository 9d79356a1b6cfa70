local answers = require "spec.support.answers"
local client_row = require "spec.support.client_row"
local test = require "moonward.test"
local test_engine = require "moonward.test_engine"

local enable = "com.centurylinklabs.watchtower.enable"
local containers = {
  { name = "app", labels = { [enable] = "true" } }, { name = "web" }, { name = "host" }, { name = "guest" },
  { name = "branded", labels = { [enable] = "true" } }, { name = "large" }, { name = "lost" },
}

local app_networks = '{"app_default":{"NetworkID":"' .. test_engine.id "app_default" .. '","Aliases":["app"],"IPAMConfig":null}}'
local app_host = '{"NetworkMode":"app_default","Binds":["app_data:/d:rw"],"RestartPolicy":{"Name":"always"},"Runtime":"runc",'
  .. '"PortBindings":{"80/tcp":[{"HostIp":"","HostPort":"8080"}]},"IpcMode":"private","CgroupnsMode":"private","MaskedPaths":'
  .. '["/proc/asound","/proc/acpi","/proc/kcore","/proc/keys","/proc/latency_stats","/proc/timer_list","/proc/timer_stats",'
  .. '"/proc/sched_debug","/proc/scsi","/sys/firmware"],"ReadonlyPaths":["/proc/bus","/proc/fs","/proc/irq","/proc/sys",'
  .. '"/proc/sysrq-trigger"]}'
local bind = '{"NetworkMode":"default","Binds":["/srv/x:/d"]}'

local function inspect(name, host, networks)
  local image, labels = name == "branded" and "brand" or "x", "{}"
  if name == "app" or name == "branded" then
    labels = '{"' .. enable .. '":"true"}'
  end
  return { status = 200, body = ('{"Id":"%s","Name":"/%s","State":{"Status":"running"},"Image":"%s","Config":{"Image":"x",'
    .. '"Labels":%s,"Env":["A=b"]},"HostConfig":%s,"NetworkSettings":{"Networks":%s}}'):format(test_engine.id(name), name,
    image, labels, host, networks or "{}") }
end

local engine = answers { networks = { app_default = {}, prod = {} }, execs = {
    e1 = { container = "app", command = { "sh", "-c", "/pre.sh" } }, e2 = "host" },
  images = { x = {}, brand = { [enable] = "true" } } }
engine["/networks/" .. test_engine.id "app_default"] = engine["/networks/app_default"]
for _, one in ipairs { { "app", app_host, app_networks }, { "web", "{}" }, { "host", bind }, { "branded", "{}" },
  { "guest", '{"NetworkMode":"container:' .. test_engine.id "app" .. '"}' } } do
  engine["/containers/" .. one[1] .. "/json"] = inspect(table.unpack(one))
  engine["/containers/" .. test_engine.id(one[1]) .. "/json"] = inspect(table.unpack(one))
end
-- Containers that nobody can read, or ask about, are left out, and the others are not.
engine["/containers/" .. test_engine.id "large" .. "/json"] = inspect("large", '{"Dns":[' .. ("0,"):rep(40000) .. "0]}")
engine["/containers/" .. test_engine.id "lost" .. "/json"] = inspect("lost",
  '{"NetworkMode":"container:' .. ("x"):rep(600) .. '"}')

local create = "POST /containers/create"
local body = '{"Image":"x","Env":["A=b"],"Labels":{"' .. enable .. '":"true"},"HostConfig":' .. app_host
  .. ',"NetworkingConfig":{"EndpointsConfig":' .. app_networks .. "}}"
-- The powers that it lets through by default.
local default = { "address", "alias", "dns", "extra-host", "mac-address", "network", "port", "restart-policy", "ulimit",
  "volume" }

describe("watchtower's list", function()
  -- A list that the engine cuts, and the filter after it, would tell how many are left out.
  for _, query in ipairs { "limit=1", 'filters={"before":["web"]}', 'filters={"since":{"web":true}}', "filters=[" } do
    it("cannot be cut by the engine: " .. query, function()
      local verdict = test.policy("watchtower"):decide { path = "/containers/json?" .. query, containers = containers,
        engine = engine }
      assert.is_false(verdict.allowed)
      assert.is_false(verdict.failed, verdict.reason)
      assert.is_truthy(verdict.reason:find("^container.list: "), verdict.reason)
    end)
  end
end)

describe("watchtower", function()
  for _, case in ipairs(client_row("watchtower", {
    containers = containers, engine = engine, shown = { "app", "web", "branded" },
    always = {
      "HEAD /_ping", "GET /version", "GET /info", "GET /containers/json", "GET /containers/app/json",
      "GET /images/x/json", "POST /images/create?fromImage=x&tag=latest", "POST /containers/app/stop?signal=SIGTERM",
      "POST /containers/app/kill?signal=SIGTERM", "DELETE /containers/app?force=1", { create, body = body },
      "POST /containers/app/start",
      "POST /containers/app/rename?name=app", { "POST /containers/app/update", body = '{"RestartPolicy":{"Name":"no"}}' },
      { "POST /networks/app_default/connect", body = '{"Container":"app","EndpointConfig":{"Aliases":["app"]}}' },
      { "POST /networks/app_default/disconnect", body = '{"Container":"app","Force":true}' },
    },
    options = {
      watchtowercleanup = { "DELETE /images/x?force=1" },
      allowexec = { set = "--shell sh -c /pre.sh",
        { "POST /containers/app/exec", body = '{"Cmd":["sh","-c","/pre.sh"]}' }, { "POST /exec/e1/start", body = "{}" },
        "GET /exec/e1/json", "POST /exec/e1/resize?h=1&w=1",
      },
      watchtowerhooks = {
        { "POST /containers/app/exec", body = '{"Cmd":["/pre.sh"]}' }, { "POST /exec/e1/start", body = "{}" },
        "GET /exec/e1/json",
      },
    },
    creates = { request = create, may = default },
    denied = {
      "GET /containers/host/json", "POST /containers/host/stop", "DELETE /containers/host", "POST /containers/host/rename?name=x",
      { "POST /containers/host/exec", body = "{}" }, "POST /exec/e2/start",
      { create, body = '{"HostConfig":{"Binds":["/:/h"]}}' },
      { create, body = '{"HostConfig":{"Binds":["/var/run/docker.sock:/var/run/docker.sock"]}}' },
      { create, body = '{"HostConfig":{"Privileged":true}}' }, { create, body = '{"HostConfig":{"PidMode":"host"}}' },
      { create, body = '{"HostConfig":{"NetworkMode":"host"}}' }, { create, body = '{"HostConfig":{"MaskedPaths":[]}}' },
      { "POST /containers/app/exec", body = '{"Cmd":["id"],"Privileged":true}' },
      { "POST /containers/app/update", body = '{"Memory":1}' },
      "POST /containers/host/kill?signal=SIGTERM", "POST /images/x/tag?repo=y",
      { "POST /networks/app_default/connect", body = '{"Container":"host"}' },
      { "POST /networks/app_default/disconnect", body = '{"Container":"host"}' },
      { "POST /networks/app_default/disconnect", body = '{"Container":"nobody"}' },
    },
  })) do
    it(case.name, case.run)
  end
end)

describe("watchtower:", function()
  local function decide(options, text, json)
    local method, path = text:match "^(%S+) (.*)$"
    return test.policy("watchtower", options):decide { method = method, path = path, body = json, engine = engine,
      containers = containers }
  end

  -- options, request, body, reason; nil: allowed
  local cases = {
    { {}, "POST /containers/host/stop", nil,
      "host could not be made anew; not allowed: bind /srv/x (HostConfig.Binds[1])" },
    { {}, "GET /containers/host/json", nil,
      "host could not be made anew; not allowed: bind /srv/x (HostConfig.Binds[1])" },
    { { allowpower = "bind=/srv" }, "POST /containers/host/stop", nil, nil },
    { { commonpower = "bind=/srv" }, "POST /containers/app/stop", nil,
      "app could not be made anew; not allowed: unmasked-paths /proc/interrupts (HostConfig.MaskedPaths) and 9 more" },
    { { commonpower = "volume,port,restart-policy,runtime=runc,unmasked-paths,alias,network=app_*" },
      "POST /containers/app/stop", nil, nil },
    { { commonpower = "volume,port,restart-policy,runtime=runc,unmasked-paths,alias,network=app_*" }, create, body, nil },
    { { commonpower = "volume,port,restart-policy,runtime=runc,unmasked-paths,alias,network=p*" }, create, body,
      "not allowed: network app_default (HostConfig.NetworkMode) and 2 more" },
    { { watchtowerlabelled = true }, "POST /containers/app/stop", nil, nil },
    { { watchtowerlabelled = true }, "POST /containers/web/stop", nil,
      "it has no label com.centurylinklabs.watchtower.enable=true" },
    { {}, "POST /containers/web/stop", nil, nil },
    { { watchtowerlabelled = true }, create, body, nil },
    { { watchtowerlabelled = true }, create, '{"Image":"x"}',
      "what it makes has no label com.centurylinklabs.watchtower.enable=true" },
    { {}, create, '{"Image":"x"}', nil },
    { { watchtowerlabelled = true }, "POST /networks/app_default/connect", '{"Container":"web"}',
      "it has no label com.centurylinklabs.watchtower.enable=true" },
    -- what an old version chooses where an inspect says nothing
    { {}, "POST /v1.25/containers/web/kill", nil,
      "web could not be made anew; not allowed: shareable-ipc (HostConfig.IpcMode, by default below API 1.40) and 1 more" },
    { {}, "POST /v1.25/containers/app/kill", nil, nil },
    -- the network of another container, by its id in an inspect, by its name in a create
    { {}, "POST /containers/guest/kill", nil,
      "guest could not be made anew; not allowed: joined-namespace net:" .. test_engine.id "app"
        .. " (HostConfig.NetworkMode)" },
    { { allowpower = "joined-namespace=net:" .. test_engine.id "app" }, "POST /containers/guest/kill", nil,
      "guest could not be made anew; not allowed: joined-namespace net:/app (HostConfig.NetworkMode)" },
    { { allowpower = "joined-namespace" }, "POST /containers/guest/kill", nil, nil },
    -- a label that the image brings is left out of the create, which is denied for it
    { { watchtowerlabelled = true }, "POST /containers/branded/kill", nil,
      "branded could not be made anew; what it makes has no label com.centurylinklabs.watchtower.enable=true:"
        .. " its image brings that, and Watchtower leaves it out" },
    { {}, "POST /containers/branded/kill", nil, nil },
  }
  for i, case in ipairs(cases) do
    local options, text, json, reason = table.unpack(case, 1, 4)
    it(("case %d, %s is %s"):format(i, text, reason and "denied: " .. reason or "allowed"), function()
      local verdict = decide(options, text, json)
      assert.is_false(verdict.failed or false, verdict.reason)
      assert.equal(reason, not verdict.allowed and verdict.reason or nil)
    end)
  end

  it("leaves a container alone if another is in its network that it could not make anew", function()
    local both = setmetatable({}, { __index = engine })
    local list = ('[{"Id":"%s","Names":["/app"]},{"Id":"%s","Names":["/guest"],"HostConfig":{"NetworkMode":"container:%s"}}]')
      :format(test_engine.id "app", test_engine.id "guest", test_engine.id "app")
    both["/containers/json?all=1"] = { status = 200, body = list }
    local function ask(options, method, path)
      return test.policy("watchtower", options):decide { method = method, path = path, engine = both,
        containers = containers, answer = method == "GET" and list or nil }
    end
    local text = "another is in its network; guest could not be made anew; not allowed: joined-namespace net:"
    assert.equal(1, ask({}, "POST", "/containers/app/kill").reason:find(text, 1, true))
    assert.equal("[]", ask({}, "GET", "/containers/json").answer)
    local open = { allowpower = "joined-namespace" }
    assert.is_true(ask(open, "POST", "/containers/app/kill").allowed)
    assert.equal(list, ask(open, "GET", "/containers/json").answer)
    -- Watchtower itself leaves what is not labelled without its network
    assert.is_true(ask({ watchtowerlabelled = true }, "POST", "/containers/app/kill").allowed)
  end)

  it("answers 404 about what it could not make anew, and says in the log what would allow it", function()
    for _, case in ipairs { { "GET /containers/host/json", 404 }, { "POST /containers/host/stop", 403 } } do
      local verdict = decide({}, case[1])
      assert.same({ case[2], "-allowpower=bind=/srv/x" }, { verdict.status, verdict.hint })
    end
  end)
end)
