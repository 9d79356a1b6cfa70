local client_row = require "spec.support.client_row"
local client_sees = require "spec.support.client_sees"

describe("uptime-kuma", function()
  for _, case in ipairs(client_row("uptime-kuma", {
    always = { "GET /containers/web/json", "GET /containers/json?all=true" },
  })) do
    it(case.name, case.run)
  end

  for _, case in ipairs(client_sees("uptime-kuma", {}, {
    { "GET /containers/web/json",
      '{"Id":"1","Name":"/web","State":{"Running":true,"Health":{"Status":"healthy"}},"Config":{"Env":["A=secret"]},"Mounts":[]}',
      '{"Id":"1","State":{"Running":true,"Health":{"Status":"healthy"}}}' },
    { "GET /containers/json", '[{"Id":"1","ImageID":"sha256:0","Labels":{"a":"b"}},{"Id":"2","ImageID":"sha256:1"}]',
      '[{"ImageID":"sha256:0"},{"ImageID":"sha256:1"}]' },
  })) do
    it(case.name, case.run)
  end
end)
