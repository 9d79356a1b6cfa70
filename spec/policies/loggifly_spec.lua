local client_row = require "spec.support.client_row"
local client_sees = require "spec.support.client_sees"

local label = "loggifly.monitor=true"
local containers = { { name = "web", labels = { ["loggifly.monitor"] = "true" } }, { name = "db", labels = {} } }

describe("loggifly", function()
  for _, case in ipairs(client_row("loggifly", {
    always = {
      "GET /info", "GET /containers/json", "GET /containers/web/json", "GET /events?since=1&filters=%7B%7D",
      "GET /containers/web/logs?follow=1&stdout=1&stderr=1&since=1",
    },
    options = {
      loggiflylabel = { set = label },
      loggiflyactions = {
        "POST /containers/web/start", "POST /containers/web/stop", "POST /containers/web/restart", "POST /containers/web/wait",
      },
      loggiflyswarm = { "GET /services/s1", "GET /nodes/n1" },
    },
    containers = containers,
    denied = { "POST /containers/db/stop", "GET /containers/db/logs?stdout=1", "POST /containers/web/kill" },
  })) do
    it(case.name, case.run)
  end

  for _, case in ipairs(client_sees("loggifly", {}, {
    { "GET /containers/web/json", '{"Config":{"Env":["A=secret"],"Labels":{"a":"b"}}}',
      '{"Config":{"Env":[],"Labels":{"a":"b"}}}' },
  })) do
    it(case.name, case.run)
  end

  for _, case in ipairs(client_sees("loggifly", { loggiflylabel = label }, {
    { "GET /containers/json", '[{"Id":"1","Labels":{"loggifly.monitor":"true"}},{"Id":"2","Labels":{}}]',
      '[{"Id":"1","Labels":{"loggifly.monitor":"true"}}]' },
    { "GET /containers/web/logs?stdout=1", "", "" },
  }, containers)) do
    it(case.name, case.run)
  end
end)
