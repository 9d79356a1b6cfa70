local answers = require "spec.support.answers"
local client_row = require "spec.support.client_row"

local job = "act-ci-build-0a"
local create = "POST /containers/create?name=" .. job
local body = '{"Image":"node","Entrypoint":["tail","-f","/dev/null"],"HostConfig":{"Mounts":[{"Type":"volume","Source":'
  .. '"act-toolcache","Target":"/opt/hostedtoolcache"},{"Type":"volume","Source":"' .. job .. '-env","Target":"/var/run/act"}],'
  .. '"NetworkMode":"%s","AutoRemove":false,"Privileged":false,"UsernsMode":""}}'

describe("act", function()
  for _, case in ipairs(client_row("act", {
    containers = { { name = job }, { name = "web" }, { name = "my-act-1" } },
    engine = answers {
      networks = { [job .. "-network"] = {}, prod = {} }, images = { node = {}, ["act-x:latest"] = {} },
      volumes = { [job] = {}, [job .. "-env"] = {}, ["act-toolcache"] = {}, data = {} }, execs = { e1 = job, e2 = "web" },
    },
    shown = { job },
    always = {
      "GET /info", "GET /images/node/json", "POST /images/create?fromImage=node", "GET /containers/json?all=1",
      { create, body = body:format(job .. "-network") }, { create, body = body:format "bridge" },
      "GET /containers/" .. job .. "/json", "POST /containers/" .. job .. "/start",
      "POST /containers/" .. job .. "/attach?stream=1",
      "POST /containers/" .. job .. "/wait?condition=not-running", "PUT /containers/" .. job .. "/archive?path=/",
      "GET /containers/" .. job .. "/archive?path=/x", { "POST /containers/" .. job .. "/exec", body = '{"Cmd":["node"]}' },
      { "POST /exec/e1/start", body = "{}" }, "GET /exec/e1/json", "DELETE /containers/" .. job .. "?v=1&force=1",
      "GET /networks", "GET /networks/" .. job .. "-network", "DELETE /networks/" .. job .. "-network",
      { "POST /networks/create", body = '{"Name":"' .. job .. '-network","Driver":"bridge"}' }, "GET /volumes",
      "DELETE /volumes/" .. job .. "?force=1",
    },
    options = {
      actbuild = { "POST /build?t=act-x:latest&dockerfile=Dockerfile" },
      allowpower = { set = "bind=/home/me/src",
        { create, body = '{"HostConfig":{"Binds":["/home/me/src:/work"]}}' } },
    },
    creates = { request = create, may = {
      "alias", '"PortBindings":{"80/tcp":[{"HostIp":"127.0.0.1"}]}', '"PublishAllPorts":true',
    } },
    denied = {
      { create, body = body:format "host" }, { create, body = body:format "prod" },
      { create, body = '{"HostConfig":{"Binds":["/var/run/docker.sock:/var/run/docker.sock"]}}' },
      { create, body = '{"HostConfig":{"Privileged":true}}' }, { create, body = '{"HostConfig":{"Binds":["data:/d"]}}' },
      { create, body = '{"HostConfig":{"CapAdd":["SYS_ADMIN"]}}' }, { "POST /containers/create?name=web", body = "{}" },
      { "POST /containers/create", body = "{}" }, { "POST /containers/create?name=my-act-1", body = "{}" },
      { "POST /networks/create", body = '{"Name":"prod"}' }, "GET /containers/web/json", "DELETE /containers/web",
      { "POST /containers/web/exec", body = "{}" }, { "POST /exec/e2/start", body = "{}" }, "DELETE /volumes/data",
      "DELETE /networks/prod", "DELETE /images/act-x:latest", "PUT /containers/web/archive?path=/", "POST /build?t=node",
      "POST /build?t=act-x&t=node", "POST /build", "POST /build?t=act-x&version=2&session=1",
    },
  })) do
    it(case.name, case.run)
  end
end)
