local client_row = require "spec.support.client_row"
local client_sees = require "spec.support.client_sees"
local requests = require "spec.support.manager_requests"

describe("dockhand", function()
  for _, case in ipairs(client_row("dockhand", {
    always = requests.all(requests.compose, {
      { "POST /containers/web/update", body = '{"RestartPolicy":{"Name":"always"}}' }, "GET /images/nginx/history",
      "POST /images/nginx/tag?repo=x", "POST /images/x/push", "GET /images/x/get", "GET /images/search?term=x",
      "GET /distribution/nginx/json", { "POST /auth", body = '{"username":"a"}' }, "GET /system/df",
    }),
    options = {
      dockhanddir = { set = "/opt/stacks",
        { "POST /containers/create", body = '{"HostConfig":{"Binds":["/opt/stacks/a/x:/x"]}}' } },
      dockhandexec = requests.exec, dockhandfiles = requests.files, dockhandbuild = requests.build,
      dockhandprune = requests.prune,
    },
    containers = { { name = "web" } },
    creates = { request = "POST /containers/create?name=x", may = requests.may },
    denied = requests.without "PUT /containers/web/archive?path=/",
  })) do
    it(case.name, case.run)
  end

  for _, case in ipairs(client_sees("dockhand", {}, {
    { "GET /containers/web/json", '{"Config":{"Env":["A=shown"]}}', '{"Config":{"Env":["A=shown"]}}' },
  })) do
    it(case.name, case.run)
  end
end)
