local client_row = require "spec.support.client_row"

describe("sablier", function()
  for _, case in ipairs(client_row("sablier", {
    containers = {
      { name = "on", labels = { ["sablier.enable"] = "true" } }, { name = "web" },
      { name = "off", labels = { ["sablier.enable"] = "false" } },
    },
    shown = { "on" },
    always = {
      "HEAD /_ping", "GET /version", 'GET /containers/json?all=1&filters={"label":{"sablier.enable=true":true}}',
      "GET /containers/on/json", "POST /containers/on/start", "POST /containers/on/stop",
      "POST /containers/on/wait?condition=not-running", 'GET /events?filters={"type":{"container":true}}',
    },
    options = {
      sablierpause = { "POST /containers/on/pause", "POST /containers/on/unpause" },
      sablierscale = {
        { "POST /containers/on/update", body = '{"NanoCpus":500000000,"Memory":1024,"MemorySwap":1024,"BlkioWeight":10,'
          .. '"BlkioDeviceReadBps":[{"Path":"/dev/sda","Rate":1}]}' },
      },
    },
    denied = {
      "POST /containers/web/start", "POST /containers/web/stop", "POST /containers/off/start", "POST /containers/web/pause",
      "POST /containers/on/restart", "DELETE /containers/on",
      { "POST /containers/on/start", body = '{"Binds":["/:/h"]}' }, "POST /containers/on/start?checkpoint=c",
      { "POST /containers/on/update", body = '{"RestartPolicy":{"Name":"always"}}' },
      { "POST /containers/on/update", body = '{"Devices":[{"PathOnHost":"/dev/mem"}]}' },
      { "POST /containers/web/update", body = '{"Memory":1024}' }, { "POST /services/x/update", body = "{}" },
    },
  })) do
    it(case.name, case.run)
  end
end)
