local client_row = require "spec.support.client_row"
local client_sees = require "spec.support.client_sees"

describe("homepage", function()
  for _, case in ipairs(client_row("homepage", {
    always = {
      "GET /containers/json?all=true", "GET /containers/web/json", "GET /containers/web/stats?stream=false",
    },
    options = { homepageswarm = { "GET /services", "GET /services/s1", "GET /tasks?filters=%7B%7D" } },
  })) do
    it(case.name, case.run)
  end

  for _, case in ipairs(client_sees("homepage", { homepageswarm = true }, {
    { "GET /containers/web/json", '{"Id":"1","Config":{"Env":["A=secret"],"Labels":{"a":"b"}}}',
      '{"Id":"1","Config":{"Env":[],"Labels":{"a":"b"}}}' },
    { "GET /services", '[{"ID":"1","Spec":{"TaskTemplate":{"ContainerSpec":{"Env":["A=secret"]}}}}]',
      '[{"ID":"1","Spec":{"TaskTemplate":{"ContainerSpec":{"Env":[]}}}}]' },
    { "GET /tasks", '[{"ID":"1","Spec":{"ContainerSpec":{"Env":["A=secret"]}}}]',
      '[{"ID":"1","Spec":{"ContainerSpec":{"Env":[]}}}]' },
  })) do
    it(case.name, case.run)
  end

  for _, case in ipairs(client_sees("homepage", { homepagelabel = "homepage.*" }, {
    { "GET /containers/json", '[{"Id":"1","Labels":{"homepage.name":"Web"}},{"Id":"2","Labels":{"homepage":"x"}}]',
      '[{"Id":"1","Labels":{"homepage.name":"Web"}}]' },
    { "GET /containers/1/json", '{"Config":{"Labels":{"homepage.name":"Web"},"Env":["A=secret"]}}',
      '{"Config":{"Labels":{"homepage.name":"Web"},"Env":[]}}' },
    { "GET /containers/3/json", '{"Config":{"Labels":{}}}', 404 },
    { "GET /containers/web/stats", "", "" },
    { "GET /containers/db/stats", "", 404 },
    { "GET /containers/nobody/stats", "", 404 },
  }, { { name = "web", labels = { ["homepage.name"] = "Web" } }, { name = "db", labels = {} } })) do
    it(case.name, case.run)
  end
end)
