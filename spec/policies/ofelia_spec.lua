local answers = require "spec.support.answers"
local client_row = require "spec.support.client_row"
local test = require "moonward.test"

local create = "POST /containers/create"

describe("ofelia", function()
  for _, case in ipairs(client_row("ofelia", {
    containers = {
      { name = "app", labels = { ["ofelia.enabled"] = "true", ["ofelia.job-exec.x.command"] = "date" } },
      { name = "job", labels = { ["moonward.ofelia"] = "job" } }, { name = "web" },
      { name = "off", labels = { ["ofelia.enabled"] = "false" } },
    },
    engine = answers { execs = { e1 = "app", e2 = "web" }, images = { alpine = {} }, networks = { net = {}, prod = {} } },
    shown = { "app" },
    always = {
      "GET /_ping", "GET /version", "GET /info", 'GET /containers/json?filters={"label":["ofelia.enabled=true"]}',
      "GET /containers/app/json",
      { "POST /containers/app/exec", body = '{"Cmd":["date"],"AttachStdout":true,"AttachStderr":true,"User":"root"}' },
      { "POST /exec/e1/start", body = '{"Tty":false}' }, "GET /exec/e1/json",
      'GET /events?filters={"type":{"container":true},"label":{"ofelia.enabled=true":true}}',
    },
    options = {
      ofeliarun = {
        'GET /images/json?filters={"reference":["alpine"]}', "POST /images/create?fromImage=alpine&tag=latest",
        "GET /images/alpine/json", "GET /networks", "POST /containers/job/start", "POST /containers/job/stop?t=10",
        "POST /containers/job/wait?condition=not-running",
        "GET /containers/job/logs?stdout=1", "GET /containers/job/json", "DELETE /containers/job",
        { create, body = '{"Image":"alpine","Cmd":["date"],"User":"root","HostConfig":{},"NetworkingConfig":{}}' },
      },
      allowpower = { set = "network=net" },
    },
    denied = {
      "GET /containers/web/json", "GET /containers/off/json", { "POST /containers/web/exec", body = '{"Cmd":["id"]}' },
      { "POST /containers/app/exec", body = '{"Cmd":["id"],"Privileged":true}' }, "POST /exec/e2/start",
      "POST /containers/app/stop", "POST /containers/web/start", "DELETE /containers/app", "DELETE /containers/web",
      "GET /containers/app/logs", { create, body = '{"HostConfig":{"Binds":["/:/h"]}}' },
      { create, body = '{"HostConfig":{"Binds":["/var/run/docker.sock:/var/run/docker.sock"]}}' },
      { create, body = '{"HostConfig":{"Privileged":true}}' }, { create, body = '{"HostConfig":{"PidMode":"host"}}' },
      { create, body = '{"HostConfig":{"VolumesFrom":["web"]}}' }, { "POST /networks/net/connect", body = '{"Container":"web"}' },
      { "POST /networks/prod/connect", body = '{"Container":"job"}' }, { "POST /services/create", body = "{}" },
    },
  })) do
    it(case.name, case.run)
  end

  it("connects its jobs to the networks that -allowpower lists", function()
    local policy = test.policy("ofelia", { ofeliarun = true, allowpower = "network=net" })
    local function connect(network, name)
      return policy:decide { method = "POST", path = "/networks/" .. network .. "/connect",
        body = '{"Container":"' .. name .. '"}', networks = { { name = "net" }, { name = "prod" } },
        containers = { { name = "job", labels = { ["moonward.ofelia"] = "job" } }, { name = "web" } } }
    end
    assert.allows(connect("net", "job"))
    assert.denies(connect("prod", "job"), "network")
    assert.denies(connect("net", "web"), "the container has no label")
  end)
end)
