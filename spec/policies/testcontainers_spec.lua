local answers = require "spec.support.answers"
local client_row = require "spec.support.client_row"
local test = require "moonward.test"

local create = "POST /containers/create"
local labels = '"Labels":{"org.testcontainers":"true","org.testcontainers.sessionId":"s"}'
local mine = { ["org.testcontainers"] = "true" }

local function body(...)
  return "{" .. table.concat({ labels, ... }, ",") .. "}"
end

-- A mount of Testcontainers for Go: what the engine makes for it gets the label.
local function mount(name, label)
  return body(('"HostConfig":{"Mounts":[{"Type":"volume","Source":"%s","Target":"/d","VolumeOptions":{"Labels":'
    .. '{"org.testcontainers":"%s"}}}]}'):format(name, label))
end

describe("testcontainers", function()
  for _, case in ipairs(client_row("testcontainers", {
    containers = { { name = "pg", labels = mine }, { name = "web" } },
    engine = answers {
      networks = { mynet = mine, prod = {}, bridge = {} },
      volumes = { myvol = mine, data = {} }, images = { built = mine, alpine = {}, ["alpine:latest"] = {} },
      execs = { e1 = "pg", e2 = "web" },
    },
    shown = { "pg" },
    always = {
      "HEAD /_ping", "GET /version", "GET /info", "GET /containers/json?all=1", "GET /images/json", "GET /images/alpine/json",
      "POST /images/create?fromImage=postgres", "GET /networks", "GET /networks/mynet", "GET /networks/bridge",
      { "POST /networks/create", body = body '"Name":"n","Driver":"bridge"' },
      { "POST /networks/mynet/connect", body = '{"Container":"pg","EndpointConfig":{"Aliases":["db"]}}' },
      "DELETE /networks/mynet",
      { create, body = body('"Image":"postgres","HostConfig":{"PortBindings":{"5432/tcp":[{"HostIp":"","HostPort":""}]},'
        .. '"NetworkMode":"mynet","Binds":["myvol:/d"],"ExtraHosts":["host.docker.internal:host-gateway"]},'
        .. '"NetworkingConfig":{"EndpointsConfig":{"mynet":{"Aliases":["db"]}}}') },
      { create, body = body '"Image":"x","HostConfig":{"NetworkMode":"container:pg","PublishAllPorts":true}' },
      { create, body = mount("new", "true") }, { create, body = mount("myvol", "true") },
      "POST /containers/pg/start", "POST /containers/pg/stop", "POST /containers/pg/restart",
      "POST /containers/pg/attach?stream=1&stdout=1", "POST /containers/pg/kill", "DELETE /containers/pg?v=1&force=1",
      "GET /containers/pg/json", "GET /containers/pg/logs?follow=1&stdout=1", "GET /containers/pg/archive?path=/x",
      "PUT /containers/pg/archive?path=/", { "POST /containers/pg/exec", body = '{"Cmd":["true"]}' },
      { "POST /exec/e1/start", body = "{}" }, "GET /exec/e1/json", "GET /events",
      { "POST /volumes/create", body = body '"Name":"v"' }, { "POST /volumes/create", body = body '"Name":"myvol"' },
      'GET /volumes?filters={"label":{"org.testcontainers":true}}', "GET /volumes/myvol", "DELETE /volumes/myvol",
      "DELETE /images/built", "POST /commit?container=pg&repo=new&tag=1", "POST /commit?container=pg&repo=built",
      "POST /commit?container=pg",
      'POST /networks/prune?filters={"label":["org.testcontainers=true","org.testcontainers.lang=java"]}',
      'POST /volumes/prune?filters={"label":{"org.testcontainers=true":true}}',
      'POST /images/prune?filters={"dangling":["false"],"label":["org.testcontainers=true"]}',
      'POST /containers/prune?filters={"label":["org.testcontainers=true"]}',
      { create, body = body '"HostConfig":{"Ulimits":[{"Name":"nofile","Hard":9}]}' },
    },
    options = {
      testbuild = { "POST /build?t=x", "POST /build?t=built&t=y" },
      testsave = { "GET /images/get?names=x" },
      ryuksocket = { set = "/run/moonward/tests.sock",
        { create, body = body('"Image":"testcontainers/ryuk","HostConfig":{"Binds":'
          .. '["/run/moonward/tests.sock:/var/run/docker.sock"],"AutoRemove":true,"NetworkMode":"bridge"}') } },
      allowpower = { set = "capability=NET_*", { create, body = body '"HostConfig":{"CapAdd":["NET_ADMIN"]}' } },
    },
    creates = { request = create, with = labels,
      may = { "port", "alias", "extra-host", "ulimit", "shareable-ipc", '"CgroupnsMode":"host"' } },
    denied = {
      { create, body = '{"Image":"x"}' }, { create, body = '{"Labels":{"org.testcontainers":"false"}}' },
      { create, body = body '"HostConfig":{"Binds":["/var/run/docker.sock:/var/run/docker.sock"]}' },
      { create, body = body '"HostConfig":{"Binds":["/run/docker.sock:/var/run/docker.sock"]}' },
      { create, body = body '"HostConfig":{"Binds":["/run/moonward:/x"]}' },
      { create, body = body '"HostConfig":{"Binds":["data:/d"]}' }, { create, body = body '"HostConfig":{"Binds":["new:/d"]}' },
      { create, body = mount("new", "false") }, { create, body = mount("data", "true") },
      { create, body = body '"HostConfig":{"Mounts":[{"Type":"volume","Source":"new","Target":"/d"}]}' },
      { create, body = body('"HostConfig":{"Binds":["new:/e"],"Mounts":[{"Type":"volume","Source":"new","Target":"/d",'
        .. '"VolumeOptions":{"Labels":{"org.testcontainers":"true"}}}]}') },
      { create, body = body('"HostConfig":{"Mounts":[{"Type":"volume","Source":"new","Target":"/d","VolumeOptions":{"Labels":'
        .. '{"org.testcontainers":"true"},"DriverConfig":{"Options":{"type":"none","o":"bind","device":"/etc"}}}}]}') },
      { create, body = body '"HostConfig":{"NetworkMode":"prod"}' },
      { create, body = body '"HostConfig":{"NetworkMode":"container:web"}' },
      { create, body = body '"HostConfig":{"VolumesFrom":["web:ro"]}' },
      { create, body = body '"HostConfig":{"PortBindings":{"1/tcp":[{"HostPort":"80"}]}}' },
      { create, body = body '"NetworkingConfig":{"EndpointsConfig":{"prod":{}}}' },
      { "POST /networks/create", body = '{"Name":"n"}' }, { "POST /networks/create", body = body '"Driver":"macvlan"' },
      { "POST /networks/prod/connect", body = '{"Container":"pg"}' },
      { "POST /networks/mynet/connect", body = '{"Container":"web"}' }, "DELETE /networks/prod", "GET /networks/prod",
      { "POST /networks/bridge/connect", body = '{"Container":"web"}' }, "DELETE /networks/bridge",
      "GET /containers/web/json", "POST /containers/web/stop", "DELETE /containers/web", "GET /containers/web/logs",
      "PUT /containers/web/archive?path=/", "GET /containers/web/archive?path=/", "POST /exec/e2/start",
      { "POST /containers/web/exec", body = "{}" }, "DELETE /volumes/data", "DELETE /images/alpine",
      "POST /build?t=x&networkmode=host", "POST /build?t=alpine", "POST /build?t=x&t=alpine",
      "POST /images/create?fromSrc=-&repo=alpine", "POST /build?t=x&labels=[]", "POST /commit?container=web",
      "POST /commit?container=pg&repo=alpine", "POST /commit?container=pg&repo=alpine&tag=latest",
      "POST /commit?container=pg&repo=new:1&tag=2", "GET /volumes/data", { "POST /volumes/create", body = '{"Name":"v"}' },
      { "POST /volumes/create", body = body '"Name":"data"' },
      { "POST /volumes/create", body = body '"DriverOpts":{"type":"none","o":"bind","device":"/etc"}' },
      "POST /networks/prune", "POST /networks/prune?filters={}", 'POST /networks/prune?filters={"label":["a=b"]}',
      'POST /volumes/prune?filters={"label":["org.testcontainers"]}',
      'POST /volumes/prune?filters={"label":{"org.testcontainers=true":false}}',
      'POST /volumes/prune?filters={"Label":["org.testcontainers=true"]}',
      'POST /images/prune?filters={"label!":["org.testcontainers=true"]}', "POST /images/prune?filters=[]",
    },
  })) do
    it(case.name, case.run)
  end

  it("shows the network bridge without the others that are on it", function()
    local network = '{"Name":"bridge","Id":"0a","IPAM":{"Config":[{"Gateway":"172.17.0.1"}]},"Labels":{},"Containers":%s}'
    local verdict = test.policy("testcontainers"):decide { path = "/networks/bridge",
      answer = network:format '{"0b":{"Name":"web","IPv4Address":"172.17.0.2/16"}}' }
    assert.equal(network:format "{}", verdict.answer)
  end)

  it("lets pass what engines choose by themselves for Java, which speaks 1.32", function()
    local verdict = test.policy("testcontainers"):decide { method = "POST", path = "/v1.32/containers/create",
      body = body '"Image":"x","HostConfig":{"DiskQuota":null,"LxcConf":null}' }
    assert.is_true(verdict.allowed, verdict.reason)
  end)

  it("puts its label on what is built, beside those that the client gives", function()
    for given, expected in pairs { [""] = '{"org.testcontainers":"true"}',
      ['{"A":"x","a":"x"}'] = false, ['{"A":"x","a":"y"}'] = false, ["{"] = false,
      ['{"Org.testcontainers":"x"}'] = '{"Org.testcontainers":"x","org.testcontainers":"true"}' } do
      local verdict = test.policy("testcontainers", { testbuild = true }):decide { method = "POST",
        path = "/build?t=x&labels=" .. given, engine = answers { images = {} } }
      assert.same(expected, verdict.allowed and verdict.query.labels, verdict.reason)
    end
  end)

  it("does not take the engine's own socket for Ryuk", function()
    for _, path in ipairs { "/var/run/docker.sock", "/run/docker.sock", "/run//./docker.sock" } do
      local ok, message = pcall(test.policy, "testcontainers", { ryuksocket = path })
      assert.is_false(ok)
      assert.is_truthy(tostring(message):find("is where the engine itself listens", 1, true), message)
    end
  end)
end)

describe("testcontainers", function()
  local policy = test.policy "testcontainers"
  local engine = answers { networks = { mynet = mine } }

  it("starts containers in the network that was judged, whatever has its name by then", function()
    local id = engine["/networks/mynet"].body:match '"Id":"(%x+)"'
    for path, sent in pairs {
      ["/containers/create"] = body '"Image":"x","HostConfig":{"NetworkMode":"mynet"}',
      ["/networks/mynet/connect"] = '{"Container":"pg"}',
    } do
      local verdict = policy:decide { method = "POST", path = path, body = sent, engine = engine,
        containers = { { name = "pg", labels = mine } } }
      assert.is_true(verdict.allowed, verdict.reason)
      assert.is_truthy(verdict.body:find('"NetworkID":"' .. id .. '"', 1, true), verdict.body)
    end
  end)
end)
