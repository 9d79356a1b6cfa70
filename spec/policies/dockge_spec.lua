local client_row = require "spec.support.client_row"
local client_sees = require "spec.support.client_sees"
local requests = require "spec.support.manager_requests"

describe("dockge", function()
  for _, case in ipairs(client_row("dockge", {
    always = requests.compose,
    options = {
      dockgestacks = { set = "/opt/stacks",
        { "POST /containers/create", body = '{"HostConfig":{"Binds":["/opt/stacks/shop/data:/data"]}}' } },
      dockgeexec = requests.exec, dockgebuild = requests.build,
    },
    containers = { { name = "web" } },
    creates = { request = "POST /containers/create?name=x", may = requests.may },
    denied = requests.all(requests.host_power, requests.prune, {
      { "POST /containers/create", body = '{"HostConfig":{"Binds":["/opt/stacks/../etc:/data"]}}' },
      { "POST /containers/web/exec", body = '{"Privileged":true,"Cmd":["sh"]}' },
    }),
  })) do
    it(case.name, case.run)
  end

  for _, case in ipairs(client_sees("dockge", {}, {
    { "GET /containers/web/json", '{"Config":{"Env":["A=secret"],"Labels":{"a":"b"}}}',
      '{"Config":{"Env":[],"Labels":{"a":"b"}}}' },
  })) do
    it(case.name, case.run)
  end
end)
