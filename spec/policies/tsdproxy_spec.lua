local client_row = require "spec.support.client_row"
local client_sees = require "spec.support.client_sees"

describe("tsdproxy", function()
  for _, case in ipairs(client_row("tsdproxy", {
    always = {
      "GET /containers/json?filters=%7B%7D", "GET /containers/web/json", "GET /events?filters=%7B%7D", "GET /networks",
      "GET /services/s1",
    },
    options = { tsdproxylabel = { set = "tsdproxy.enable=true" } },
    containers = { { name = "web", labels = { ["tsdproxy.enable"] = "true" } } },
  })) do
    it(case.name, case.run)
  end

  for _, case in ipairs(client_sees("tsdproxy", {}, {
    { "GET /containers/web/json", '{"Config":{"Env":["A=secret"],"Labels":{"a":"b"}}}',
      '{"Config":{"Env":[],"Labels":{"a":"b"}}}' },
    { "GET /networks", '[{"Name":"bridge","Options":{"com.docker.network.bridge.default_bridge":"true"}}]',
      '[{"Name":"bridge","Options":{"com.docker.network.bridge.default_bridge":"true"}}]' },
    { "GET /services/s1", '{"ID":"1","Spec":{"TaskTemplate":{"ContainerSpec":{"Env":["A=secret"]}}}}',
      '{"ID":"1","Spec":{"TaskTemplate":{"ContainerSpec":{"Env":[]}}}}' },
  })) do
    it(case.name, case.run)
  end

  for _, case in ipairs(client_sees("tsdproxy", { tsdproxylabel = "tsdproxy.enable=true" }, {
    { "GET /containers/json", '[{"Id":"1","Labels":{"tsdproxy.enable":"true"}},{"Id":"2","Labels":{}}]',
      '[{"Id":"1","Labels":{"tsdproxy.enable":"true"}}]' },
    { "GET /containers/web/json", '{"Config":{"Labels":{}}}', 404 },
  })) do
    it(case.name, case.run)
  end
end)
