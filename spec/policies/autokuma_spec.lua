local client_row = require "spec.support.client_row"
local client_sees = require "spec.support.client_sees"

describe("autokuma", function()
  for _, case in ipairs(client_row("autokuma", {
    always = { "GET /containers/json?all=true", "GET /info" },
    options = { autokumaservices = { "GET /services" } },
  })) do
    it(case.name, case.run)
  end

  for _, case in ipairs(client_sees("autokuma", { autokumalabel = "kuma.*", autokumaservices = true }, {
    { "GET /containers/json", '[{"Id":"1","Labels":{"kuma.web.http.name":"web"}},{"Id":"2","Labels":{}}]',
      '[{"Id":"1","Labels":{"kuma.web.http.name":"web"}}]' },
    { "GET /services", '[{"ID":"1","Spec":{"TaskTemplate":{"ContainerSpec":{"Env":["A=secret"]}}}}]',
      '[{"ID":"1","Spec":{"TaskTemplate":{"ContainerSpec":{"Env":[]}}}}]' },
  })) do
    it(case.name, case.run)
  end
end)
