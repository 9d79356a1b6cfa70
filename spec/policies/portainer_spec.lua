local client_row = require "spec.support.client_row"
local client_sees = require "spec.support.client_sees"

describe("portainer", function()
  for _, case in ipairs(client_row("portainer", {
    always = {
      "HEAD /_ping", "GET /_ping", "GET /version", "GET /info", "GET /events?since=1&until=2", "GET /containers/json?all=1",
      "GET /containers/web/json", "GET /containers/web/stats?stream=false", "GET /images/json", "GET /images/sha256:0/json",
      "GET /images/sha256:0/history", "GET /networks", "GET /networks/n1", "GET /volumes", "GET /volumes/v1",
      "GET /services", "GET /services/s1", "GET /tasks", "GET /tasks/t1", "GET /nodes", "GET /nodes/n1", "GET /swarm",
      "GET /secrets", "GET /secrets/s1", "GET /configs", "GET /configs/c1", "GET /plugins",
    },
    options = {
      portainerlogs = {
        "GET /containers/web/logs?stdout=1", "GET /services/s1/logs?stdout=1", "GET /tasks/t1/logs?stdout=1",
        "GET /containers/web/top",
      },
    },
  })) do
    it(case.name, case.run)
  end

  for _, case in ipairs(client_sees("portainer", { portainerlogs = true }, {
    { "GET /containers/web/json", '{"Id":"1","Config":{"Env":["A=secret"],"Labels":{"a":"b"}}}',
      '{"Id":"1","Config":{"Env":[],"Labels":{"a":"b"}}}' },
    { "GET /services", '[{"ID":"1","Spec":{"TaskTemplate":{"ContainerSpec":{"Env":["A=secret"]}}}}]',
      '[{"ID":"1","Spec":{"TaskTemplate":{"ContainerSpec":{"Env":[]}}}}]' },
    { "GET /tasks", '[{"ID":"1","Spec":{"ContainerSpec":{"Env":["A=secret"]}}}]',
      '[{"ID":"1","Spec":{"ContainerSpec":{"Env":[]}}}]' },
    { "GET /configs", '[{"ID":"1","Spec":{"Name":"a","Data":"eA=="}}]', '[{"ID":"1","Spec":{"Name":"a","Data":""}}]' },
    { "GET /swarm", '{"ID":"1","JoinTokens":{"Worker":"SWMTKN-1-a","Manager":"SWMTKN-1-b"}}',
      '{"ID":"1","JoinTokens":{"Worker":"","Manager":""}}' },
    { "GET /plugins", '[{"Id":"1","Settings":{"Env":["A=secret"]}}]', '[{"Id":"1","Settings":{"Env":[]}}]' },
  })) do
    it(case.name, case.run)
  end

  for _, case in ipairs(client_sees("portainer", { portainerenvironment = true }, {
    { "GET /containers/web/json", '{"Config":{"Env":["A=shown"]}}', '{"Config":{"Env":["A=shown"]}}' },
    { "GET /configs", '[{"ID":"1","Spec":{"Name":"a","Data":"eA=="}}]', '[{"ID":"1","Spec":{"Name":"a","Data":""}}]' },
    { "GET /swarm", '{"ID":"1","JoinTokens":{"Worker":"SWMTKN-1-a","Manager":"SWMTKN-1-b"}}',
      '{"ID":"1","JoinTokens":{"Worker":"","Manager":""}}' },
    { "GET /plugins", '[{"Id":"1","Settings":{"Env":["A=secret"]}}]', '[{"Id":"1","Settings":{"Env":[]}}]' },
  })) do
    it(case.name, case.run)
  end
end)
