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

describe("tugtainer", function()
  for _, case in ipairs(client_row("tugtainer", {
    containers = containers, engine = engine,
    always = {
      "GET /info", "GET /containers/json?all=1", "GET /containers/web/json", "GET /images/json", "GET /images/x/json",
      "POST /images/create?fromImage=x&tag=2", "GET /containers/web/logs?stdout=1",
    },
    options = {
      tugtaineractions = {
        "POST /containers/host/start", "POST /containers/host/stop", "POST /containers/host/restart",
        "POST /containers/host/kill", "POST /containers/host/pause", "POST /containers/host/unpause",
        "POST /containers/host/wait",
      },
      tugtainerupdate = {
        "POST /images/x/tag?repo=y", "DELETE /containers/web", { create, body = body },
        { "POST /networks/app/connect", body = '{"Container":"web"}' },
        { "POST /networks/app/disconnect", body = '{"Container":"web"}' },
      },
      tugtainerprune = { "POST /images/prune?filters=%7B%7D" },
      tugtainerhooks = {
        { "POST /containers/web/exec", body = '{"Cmd":["/pre.sh"]}' }, { "POST /exec/e1/start", body = "{}" },
        "POST /exec/e1/resize?h=1&w=1", "GET /exec/e1/json",
      },
    },
    denied = {
      "DELETE /containers/host?force=1",
      { create, body = '{"Image":"x","HostConfig":{"Binds":["/srv/x:/d"]}}' },
      { create, body = '{"Image":"x","HostConfig":{"Binds":["/var/run/docker.sock:/s"]}}' },
      { create, body = '{"Image":"x","HostConfig":{"Privileged":true}}' },
      { create, body = '{"Image":"x","HostConfig":{"NetworkMode":"host"}}' }, "POST /images/create?fromSrc=http://x/y.tar",
      { "POST /containers/host/exec", body = "{}" }, { "POST /exec/e2/start", body = "{}" },
    },
  })) do
    it(case.name, case.run)
  end

  it("stops only what it could make anew, by an update alone", function()
    for name, allowed in pairs { web = true, host = false } do
      local verdict = test.policy("tugtainer", { tugtainerupdate = true }):decide {
        method = "POST", path = "/containers/" .. name .. "/stop", containers = containers, engine = engine,
      }
      assert.equal(allowed, verdict.allowed, name)
    end
  end)

  -- options, container, what is left of its environment
  local cases = {
    { {}, "web", '"Env":[]' },
    { { tugtainerupdate = true }, "web", '"Env":["A=b"]' },
    { { tugtainerupdate = true }, "host", '"Env":[]' },
    { { tugtainerupdate = true, allowpower = "bind=/srv" }, "host", '"Env":["A=b"]' },
  }
  for _, case in ipairs(cases) do
    it(("shows %s of %s%s"):format(case[3], case[2], case[1].tugtainerupdate and " with -tugtainerupdate" or ""), function()
      local verdict = test.policy("tugtainer", case[1]):decide {
        path = "/containers/" .. case[2] .. "/json", answer = '{"Id":"1","Config":{"Env":["A=b"]}}', containers = containers,
        engine = engine,
      }
      assert.is_truthy(verdict.answer:find(case[3], 1, true), verdict.answer)
    end)
  end
end)
