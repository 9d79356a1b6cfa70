local client_row = require "spec.support.client_row"
local client_sees = require "spec.support.client_sees"

describe("promtail", function()
  for _, case in ipairs(client_row("promtail", {
    always = {
      "GET /containers/json?filters=%7B%7D", "GET /containers/web/json", "GET /networks",
      "GET /containers/web/logs?follow=1&stdout=1&stderr=1&timestamps=1&since=1",
    },
  })) do
    it(case.name, case.run)
  end

  for _, case in ipairs(client_sees("promtail", {}, {
    { "GET /containers/web/json", '{"Config":{"Env":["A=secret"],"Tty":true}}', '{"Config":{"Env":[],"Tty":true}}' },
    { "GET /networks", '[{"Name":"n","Options":{"a":"secret"},"Labels":{"a":"b"}}]',
      '[{"Name":"n","Options":{},"Labels":{"a":"b"}}]' },
  })) do
    it(case.name, case.run)
  end
end)
