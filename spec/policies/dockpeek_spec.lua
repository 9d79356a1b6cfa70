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

describe("dockpeek", function()
  for _, case in ipairs(client_row("dockpeek", {
    containers = containers, engine = engine,
    always = {
      "GET /info", "GET /containers/json?all=1", "GET /containers/web/json", "GET /images/sha256:0/json",
      "GET /containers/web/logs?follow=1&stdout=1",
    },
    options = {
      dockpeekupdate = {
        "POST /images/create?fromImage=x&tag=2", "GET /images/json", "POST /containers/web/stop", "POST /containers/web/kill",
        "POST /containers/web/rename?name=web-backup-1", "DELETE /containers/web?force=1", "POST /containers/web/start",
        { create, body = body }, "GET /networks/app", { "POST /networks/app/connect", body = '{"Container":"web"}' },
        "DELETE /images/x?force=1",
      },
      dockpeekswarm = { "GET /services", "GET /services/s1", "GET /services/s1/logs?stdout=1", "GET /tasks" },
    },
    denied = {
      "DELETE /containers/host?force=1", "POST /containers/host/start",
      { create, body = '{"Image":"x","HostConfig":{"Binds":["/srv/x:/d"]}}' },
      { create, body = '{"Image":"x","HostConfig":{"Binds":["/var/run/docker.sock:/s"]}}' },
      { create, body = '{"Image":"x","HostConfig":{"Privileged":true}}' },
      { create, body = '{"Image":"x","HostConfig":{"NetworkMode":"host"}}' }, "POST /images/create?fromSrc=http://x/y.tar",
      "POST /containers/host/stop", "POST /containers/host/rename?name=y",
    },
  })) do
    it(case.name, case.run)
  end

  -- options, container, what is left of its environment
  local cases = {
    { {}, "web", '"Env":[]' },
    { { dockpeekupdate = true }, "web", '"Env":["A=b"]' },
    { { dockpeekupdate = true }, "host", '"Env":[]' },
    { { dockpeekupdate = true, allowpower = "bind=/srv" }, "host", '"Env":["A=b"]' },
  }
  for _, case in ipairs(cases) do
    it(("shows %s of %s%s"):format(case[3], case[2], case[1].dockpeekupdate and " with -dockpeekupdate" or ""), function()
      local verdict = test.policy("dockpeek", case[1]):decide {
        path = "/containers/" .. case[2] .. "/json", answer = '{"Id":"1","Config":{"Env":["A=b"]}}', containers = containers,
        engine = engine,
      }
      assert.is_truthy(verdict.answer:find(case[3], 1, true), verdict.answer)
    end)
  end
end)
