local client_row = require "spec.support.client_row"
local client_sees = require "spec.support.client_sees"

describe("homarr", function()
  for _, case in ipairs(client_row("homarr", {
    always = {
      "HEAD /_ping", "GET /_ping", "GET /version", "GET /info", "GET /containers/json?all=true",
      "GET /containers/web/json", "GET /containers/web/stats?stream=false",
    },
    options = {
      homarractions = {
        "POST /containers/web/start", "POST /containers/web/stop", "POST /containers/web/restart", "DELETE /containers/web",
      },
      homarrlogs = { "GET /containers/web/logs?tail=200" },
    },
  })) do
    it(case.name, case.run)
  end

  for _, case in ipairs(client_sees("homarr", {}, {
    { "GET /containers/web/json", '{"Id":"1","Config":{"Env":["A=secret"],"Labels":{"a":"b"}}}',
      '{"Id":"1","Config":{"Env":[],"Labels":{"a":"b"}}}' },
  })) do
    it(case.name, case.run)
  end
end)
