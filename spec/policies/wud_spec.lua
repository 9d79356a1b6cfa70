local answers = require "spec.support.answers"
local client_row = require "spec.support.client_row"
local client_sees = require "spec.support.client_sees"
local test = require "moonward.test"
local test_engine = require "moonward.test_engine"

local containers = { { name = "web" }, { name = "host" } }
local engine = answers { networks = { app = {} }, images = { x = {} } }

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

describe("wud", function()
  for _, case in ipairs(client_row("wud", {
    containers = containers, engine = engine,
    always = {
      "GET /containers/json?all=true", "GET /containers/web/json", "GET /images/sha256:0/json",
      "GET /events?filters=%7B%7D",
    },
    options = {
      wudupdate = {
        "POST /images/create?fromImage=x&tag=2", "GET /images/json", "POST /containers/web/stop",
        "POST /containers/web/wait?condition=removed", "DELETE /containers/web", "POST /containers/web/start",
        { create, body = '{"Image":"x","Env":["A=b"],"HostConfig":{"Binds":["data:/d"],"NetworkMode":"app"}}' },
        { "POST /networks/app/connect", body = '{"Container":"web"}' }, "DELETE /images/x",
      },
    },
    denied = {
      "POST /containers/host/stop", "DELETE /containers/host?force=1", "POST /containers/host/start",
      { create, body = '{"Image":"x","HostConfig":{"Binds":["/srv/x:/d"]}}' },
      { create, body = '{"Image":"x","HostConfig":{"Privileged":true}}' },
      { create, body = '{"Image":"x","HostConfig":{"NetworkMode":"host"}}' },
      "POST /images/create?fromSrc=http://x/y.tar",
    },
  })) do
    it(case.name, case.run)
  end

  local shown = '{"Id":"1","Config":{"Env":["A=b"]}}'
  for _, case in ipairs(client_sees("wud", {}, { { "GET /containers/web/json", shown, '{"Id":"1","Config":{"Env":[]}}' } })) do
    it(case.name, case.run)
  end

  -- options, container, what is left of its environment
  local cases = {
    { {}, "web", '"Env":[]' },
    { { wudupdate = true }, "web", '"Env":["A=b"]' },
    { { wudupdate = true }, "host", '"Env":[]' },
    { { wudupdate = true, allowpower = "bind=/srv" }, "host", '"Env":["A=b"]' },
  }
  for _, case in ipairs(cases) do
    it(("shows %s of %s%s"):format(case[3], case[2], case[1].wudupdate and " with -wudupdate" or ""), function()
      local verdict = test.policy("wud", case[1]):decide {
        path = "/containers/" .. case[2] .. "/json", answer = shown, containers = containers, engine = engine,
      }
      assert.is_truthy(verdict.answer:find(case[3], 1, true), verdict.answer)
    end)
  end

  it("says why a container cannot be updated", function()
    local verdict = test.policy("wud", { wudupdate = true }):decide {
      method = "POST", path = "/containers/host/stop", containers = containers, engine = engine,
    }
    assert.equal("host could not be made anew; not allowed: bind /srv/x (HostConfig.Binds[1])", verdict.reason)
  end)
end)
