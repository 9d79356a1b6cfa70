local client_row = require "spec.support.client_row"
local client_sees = require "spec.support.client_sees"

describe("netdata", function()
  for _, case in ipairs(client_row("netdata", {
    always = {
      "HEAD /_ping", "GET /_ping", "GET /info", "GET /containers/json", "GET /images/json",
      "GET /containers/0123456789012345678901234567890123456789012345678901234567890123/json",
    },
  })) do
    it(case.name, case.run)
  end

  for _, case in ipairs(client_sees("netdata", {}, {
    { "GET /containers/web/json", '{"Name":"/web","Config":{"Image":"i","Env":["A=secret","NOMAD_JOB_NAME=j"]}}',
      '{"Name":"/web","Config":{"Image":"i","Env":["NOMAD_JOB_NAME=j"]}}' },
  })) do
    it(case.name, case.run)
  end
end)
