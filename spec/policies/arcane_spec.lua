local client_row = require "spec.support.client_row"
local client_sees = require "spec.support.client_sees"
local requests = require "spec.support.manager_requests"

describe("arcane", function()
  for _, case in ipairs(client_row("arcane", {
    always = requests.all(requests.compose, {
      "POST /commit?container=web&repo=x", { "POST /containers/web/update", body = '{"RestartPolicy":{"Name":"always"}}' },
      "GET /images/nginx/history", "POST /images/nginx/tag?repo=x", "GET /images/search?term=x",
      "GET /distribution/nginx/json", { "POST /auth", body = '{"username":"a"}' }, "GET /system/df",
    }),
    options = {
      arcanedir = { set = "/opt/projects",
        { "POST /containers/create", body = '{"HostConfig":{"Binds":["/opt/projects/a/x:/x"]}}' } },
      arcaneimages = { "POST /images/load", "GET /images/get?names=x" },
      arcaneexec = requests.exec, arcanefiles = requests.files, arcanebuild = requests.build,
      arcaneprune = requests.prune, arcaneswarm = requests.swarm,
    },
    containers = { { name = "web" } },
    creates = { request = "POST /containers/create?name=x", may = requests.may },
    denied = requests.without "PUT /containers/web/archive?path=/",
  })) do
    it(case.name, case.run)
  end

  for _, case in ipairs(client_sees("arcane", {}, {
    { "GET /containers/web/json", '{"Config":{"Env":["A=shown"]}}', '{"Config":{"Env":["A=shown"]}}' },
  })) do
    it(case.name, case.run)
  end
end)
