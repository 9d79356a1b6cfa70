local client_row = require "spec.support.client_row"
local client_sees = require "spec.support.client_sees"

describe("crowdsec", function()
  for _, case in ipairs(client_row("crowdsec", {
    always = {
      "HEAD /_ping", "GET /_ping", "GET /info", "GET /containers/json", "GET /containers/web/json",
      "GET /containers/web/logs?follow=1&stdout=1", "GET /events?filters=%7B%7D",
    },
    options = { crowdsecswarm = { "GET /services", "GET /services/s1", "GET /services/s1/logs?follow=1" } },
  })) do
    it(case.name, case.run)
  end

  for _, case in ipairs(client_sees("crowdsec", { crowdsecswarm = true }, {
    { "GET /containers/web/json", '{"Id":"1","Config":{"Env":["A=secret"],"Labels":{"a":"b"}}}',
      '{"Id":"1","Config":{"Env":[],"Labels":{"a":"b"}}}' },
    { "GET /services", '[{"ID":"1","Spec":{"TaskTemplate":{"ContainerSpec":{"Env":["A=secret"]}}}}]',
      '[{"ID":"1","Spec":{"TaskTemplate":{"ContainerSpec":{"Env":[]}}}}]' },
  })) do
    it(case.name, case.run)
  end

  for _, case in ipairs(client_sees("crowdsec", { crowdseclabel = "crowdsec.enable=true" }, {
    { "GET /containers/json", '[{"Id":"1","Labels":{"crowdsec.enable":"true"}},{"Id":"2","Labels":{"crowdsec.enable":"no"}}]',
      '[{"Id":"1","Labels":{"crowdsec.enable":"true"}}]' },
    { "GET /containers/1/json", '{"Config":{"Labels":{"crowdsec.enable":"true"},"Env":["A=secret"]}}',
      '{"Config":{"Labels":{"crowdsec.enable":"true"},"Env":[]}}' },
    { "GET /containers/2/json", '{"Config":{"Labels":{}}}', 404 },
    { "GET /events", '{"Type":"container","Actor":{"Attributes":{"name":"a","crowdsec.enable":"true"}}}\n'
      .. '{"Type":"container","Actor":{"Attributes":{"name":"b"}}}\n',
      '{"Type":"container","Actor":{"Attributes":{"name":"a","crowdsec.enable":"true"}}}\n' },
    { "GET /containers/web/logs?stdout=1", "", "" },
    { "GET /containers/db/logs?stdout=1", "", 404 },
  }, { { name = "web", labels = { ["crowdsec.enable"] = "true" } }, { name = "db", labels = {} } })) do
    it(case.name, case.run)
  end
end)
