local client_row = require "spec.support.client_row"
local client_sees = require "spec.support.client_sees"

describe("podman-exporter", function()
  for _, case in ipairs(client_row("podman-exporter", {
    always = {
      "GET /libpod/_ping", "GET /libpod/version", "GET /libpod/info", "GET /libpod/containers/json?all=true",
      "GET /libpod/containers/stats?stream=false", "GET /libpod/pods/json", "GET /libpod/images/json?all=true",
      "GET /libpod/volumes/json", "GET /libpod/networks/json", "GET /libpod/events?stream=true",
    },
  })) do
    it(case.name, case.run)
  end

  for _, case in ipairs(client_sees("podman-exporter", {}, {
    { "GET /v5.0.0/libpod/containers/json", '[{"Id":"1","Command":["sh","secret"],"Labels":{"a":"b"}}]',
      '[{"Id":"1","Command":[],"Labels":{"a":"b"}}]' },
  })) do
    it(case.name, case.run)
  end
end)
