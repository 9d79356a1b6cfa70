local client_row = require "spec.support.client_row"
local client_sees = require "spec.support.client_sees"

describe("traefik", function()
  for _, case in ipairs(client_row("traefik", {
    always = {
      "HEAD /_ping", "GET /_ping", "GET /version", "GET /containers/json?limit=0", "GET /containers/web/json",
      "GET /events?filters=%7B%22type%22%3A%7B%22container%22%3Atrue%7D%7D",
    },
    options = {
      traefikswarm = { "GET /services", "GET /tasks?filters=%7B%7D", "GET /networks", "GET /nodes/n1" },
    },
  })) do
    it(case.name, case.run)
  end

  for _, case in ipairs(client_sees("traefik", { traefikswarm = true }, {
    { "GET /containers/web/json", '{"Id":"1","Config":{"Env":["A=secret"],"Labels":{"a":"b"}}}',
      '{"Id":"1","Config":{"Env":[],"Labels":{"a":"b"}}}' },
    { "GET /services", '[{"ID":"1","Spec":{"TaskTemplate":{"ContainerSpec":{"Env":["A=secret"]}}}}]',
      '[{"ID":"1","Spec":{"TaskTemplate":{"ContainerSpec":{"Env":[]}}}}]' },
    { "GET /tasks", '[{"ID":"1","Spec":{"ContainerSpec":{"Env":["A=secret"]}}}]',
      '[{"ID":"1","Spec":{"ContainerSpec":{"Env":[]}}}]' },
  })) do
    it(case.name, case.run)
  end
end)
