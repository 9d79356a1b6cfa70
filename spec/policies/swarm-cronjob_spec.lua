local client_row = require "spec.support.client_row"
local client_sees = require "spec.support.client_sees"
local json = require "moonward.json"
local test = require "moonward.test"

local template = '{"ID":"s1","Version":{"Index":7},"Spec":{"Name":"job","Labels":{"swarm.cronjob.enable":"%s"},"TaskTemplate":'
  .. '{"ContainerSpec":{"Image":"x:1","Env":["A=b"],"Init":false,"Mounts":[{"Type":"bind","Source":"/srv","Target":"/d"}]},'
  .. '"ForceUpdate":0,"Placement":{"Platforms":[{"OS":"linux"}]}},"Mode":{"Replicated":{"Replicas":0}}}}'
local job = template:format "true"
local engine = {
  ["/services/job"] = { status = 200, body = job }, ["/services/other"] = { status = 200, body = (template:format "no") },
  ["/services/nobody"] = { status = 404, body = '{"message":"no such thing"}' },
}

-- The service as it is written back, with some of it changed.
local function spec(...)
  local text = json.encode(json.decode(job).Spec)
  for i = 1, select("#", ...), 2 do
    local from, to = select(i, ...)
    local at, stop = text:find(from, 1, true)
    assert(at, from)
    text = text:sub(1, at - 1) .. to .. text:sub(stop + 1)
  end
  return text
end

local update = "POST /services/job/update?version=7&registryAuthFrom=spec"

describe("swarm-cronjob", function()
  for _, case in ipairs(client_row("swarm-cronjob", {
    engine = engine,
    always = {
      "GET /events?filters=%7B%7D", "GET /services?filters=%7B%7D", "GET /services/job", "GET /tasks", "GET /nodes",
      "GET /nodes/n1", { update, body = spec() },
    },
    options = { cronjobregistry = {
      "GET /distribution/x:1/json",
      { update, body = spec('"x:1"', '"x:1@sha256:00"', '[{"OS":"linux"}]', '[{"OS":"linux","Architecture":"arm64"}]') },
    } },
    denied = { "GET /services/other", "POST /services/create", "DELETE /services/job" },
  })) do
    it(case.name, case.run)
  end

  for _, case in ipairs(client_sees("swarm-cronjob", {}, {
    { "GET /services", "[" .. job .. "," .. template:format "no" .. "]", "[" .. job .. "]" },
    { "GET /tasks", '[{"Spec":{"ContainerSpec":{"Env":["A=secret"]}}}]', '[{"Spec":{"ContainerSpec":{"Env":[]}}}]' },
  })) do
    it(case.name, case.run)
  end

  local policy = test.policy "swarm-cronjob"

  -- request, body, reason; nil: allowed
  local cases = {
    { update, spec('"ForceUpdate":0', '"ForceUpdate":7', '"Replicas":0', '"Replicas":3') },
    { update, spec('"swarm.cronjob.enable":"true"', '"swarm.cronjob.enable":"true","swarm.cronjob.scaledown":"true"') },
    { update, spec('"Name":"job"', '"Name":"job","UpdateConfig":null,"Networks":[]') },
    { "POST /services/nobody/update?version=7", "{}" },
    { update, spec('"Init":false', '"Init":null') },
    { update, spec('"x:1"', '"y:1"'), "it would change TaskTemplate.ContainerSpec.Image of the service" },
    { update, spec('"x:1"', '"x:1@sha256:00"'), "it would change TaskTemplate.ContainerSpec.Image of the service" },
    { update, spec('"Source":"/srv"', '"Source":"/"'),
      "it would change TaskTemplate.ContainerSpec.Mounts.1.Source of the service" },
    { update, spec('"A=b"', '"A=b","C=d"'), "it would change TaskTemplate.ContainerSpec.Env.2 of the service" },
    { update, spec('"Env":["A=b"],', ""), "it would change TaskTemplate.ContainerSpec.Env of the service" },
    { update, spec('"Image":"x:1"', '"Image":"x:1","Command":["sh"]'),
      "it would change TaskTemplate.ContainerSpec.Command of the service" },
    { update, spec('"Image":"x:1"', '"Image":"x:1","Privileges":{"NoNewPrivileges":true}'),
      "it would change TaskTemplate.ContainerSpec.Privileges of the service" },
    { update, spec('"Name":"job"', '"Name":"other"'), "it would change Name of the service" },
    { update, spec('"swarm.cronjob.enable":"true"', '"swarm.cronjob.enable":"no"'),
      "it would change Labels.swarm.cronjob.enable of the service" },
    { update, spec('{"Replicated":{"Replicas":0}}', '{"Global":{}}'), "it would change Mode" },
    { update, spec('"Replicas":0', ""), nil },
    { update, spec('{"Replicated":{"Replicas":0}}', "{}"), "it would change Mode.Replicated of the service" },
    { update, "[]", "the body is no service" },
    { "POST /services/job/update?version=6", spec(), "the service has changed since: version 7" },
    { "POST /services/job/update", spec(), "the service has changed since: version 7" },
    { "POST /services/job/update?version=7&rollback=previous", spec(), "a rollback changes more than can be told" },
    { "POST /services/other/update?version=7", spec(), "the service has no label swarm.cronjob.enable=true" },
  }
  for _, case in ipairs(cases) do
    it(("%s %s with %s"):format(case[3] and "denies" or "allows", case[1], case[2]:sub(1, 400)), function()
      local method, path = case[1]:match "^(%S+) (.*)$"
      local verdict = policy:decide { method = method, path = path, body = case[2], engine = engine }
      assert.is_false(verdict.failed or false, verdict.reason)
      assert.equal(case[3] == nil, verdict.allowed, verdict.reason)
      if case[3] then
        assert.equal(case[3], verdict.reason:sub(1, #case[3]))
      end
    end)
  end
end)
