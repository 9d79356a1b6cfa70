local client_row = require "spec.support.client_row"
local client_sees = require "spec.support.client_sees"

describe("alloy", function()
  for _, case in ipairs(client_row("alloy", {
    always = {
      "GET /containers/json?filters=%7B%7D", "GET /containers/web/json", "GET /networks",
      "GET /containers/web/logs?follow=1&stdout=1&stderr=1&timestamps=1&since=1",
    },
    options = {
      alloyswarm = { "GET /services", "GET /tasks", "GET /nodes?filters=%7B%7D" },
      alloyinfo = { "GET /info" },
    },
  })) do
    it(case.name, case.run)
  end

  for _, case in ipairs(client_sees("alloy", { alloyswarm = true }, {
    { "GET /containers/web/json", '{"Config":{"Env":["A=secret"],"Tty":true}}', '{"Config":{"Env":[],"Tty":true}}' },
    { "GET /services", '[{"ID":"1","Spec":{"TaskTemplate":{"ContainerSpec":{"Env":["A=secret"]}}}}]',
      '[{"ID":"1","Spec":{"TaskTemplate":{"ContainerSpec":{"Env":[]}}}}]' },
  })) do
    it(case.name, case.run)
  end
end)
