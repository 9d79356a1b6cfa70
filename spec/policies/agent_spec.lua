local answers = require "spec.support.answers"
local json = require "moonward.json"
local test = require "moonward.test"
local test_engine = require "moonward.test_engine"

local mine = { ["moonward.owner"] = "agent:ai" }
local containers = {
  { name = "job", labels = mine }, { name = "web" }, { name = "other", labels = { ["moonward.owner"] = "agent:x" } },
}
local engine = answers {
  networks = { net = mine, prod = {}, bridge = {} }, volumes = { vol = mine, data = {} },
  images = { shared = {}, built = mine }, execs = { e1 = "job", e2 = "web" },
}
for path, list in pairs { ["/networks"] = "[]", ["/volumes"] = '{"Volumes":null}', ["/images/json"] = "[]" } do
  rawset(engine, path, { status = 200, body = list })
end
rawset(engine, "/containers/json?all=1", { status = 200,
  body = "[" .. table.concat(test_engine.new { containers = containers }:items "/containers/json", ",") .. "]" })

local own_images = "/images/json?filters=%7B%22label%22%3A%5B%22moonward.owner%3Dagent%3Aai%22%5D%7D"
rawset(engine, own_images, { status = 200, body = "[]" })

local options = { agent = "ai", agentdir = "/srv/agent,/srv/more" }

local function decide(text, body, answer, given)
  local method, path = text:match "^(%S+) (.*)$"
  local verdict = test.policy("agent", given or options):decide {
    method = method, path = "/v1.44" .. path, body = body, containers = containers, engine = engine, answer = answer,
    dockerfile = "FROM scratch\n",
  }
  assert.is_false(verdict.failed or false, verdict.reason)
  return verdict
end

local create = "POST /containers/create"

local function host(fragment)
  return '{"Image":"shared","HostConfig":{' .. fragment .. "}}"
end

describe("agent", function()
  -- request, body
  local allowed = {
    { "HEAD /_ping" }, { "GET /version" }, { "GET /info" }, { "GET /events" }, { "GET /containers/json" },
    { "POST /images/create?fromImage=alpine&tag=latest" }, { "GET /images/shared/json" }, { "GET /images/shared/history" },
    { "POST /build?t=new", "tar" }, { create, host "" }, { create, host '"Binds":["/srv/agent/x:/src"]' },
    { create, host '"Binds":["/srv/agent:/src:ro","/srv/more/y:/y"]' },
    { create, host '"Mounts":[{"Type":"bind","Source":"/srv/agent/x","Target":"/x"}]' },
    { create, host '"Binds":["vol:/d"],"NetworkMode":"net"' }, { create, host '"NetworkMode":"container:job"' },
    { create, host '"ExtraHosts":["a:10.0.0.1"],"CapDrop":["ALL"],"Memory":1000000' },
    { "POST /containers/job/start" }, { "POST /containers/job/attach?stream=1" }, { "POST /containers/job/wait" },
    { "GET /containers/job/json" }, { "GET /containers/job/logs?stdout=1" }, { "GET /containers/job/top" },
    { "PUT /containers/job/archive?path=/" }, { "GET /containers/job/archive?path=/" }, { "DELETE /containers/job" },
    { "POST /containers/job/exec", '{"Cmd":["id"]}' }, { "POST /exec/e1/start", "{}" }, { "GET /exec/e1/json" },
    { "POST /networks/create", '{"Name":"n"}' }, { "POST /networks/net/connect", '{"Container":"job"}' },
    { "POST /volumes/create", '{"Name":"v"}' }, { "DELETE /volumes/vol" }, { "DELETE /images/built" },
  }
  for _, case in ipairs(allowed) do
    it(("allows %s %s"):format(case[1], case[2] or ""), function()
      local verdict = decide(case[1], case[2])
      assert.is_true(verdict.allowed, verdict.reason)
    end)
  end

  local denied = {
    { create, host '"Binds":["/:/h"]' }, { create, host '"Binds":["/srv:/h"]' }, { create, host '"Binds":["/srv/agentx:/h"]' },
    { create, host '"Binds":["/srv/agent/../x:/h"]' }, { create, host '"Binds":["/var/run/docker.sock:/s"]' },
    { create, host '"Binds":["/srv/agent/x:/x:rshared"]' }, { create, host '"Binds":["data:/d"]' },
    { create, host '"Binds":["new:/d"]' },
    { create, host '"Mounts":[{"Type":"volume","Target":"/h","VolumeOptions":{"DriverConfig":{"Options":{"type":"none",'
      .. '"o":"bind","device":"/etc"}}}}]' },
    { create, host '"Privileged":true' }, { create, host '"PidMode":"host"' }, { create, host '"NetworkMode":"host"' },
    { create, host '"NetworkMode":"prod"' }, { create, host '"NetworkMode":"container:web"' },
    { create, host '"VolumesFrom":["web"]' }, { create, host '"CapAdd":["NET_ADMIN"]' },
    { create, host '"Devices":[{"PathOnHost":"/dev/mem"}]' }, { create, host '"SecurityOpt":["seccomp=unconfined"]' },
    { create, host '"PortBindings":{"80/tcp":[{"HostPort":"8080"}]}' }, { create, host '"RestartPolicy":{"Name":"always"}' },
    { "POST /volumes/create", '{"Name":"v","DriverOpts":{"type":"none","o":"bind","device":"/etc"}}' },
    { "POST /networks/create", '{"Name":"n","Driver":"macvlan"}' },
    { "POST /containers/job/exec", '{"Cmd":["id"],"Privileged":true}' }, { "GET /containers/job/top?ps_args=axe" },
    { "GET /images/built/get" }, { "GET /images/get?names=shared" }, { "POST /images/load", "tar" },
    { "GET /containers/web/json" }, { "POST /containers/web/stop" }, { "GET /containers/other/logs?stdout=1" },
    { "DELETE /containers/web" }, { "POST /containers/web/exec", '{"Cmd":["id"]}' }, { "POST /exec/e2/start", "{}" },
    { "PUT /containers/web/archive?path=/" }, { "DELETE /volumes/data" }, { "DELETE /networks/prod" },
    { "DELETE /images/shared" }, { "POST /networks/net/connect", '{"Container":"web"}' },
    { "POST /networks/prod/connect", '{"Container":"job"}' }, { "POST /commit?container=web", "{}" },
    { "POST /build?networkmode=host", "tar" }, { "POST /session" }, { "POST /grpc" }, { "GET /swarm" },
    { "POST /swarm/init", "{}" }, { "POST /services/create", "{}" }, { "GET /secrets" }, { "GET /configs" },
    { "POST /plugins/pull?remote=x" }, { "GET /debug/vars" }, { "GET /new/thing" },
    { "POST /containers/job/checkpoints", "{}" }, { "POST /containers/job/update", '{"PidsLimit":0}' },
  }
  for _, case in ipairs(denied) do
    it(("denies %s %s"):format(case[1], case[2] or ""), function()
      assert.is_false(decide(case[1], case[2]).allowed)
    end)
  end

  it("stamps what it creates", function()
    local body = json.decode(decide(create, '{"Image":"shared","Labels":{"moonward.owner":"agent:x"}}').body)
    assert.equal("agent:ai", body.Labels["moonward.owner"])
  end)

  it("lists only its own", function()
    local list = "[" .. table.concat(test_engine.new { containers = containers }:items "/containers/json", ",") .. "]"
    local shown = decide("GET /containers/json", nil, list).answer
    assert.is_truthy(shown:find('"/job"', 1, true))
    assert.is_nil(shown:find('"/web"', 1, true) or shown:find('"/other"', 1, true))
  end)

  -- request, the engine's answer: without the secret
  local answers_with_secrets = {
    { "GET /containers/job/json", ('{"Id":"%s","Name":"/job","Config":{"Image":"x","Labels":{"moonward.owner":"agent:ai"},'
      .. '"Env":["TOKEN=secret"]},"State":{"Status":"running"},"HostConfig":{}}'):format(test_engine.id "job") },
    { "GET /images/shared/json", '{"Id":"sha256:1","Config":{"Env":["TOKEN=secret"]},"ContainerConfig":{"Env":["A=secret"]}}' },
    { "GET /images/shared/json", '{"Id":"sha256:1","Config":{"OnBuild":["ENV A=secret"]},"ContainerConfig":'
      .. '{"Cmd":["/bin/sh","-c","#(nop) ","ENV A=secret"],"OnBuild":["ENV A=secret"]}}' },
    { "GET /images/shared/history", '[{"Id":"1","CreatedBy":"/bin/sh -c #(nop) ENV TOKEN=secret"}]' },
  }
  for _, case in ipairs(answers_with_secrets) do
    it("shows no environment in " .. case[1], function()
      local verdict = decide(case[1], nil, case[2])
      assert.equal(200, verdict.answer_status, verdict.answer)
      assert.is_nil(verdict.answer:find("secret", 1, true), verdict.answer)
    end)
  end

  it("lets more through when it is listed", function()
    local given = { agent = "ai", allowpower = "port=8000-8099" }
    assert.is_true(decide(create, host '"PortBindings":{"80/tcp":[{"HostPort":"8080"}]}', nil, given).allowed)
    assert.is_false(decide(create, host '"PortBindings":{"80/tcp":[{"HostPort":"80"}]}', nil, given).allowed)
    assert.is_false(decide(create, host '"Binds":["/srv/agent/x:/src"]', nil, given).allowed)
  end)

  for _, directory in ipairs { "/", "//", "srv/agent", "/srv/.." } do
    it("does not start with -agentdir=" .. directory, function()
      local ok, message = pcall(test.policy, "agent", { agentdir = directory })
      assert.is_false(ok)
      assert.is_truthy(tostring(message):find("agentdir: expected a directory", 1, true), message)
    end)
  end

  it("does not know a client over TCP that is in no container", function()
    local verdict = test.policy("agent"):decide { path = "/containers/json", client = { address = "10.9.9.9" },
      containers = { { name = "web", address = "172.17.0.2" } } }
    assert.is_false(verdict.allowed)
    assert.equal("nobody knows whose agent asks", verdict.reason)
  end)
end)
