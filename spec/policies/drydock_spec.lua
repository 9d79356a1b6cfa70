local answers = require "spec.support.answers"
local client_row = require "spec.support.client_row"
local test = require "moonward.test"
local test_engine = require "moonward.test_engine"

local containers = { { name = "web" }, { name = "host" } }
local engine = answers { networks = { app = {} }, images = { x = {} }, execs = { e1 = "web", e2 = "host" } }

-- What the engine says of a container: its HostConfig is all that counts here.
local function inspect(name, host)
  local answer = { status = 200, body = ('{"Id":"%s","Name":"/%s","State":{"Status":"running"},"Config":{"Image":"x",'
    .. '"Labels":{},"Env":["A=b"]},"HostConfig":%s,"NetworkSettings":{"Networks":{}}}'):format(test_engine.id(name), name, host) }
  engine["/containers/" .. name .. "/json"] = answer
  engine["/containers/" .. test_engine.id(name) .. "/json"] = answer
end
inspect("web", '{"NetworkMode":"app","Binds":["data:/d"],"RestartPolicy":{"Name":"always"},"Runtime":"runc"}')
inspect("host", '{"NetworkMode":"default","Binds":["/srv/x:/d"]}')

local create = "POST /containers/create?name=web"
local body = '{"Image":"x","Env":["A=b"],"HostConfig":{"Binds":["data:/d"],"NetworkMode":"app"}}'

describe("drydock", function()
  for _, case in ipairs(client_row("drydock", {
    containers = containers, engine = engine,
    always = {
      "GET /info", "GET /containers/json?all=true", "GET /containers/web/json", "GET /images/sha256:0/json",
      "GET /events?filters=%7B%7D", "GET /containers/web/stats?stream=true",
    },
    options = {
      drydockactions = {
        "POST /containers/host/start", "POST /containers/host/stop", "POST /containers/host/restart",
      },
      drydocklogs = { "GET /containers/web/logs?stdout=1" },
      drydockupdate = {
        "POST /images/create?fromImage=x&tag=2", "GET /images/json", "POST /containers/web/kill",
        "POST /containers/web/wait?condition=removed", "DELETE /containers/web", "POST /containers/web/rename?name=web-old",
        { create, body = body }, "GET /networks/app",
        { "POST /networks/app/connect", body = '{"Container":"web"}' }, "DELETE /images/x",
      },
      drydockhooks = {
        { "POST /containers/web/exec", body = '{"Cmd":["/post.sh"]}' }, { "POST /exec/e1/start", body = "{}" },
        "GET /exec/e1/json",
      },
      drydockswarm = { "GET /services/s1" },
    },
    denied = {
      "DELETE /containers/host?force=1",
      { create, body = '{"Image":"x","HostConfig":{"Binds":["/srv/x:/d"]}}' },
      { create, body = '{"Image":"x","HostConfig":{"Binds":["/var/run/docker.sock:/s"]}}' },
      { create, body = '{"Image":"x","HostConfig":{"Privileged":true}}' },
      { create, body = '{"Image":"x","HostConfig":{"NetworkMode":"host"}}' }, "POST /images/create?fromSrc=http://x/y.tar",
      "POST /containers/host/rename?name=y", { "POST /containers/host/exec", body = "{}" },
      { "POST /exec/e2/start", body = "{}" },
    },
  })) do
    it(case.name, case.run)
  end

  it("stops only what it could make anew, by an update alone", function()
    for name, allowed in pairs { web = true, host = false } do
      local verdict = test.policy("drydock", { drydockupdate = true }):decide {
        method = "POST", path = "/containers/" .. name .. "/stop", containers = containers, engine = engine,
      }
      assert.equal(allowed, verdict.allowed, name)
    end
  end)

  -- options, container, what is left of its environment
  local cases = {
    { {}, "web", '"Env":[]' },
    { { drydockupdate = true }, "web", '"Env":["A=b"]' },
    { { drydockupdate = true }, "host", '"Env":[]' },
    { { drydockupdate = true, allowpower = "bind=/srv" }, "host", '"Env":["A=b"]' },
  }
  for _, case in ipairs(cases) do
    it(("shows %s of %s%s"):format(case[3], case[2], case[1].drydockupdate and " with -drydockupdate" or ""), function()
      local verdict = test.policy("drydock", case[1]):decide {
        path = "/containers/" .. case[2] .. "/json", answer = '{"Id":"1","Config":{"Env":["A=b"]}}', containers = containers,
        engine = engine,
      }
      assert.is_truthy(verdict.answer:find(case[3], 1, true), verdict.answer)
    end)
  end
end)
