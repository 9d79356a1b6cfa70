local client_row = require "spec.support.client_row"
local client_sees = require "spec.support.client_sees"
local requests = require "spec.support.manager_requests"

describe("lazydocker", function()
  for _, case in ipairs(client_row("lazydocker", {
    always = {
      "GET /info", "GET /events", "GET /containers/json?all=1", "GET /containers/web/json", "GET /containers/web/stats?stream=1",
      "GET /containers/web/logs?follow=1&stdout=1", "GET /containers/web/top", "GET /images/json",
      "GET /images/sha256:0/history", "GET /volumes", "GET /networks",
    },
    options = {
      lazydockeractions = {
        "POST /containers/web/start", "POST /containers/web/stop", "POST /containers/web/restart",
        "POST /containers/web/pause", "POST /containers/web/unpause", "DELETE /containers/web?v=1", "DELETE /images/x",
        "DELETE /volumes/v1", "DELETE /networks/n1", "POST /containers/prune", "POST /images/prune", "POST /volumes/prune",
        "POST /networks/prune",
      },
      lazydockerexec = requests.exec,
    },
    containers = { { name = "web" } },
    denied = { "GET /containers/web/top?ps_args=axe" },
  })) do
    it(case.name, case.run)
  end

  for _, case in ipairs(client_sees("lazydocker", { lazydockeractions = true }, {
    { "GET /containers/web/json", '{"Config":{"Env":["A=secret"],"Labels":{"a":"b"}}}',
      '{"Config":{"Env":[],"Labels":{"a":"b"}}}' },
  })) do
    it(case.name, case.run)
  end

  for _, case in ipairs(client_sees("lazydocker", { lazydockerenvironment = true }, {
    { "GET /containers/web/json", '{"Config":{"Env":["A=shown"]}}', '{"Config":{"Env":["A=shown"]}}' },
  })) do
    it(case.name, case.run)
  end
end)
