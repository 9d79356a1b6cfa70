local client_row = require "spec.support.client_row"
local client_sees = require "spec.support.client_sees"

local inspect = '{"Id":"1","Config":{"Env":["A=secret","MY_TEAM=t","MYSQL=secret"],"Cmd":["x"]}}'

describe("cadvisor", function()
  for _, case in ipairs(client_row("cadvisor", {
    always = { "GET /info", "GET /version", "GET /images/json", "GET /containers/web/json" },
    options = { cadvisorenv = { set = { "MY_*" } } },
    denied = { "GET /containers/json", "GET /containers/web/stats" },
  })) do
    it(case.name, case.run)
  end

  for _, case in ipairs(client_sees("cadvisor", {}, {
    { "GET /containers/web/json", inspect, '{"Id":"1","Config":{"Env":[],"Cmd":[]}}' },
  })) do
    it(case.name, case.run)
  end
  for _, case in ipairs(client_sees("cadvisor", { cadvisorenv = { "MY_*" } }, {
    { "GET /containers/web/json", inspect, '{"Id":"1","Config":{"Env":["MY_TEAM=t"],"Cmd":[]}}' },
  })) do
    it(case.name, case.run)
  end
end)
