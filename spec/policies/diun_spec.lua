local client_row = require "spec.support.client_row"

describe("diun", function()
  for _, case in ipairs(client_row("diun", {
    always = {
      "HEAD /_ping", "GET /_ping", "GET /version", "GET /containers/json?all=1", "GET /images/sha256:00/json",
      "GET /images/ghcr.io/a/b:1@sha256:00/json",
    },
    options = { diunswarm = { "GET /services" } },
  })) do
    it(case.name, case.run)
  end
end)
