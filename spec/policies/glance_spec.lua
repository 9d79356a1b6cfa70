local client_row = require "spec.support.client_row"
local client_sees = require "spec.support.client_sees"

local list = '[{"Id":"1","Labels":{"glance.name":"Web"},"Command":"x"},{"Id":"2","Labels":{},"Command":"x"}]'

describe("glance", function()
  for _, case in ipairs(client_row("glance", {
    always = { "GET /containers/json?all=true" },
    options = { glancelabel = { set = "glance.*" } },
    denied = { "GET /containers/json?limit=1" },
  })) do
    it(case.name, case.run)
  end

  for _, case in ipairs(client_sees("glance", {}, { { "GET /containers/json", list, (list:gsub('"x"', '""')) } })) do
    it(case.name, case.run)
  end
  for _, case in ipairs(client_sees("glance", { glancelabel = "glance.*" }, {
    { "GET /containers/json", list, '[{"Id":"1","Labels":{"glance.name":"Web"},"Command":""}]' },
  })) do
    it(case.name, case.run)
  end
end)
