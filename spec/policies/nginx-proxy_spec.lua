local client_row = require "spec.support.client_row"
local client_sees = require "spec.support.client_sees"

describe("nginx-proxy", function()
  for _, case in ipairs(client_row("nginx-proxy", {
    always = {
      "GET /_ping", "GET /version", "GET /info", "GET /containers/json?all=1", "GET /containers/web/json", "GET /networks",
      "GET /events",
    },
    options = {
      nginxproxynotify = {
        set = "nginx", "POST /containers/web/kill?signal=SIGHUP", "POST /containers/web/restart?t=10",
      },
    },
    containers = { { name = "web", labels = { nginx = "" } } },
  })) do
    it(case.name, case.run)
  end

  for _, case in ipairs(client_sees("nginx-proxy", { nginxproxynotify = "nginx" }, {
    { "POST /containers/web/kill?signal=SIGHUP", "", "" },
    { "POST /containers/db/kill?signal=SIGHUP", "", 403 },
    { "POST /containers/db/restart", "", 403 },
    { "GET /containers/db/json", '{"Config":{"Env":["VIRTUAL_HOST=a"]}}', '{"Config":{"Env":["VIRTUAL_HOST=a"]}}' },
  }, { { name = "web", labels = { nginx = "" } }, { name = "db", labels = { other = "nginx" } } })) do
    it(case.name, case.run)
  end
end)
