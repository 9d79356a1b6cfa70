local client_row = require "spec.support.client_row"
local client_sees = require "spec.support.client_sees"

describe("newt", function()
  for _, case in ipairs(client_row("newt", {
    always = { "GET /containers/json?all=1", "GET /containers/web/json", "GET /events?filters=%7B%7D" },
  })) do
    it(case.name, case.run)
  end

  for _, case in ipairs(client_sees("newt", {}, {
    { "GET /containers/web/json", '{"Config":{"Env":["A=secret"],"Labels":{"a":"b"}}}',
      '{"Config":{"Env":[],"Labels":{"a":"b"}}}' },
  })) do
    it(case.name, case.run)
  end
end)
