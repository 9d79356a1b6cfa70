local client_row = require "spec.support.client_row"
local client_sees = require "spec.support.client_sees"

describe("beszel", function()
  for _, case in ipairs(client_row("beszel", {
    always = {
      "GET /version", "GET /info", "GET /containers/json", "GET /containers/0123456789ab/stats?stream=0&one-shot=1",
    },
    options = { beszeldetails = { "GET /containers/web/json", "GET /containers/web/logs?stdout=1&tail=200" } },
  })) do
    it(case.name, case.run)
  end

  for _, case in ipairs(client_sees("beszel", { beszeldetails = true }, {
    { "GET /containers/web/json", '{"Id":"1","Config":{"Env":["A=secret"],"Labels":{"a":"b"}}}',
      '{"Id":"1","Config":{"Env":[],"Labels":{"a":"b"}}}' },
  })) do
    it(case.name, case.run)
  end
end)
