local client_row = require "spec.support.client_row"
local client_sees = require "spec.support.client_sees"
local requests = require "spec.support.manager_requests"

describe("komodo", function()
  for _, case in ipairs(client_row("komodo", {
    always = requests.all(requests.compose, {
      "GET /images/nginx/history", { "POST /auth", body = '{"username":"a"}' }, "GET /system/df",
    }),
    options = {
      komodoroot = { set = "/etc/komodo",
        { "POST /containers/create", body = '{"HostConfig":{"Binds":["/etc/komodo/stacks/a/x:/x"]}}' } },
      komodoexec = requests.exec, komodobuild = requests.build, komodoprune = requests.prune,
      komodoswarm = requests.swarm,
    },
    containers = { { name = "web" } },
    creates = { request = "POST /containers/create?name=x", may = requests.may },
    denied = requests.host_power,
  })) do
    it(case.name, case.run)
  end

  for _, case in ipairs(client_sees("komodo", { komodoswarm = true }, {
    { "GET /containers/web/json", '{"Config":{"Env":["A=secret"],"Labels":{"a":"b"}}}',
      '{"Config":{"Env":[],"Labels":{"a":"b"}}}' },
    { "GET /configs", '[{"ID":"1","Spec":{"Data":"eA=="}}]', '[{"ID":"1","Spec":{"Data":"eA=="}}]' },
    { "GET /swarm", '{"JoinTokens":{"Worker":"SWMTKN-1-a"}}', '{"JoinTokens":{"Worker":""}}' },
    { "GET /services", '[{"ID":"1","Spec":{"TaskTemplate":{"ContainerSpec":{"Env":["A=secret"]}}}}]',
      '[{"ID":"1","Spec":{"TaskTemplate":{"ContainerSpec":{"Env":[]}}}}]' },
  })) do
    it(case.name, case.run)
  end

  for _, case in ipairs(client_sees("komodo", { komodoenvironment = true }, {
    { "GET /containers/web/json", '{"Config":{"Env":["A=shown"]}}', '{"Config":{"Env":["A=shown"]}}' },
  })) do
    it(case.name, case.run)
  end
end)
