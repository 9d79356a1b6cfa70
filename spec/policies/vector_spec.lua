local client_row = require "spec.support.client_row"
local client_sees = require "spec.support.client_sees"

describe("vector", function()
  for _, case in ipairs(client_row("vector", {
    always = {
      "GET /containers/json?all=false", "GET /containers/web/json", "GET /events?since=1",
      "GET /containers/web/logs?follow=true&stdout=true&stderr=true&since=1&timestamps=true",
    },
    options = { vectorlabel = { set = "vector.enable=true" } },
    containers = { { name = "web", labels = { ["vector.enable"] = "true" } } },
  })) do
    it(case.name, case.run)
  end

  for _, case in ipairs(client_sees("vector", { vectorlabel = "vector.enable=true" }, {
    { "GET /containers/json", '[{"Id":"1","Labels":{"vector.enable":"true"}},{"Id":"2","Labels":{"vector.enable":"no"}}]',
      '[{"Id":"1","Labels":{"vector.enable":"true"}}]' },
    { "GET /containers/web/json", '{"Config":{"Labels":{"vector.enable":"true"},"Env":["A=secret"]}}',
      '{"Config":{"Labels":{"vector.enable":"true"},"Env":[]}}' },
    { "GET /containers/web/logs?stdout=1", "", "" },
    { "GET /containers/db/logs?stdout=1", "", 404 },
  }, { { name = "web", labels = { ["vector.enable"] = "true" } }, { name = "db", labels = {} } })) do
    it(case.name, case.run)
  end
end)
