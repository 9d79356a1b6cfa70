local client_row = require "spec.support.client_row"
local client_sees = require "spec.support.client_sees"
local requests = require "spec.support.manager_requests"

local function with_socket(path)
  return { "POST /containers/create", body = '{"HostConfig":{"Binds":["' .. path .. ':/var/run/docker.sock"]}}' }
end

describe("coolify", function()
  for _, case in ipairs(client_row("coolify", {
    always = requests.all(requests.compose, requests.exec, {
      "POST /images/nginx/tag?repo=x", "POST /images/x/push", { "POST /auth", body = '{"username":"a"}' }, "GET /system/df",
    }),
    options = {
      coolifysocket = { with_socket "/var/run/docker.sock" },
      coolifydir = { set = "/data/coolify",
        { "POST /containers/create", body = '{"HostConfig":{"Binds":["/data/coolify/applications/a:/x"]}}' } },
      coolifyfiles = requests.files, coolifybuild = requests.build, coolifyprune = requests.prune,
      coolifyswarm = requests.swarm,
    },
    containers = { { name = "web" } },
    creates = { request = "POST /containers/create?name=x", may = requests.may },
    denied = {
      with_socket "/run/engine.sock", with_socket "/", with_socket "/var/run",
      { "POST /containers/create", body = '{"HostConfig":{"Privileged":true}}' },
      { "POST /containers/create", body = '{"HostConfig":{"NetworkMode":"host"}}' },
      "GET /containers/web/export", "POST /swarm/leave?force=1",
    },
  })) do
    it(case.name, case.run)
  end

  for _, case in ipairs(client_sees("coolify", {}, {
    { "GET /containers/web/json", '{"Config":{"Env":["A=secret"],"Labels":{"a":"b"}}}',
      '{"Config":{"Env":[],"Labels":{"a":"b"}}}' },
  })) do
    it(case.name, case.run)
  end
end)
