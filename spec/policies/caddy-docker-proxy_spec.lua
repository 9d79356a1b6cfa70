local client_row = require "spec.support.client_row"
local client_sees = require "spec.support.client_sees"

describe("caddy-docker-proxy", function()
  for _, case in ipairs(client_row("caddy-docker-proxy", {
    always = {
      "HEAD /_ping", "GET /_ping", "GET /info", "GET /containers/json", "GET /containers/web/json", "GET /networks",
      "GET /networks/n1", "GET /events",
    },
    options = { caddyswarm = { "GET /services", "GET /tasks", "GET /configs", "GET /configs/c1" } },
  })) do
    it(case.name, case.run)
  end

  for _, case in ipairs(client_sees("caddy-docker-proxy", { caddyswarm = true }, {
    { "GET /containers/web/json", '{"Id":"1","Config":{"Env":["A=secret"],"Labels":{"a":"b"}}}',
      '{"Id":"1","Config":{"Env":[],"Labels":{"a":"b"}}}' },
    { "GET /services", '[{"ID":"1","Spec":{"TaskTemplate":{"ContainerSpec":{"Env":["A=secret"]}}}}]',
      '[{"ID":"1","Spec":{"TaskTemplate":{"ContainerSpec":{"Env":[]}}}}]' },
    { "GET /tasks", '[{"ID":"1","Spec":{"ContainerSpec":{"Env":["A=secret"]}}}]',
      '[{"ID":"1","Spec":{"ContainerSpec":{"Env":[]}}}]' },
    { "GET /configs", '[{"ID":"1","Spec":{"Name":"a","Labels":{"caddy":""},"Data":"eA=="}},{"ID":"2","Spec":{"Name":"b"}}]',
      '[{"ID":"1","Spec":{"Name":"a","Labels":{"caddy":""},"Data":"eA=="}}]' },
    { "GET /configs/2", '{"ID":"2","Spec":{"Name":"b","Data":"eA=="}}', 404 },
  })) do
    it(case.name, case.run)
  end

  for _, case in ipairs(client_sees("caddy-docker-proxy", { caddyswarm = true, caddylabel = "proxy" }, {
    { "GET /configs/1", '{"ID":"1","Spec":{"Labels":{"caddy":""}}}', 404 },
    { "GET /configs/2", '{"ID":"2","Spec":{"Labels":{"proxy":""}}}', '{"ID":"2","Spec":{"Labels":{"proxy":""}}}' },
  })) do
    it(case.name, case.run)
  end
end)
