local answers = require "spec.support.answers"
local client_row = require "spec.support.client_row"
local test = require "moonward.test"
local test_engine = require "moonward.test_engine"

local enable = "com.centurylinklabs.watchtower.enable"
local containers = { { name = "app", labels = { [enable] = "true" } }, { name = "web" }, { name = "host" } }

local app_networks = '{"app_default":{"NetworkID":"' .. test_engine.id "app_default" .. '","Aliases":["app"],"IPAMConfig":null}}'
local app_host = '{"NetworkMode":"app_default","Binds":["app_data:/d:rw"],"RestartPolicy":{"Name":"always"},"Runtime":"runc",'
  .. '"PortBindings":{"80/tcp":[{"HostIp":"","HostPort":"8080"}]},"IpcMode":"private","CgroupnsMode":"private","MaskedPaths":'
  .. '["/proc/asound","/proc/acpi","/proc/kcore","/proc/keys","/proc/latency_stats","/proc/timer_list","/proc/timer_stats",'
  .. '"/proc/sched_debug","/proc/scsi","/sys/firmware"],"ReadonlyPaths":["/proc/bus","/proc/fs","/proc/irq","/proc/sys",'
  .. '"/proc/sysrq-trigger"]}'
local bind = '{"NetworkMode":"default","Binds":["/srv/x:/d"]}'

local function inspect(name, host, networks)
  return { status = 200, body = ('{"Id":"%s","Name":"/%s","State":{"Status":"running"},"Config":{"Image":"x","Labels":%s,'
    .. '"Env":["A=b"]},"HostConfig":%s,"NetworkSettings":{"Networks":%s}}'):format(test_engine.id(name), name,
    name == "app" and '{"' .. enable .. '":"true"}' or "{}", host, networks or "{}") }
end

local engine = answers { networks = { app_default = {}, prod = {} }, images = { x = {} }, execs = { e1 = "app", e2 = "host" } }
engine["/networks/" .. test_engine.id "app_default"] = engine["/networks/app_default"]
for _, one in ipairs { { "app", app_host, app_networks }, { "web", "{}" }, { "host", bind } } do
  engine["/containers/" .. one[1] .. "/json"] = inspect(table.unpack(one))
  engine["/containers/" .. test_engine.id(one[1]) .. "/json"] = inspect(table.unpack(one))
end

local create = "POST /containers/create"
local body = '{"Image":"x","Env":["A=b"],"Labels":{"' .. enable .. '":"true"},"HostConfig":' .. app_host
  .. ',"NetworkingConfig":{"EndpointsConfig":' .. app_networks .. "}}"
-- The powers that it lets through by default.
local default = { "address", "alias", "dns", "extra-host", "mac-address", "network", "port", "restart-policy", "ulimit",
  "volume" }

describe("watchtower", function()
  for _, case in ipairs(client_row("watchtower", {
    containers = containers, engine = engine, shown = { "app", "web", "host" },
    always = {
      "HEAD /_ping", "GET /version", "GET /info", "GET /containers/json", "GET /containers/app/json",
      "GET /images/x/json", "POST /images/create?fromImage=x&tag=latest", "POST /containers/app/stop?signal=SIGTERM",
      "DELETE /containers/app?force=1", { create, body = body }, "POST /containers/app/start",
      "POST /containers/app/rename?name=app", { "POST /containers/app/update", body = '{"RestartPolicy":{"Name":"no"}}' },
      { "POST /networks/app_default/connect", body = '{"Container":"app","EndpointConfig":{"Aliases":["app"]}}' },
    },
    options = {
      watchtowercleanup = { "DELETE /images/x?force=1" },
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
      { "POST /containers/app/update", body = '{"Memory":1}' }, "POST /containers/app/kill", "POST /images/x/tag?repo=y",
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
      "the container has no label com.centurylinklabs.watchtower.enable=true" },
  }
  for i, case in ipairs(cases) do
    local options, text, json, reason = table.unpack(case, 1, 4)
    it(("case %d, %s is %s"):format(i, text, reason and "denied: " .. reason or "allowed"), function()
      local verdict = decide(options, text, json)
      assert.is_false(verdict.failed or false, verdict.reason)
      assert.equal(reason, not verdict.allowed and verdict.reason or nil)
    end)
  end

  it("answers 404 about what it could not make anew, and says in the log what would allow it", function()
    for _, case in ipairs { { "GET /containers/host/json", 404 }, { "POST /containers/host/stop", 403 } } do
      local verdict = decide({}, case[1])
      assert.same({ case[2], "-allowpower=bind=/srv/x" }, { verdict.status, verdict.hint })
    end
  end)
end)
