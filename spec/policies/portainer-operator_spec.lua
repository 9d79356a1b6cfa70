local client_row = require "spec.support.client_row"
local client_sees = require "spec.support.client_sees"
local test = require "moonward.test"

-- What Portainer's form for a new container sends, with some of its fields filled in.
local usual = '"CapAdd":["SETPCAP","MKNOD","AUDIT_WRITE","CHOWN","NET_RAW","DAC_OVERRIDE","FOWNER","FSETID","KILL","SETGID",'
  .. '"SETUID","NET_BIND_SERVICE","SYS_CHROOT","SETFCAP"],"CapDrop":["SYS_ADMIN","NET_ADMIN"]'

local function form(host)
  return '{"Image":"docker.io/library/nginx","Env":["A=b"],"Labels":{},"ExposedPorts":{"80/tcp":{}},"Volumes":{"/data":{}},'
    .. '"OpenStdin":false,"Tty":false,"Hostname":"","Domainname":"","MacAddress":"","User":"","WorkingDir":"",'
    .. '"NetworkingConfig":{"EndpointsConfig":{"bridge":{"IPAMConfig":{"IPv4Address":"","IPv6Address":""}}}},'
    .. '"HostConfig":{"NetworkMode":"bridge","Dns":[],"ExtraHosts":[],"RestartPolicy":{"Name":"always"},"Privileged":false,'
    .. '"Init":false,"Devices":[],"Sysctls":{},"ShmSize":67108864,"DeviceRequests":[],"Memory":0,"NanoCpus":0,'
    .. '"PublishAllPorts":false,"AutoRemove":false,"Binds":["data:/data"],"PortBindings":{"80/tcp":[{"HostPort":"8080"}]},'
    .. usual .. (host and "," .. host or "") .. "}}"
end

local service = '{"Name":"s","TaskTemplate":{"ContainerSpec":{"Image":"nginx"%s}},"Mode":{"Replicated":{"Replicas":1}}}'

describe("portainer-operator", function()
  for _, case in ipairs(client_row("portainer-operator", {
    always = {
      "HEAD /_ping", "GET /_ping", "GET /version", "GET /info", "GET /events?since=1&until=2", "GET /containers/json?all=1",
      "GET /containers/web/json", "GET /containers/web/stats?stream=false", "GET /images/json", "GET /images/sha256:0/json",
      "GET /images/sha256:0/history", "GET /networks", "GET /networks/n1", "GET /volumes", "GET /volumes/v1",
      "GET /services", "GET /services/s1", "GET /tasks", "GET /tasks/t1", "GET /nodes", "GET /nodes/n1", "GET /swarm",
      "GET /secrets", "GET /secrets/s1", "GET /configs", "GET /configs/c1", "GET /plugins",
      "GET /containers/web/logs?stdout=1", "GET /services/s1/logs?stdout=1", "GET /tasks/t1/logs?stdout=1",
      "GET /containers/web/top", "POST /containers/web/start", "POST /containers/web/stop", "POST /containers/web/restart",
      "POST /containers/web/kill", "POST /containers/web/pause", "POST /containers/web/unpause",
      "POST /containers/web/wait", "POST /containers/web/attach?stdin=1&stdout=1&stderr=1&stream=1",
      "POST /containers/web/resize?h=1&w=1", "POST /containers/web/rename?name=x", "DELETE /containers/web?v=1&force=true",
      { "POST /containers/web/exec", body = '{"AttachStdin":true,"Tty":true,"User":"","Cmd":["bash"]}' },
      { "POST /exec/e1/start", body = '{"Tty":true,"Detach":false}' }, "POST /exec/e1/resize?h=1&w=1", "GET /exec/e1/json",
      { "POST /containers/create?name=new", body = form() },
      { "POST /containers/web/update", body = '{"RestartPolicy":{"Name":"always"},"Memory":0}' },
      "POST /commit?container=web&repo=x", "POST /images/create?fromImage=nginx&tag=latest", "POST /images/x/push",
      "POST /images/x/tag?repo=y", "POST /images/load", "GET /images/get?names=x", "DELETE /images/x?force=true",
      { "POST /networks/create", body = '{"Name":"n","Driver":"bridge","Options":{},"Internal":false,"Labels":{}}' },
      { "POST /networks/n1/connect", body = '{"Container":"web"}' },
      { "POST /networks/n1/disconnect", body = '{"Container":"web","Force":false}' }, "DELETE /networks/n1",
      { "POST /volumes/create", body = '{"Name":"v","Driver":"local","DriverOpts":{}}' }, "DELETE /volumes/v1",
    },
    options = {
      portainerbuild = { "POST /build?t=x" },
      portainerswarm = {
        { "POST /services/create", body = service:format("") },
        { "POST /services/s1/update?version=1", body = service:format("") },
        "DELETE /services/s1", { "POST /configs/create", body = '{"Name":"c","Data":"eA=="}' }, "DELETE /configs/c1",
        { "POST /secrets/create", body = '{"Name":"s","Data":"eA=="}' }, "DELETE /secrets/s1",
      },
    },
    containers = { { name = "web" } },
  })) do
    it(case.name, case.run)
  end

  for _, case in ipairs(client_sees("portainer-operator", {}, {
    { "GET /containers/web/json", '{"Config":{"Env":["A=shown"]}}', '{"Config":{"Env":["A=shown"]}}' },
    { "GET /configs/c1", '{"ID":"1","Spec":{"Data":"eA=="}}', '{"ID":"1","Spec":{"Data":""}}' },
    { "GET /swarm", '{"JoinTokens":{"Worker":"SWMTKN-1-a"}}', '{"JoinTokens":{"Worker":""}}' },
  })) do
    it(case.name, case.run)
  end

  local plain = test.policy("portainer-operator", { portainerswarm = true, portainerbuild = true })
  local own = test.policy("portainer-operator", { allowpower = { "bind=/srv,swarm" }, portainerswarm = true })
  local less = test.policy("portainer-operator", { commonpower = "port", allowpower = "bind=/srv" })

  -- What asks for more than the default powers.
  local refused = {
    { "/containers/create", form '"Binds":["/:/host"]', 400 },
    { "/containers/create", (form():gsub("data:/data", "/:/host")) },
    { "/containers/create", (form():gsub('"Privileged":false', '"Privileged":true')) },
    { "/containers/create", (form():gsub("SETFCAP", "SYS_ADMIN")) },
    { "/containers/create", form '"PidMode":"host"' },
    { "/containers/create", (form():gsub('"NetworkMode":"bridge"', '"NetworkMode":"host"')) },
    { "/containers/create", (form():gsub('"Devices":%[%]', '"Devices":[{"PathOnHost":"/dev/sda"}]')) },
    { "/containers/web/exec", '{"Privileged":true,"Cmd":["sh"]}' },
    { "/volumes/create", '{"Driver":"local","DriverOpts":{"type":"none","o":"bind","device":"/"}}' },
    { "/services/create", service:format ',"Mounts":[{"Type":"bind","Source":"/","Target":"/h"}]' },
    { "/images/create?fromSrc=http://example.com/x.tar" },
    { "/nodes/n1/update?version=1", '{"Role":"manager","Availability":"active"}' },
    { "/build?remote=http://example.com/x.git" },
  }
  for _, case in ipairs(refused) do
    it("refuses " .. case[1] .. " with " .. tostring(case[2]):sub(-60), function()
      local verdict = plain:decide { method = "POST", path = case[1], body = case[2] }
      assert.is_false(verdict.allowed)
      assert.is_false(verdict.failed or false, verdict.reason)
      assert.equal(case[3] or 403, verdict.status, verdict.reason)
    end)
  end

  it("adds the powers of one option, and takes those of the other in place of the default", function()
    local bind = '{"Image":"x","HostConfig":{"Binds":["/srv/x:/x"]}}'
    local function allows(policy, body)
      return policy:decide({ method = "POST", path = "/containers/create", body = body }).allowed
    end
    assert.is_true(allows(own, bind))
    assert.is_false(allows(plain, bind))
    assert.is_true(allows(own, form()))
    assert.is_true(allows(less, bind))
    assert.is_false(allows(less, form()))
    assert.is_true(own:decide({ method = "POST", path = "/nodes/n1/update?version=1", body = "{}" }).allowed)
  end)
end)
