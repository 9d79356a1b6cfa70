local client_row = require "spec.support.client_row"
local test = require "moonward.test"

local list = 'GET /containers/json?filters={"health":["unhealthy"],"label":["autoheal=true"]}'

describe("autoheal", function()
  for _, case in ipairs(client_row("autoheal", {
    containers = {
      { name = "sick", labels = { autoheal = "true" } }, { name = "web", labels = {} },
      { name = "off", labels = { autoheal = "false" } }, { name = "other", labels = { watched = "true" } },
    },
    shown = { "sick" },
    always = { list, "POST /containers/sick/restart?t=10" },
    options = { containerlabel = { set = "watched", "POST /containers/other/restart?t=10" } },
    denied = { "POST /containers/web/restart?t=10", "POST /containers/off/restart", "POST /containers/sick/stop" },
  })) do
    it(case.name, case.run)
  end

  -- the value of AUTOHEAL_CONTAINER_LABEL, container, allowed
  local cases = {
    { "all", "web", true }, { "all", "off", true }, { "watched", "other", true }, { "watched", "sick", false },
    { "autoheal", "sick", true }, { "autoheal", "other", false },
  }
  for _, case in ipairs(cases) do
    local label, name, allowed = table.unpack(case)
    it(("with AUTOHEAL_CONTAINER_LABEL=%s %s %s"):format(label, allowed and "restarts" or "leaves alone", name), function()
      local policy = test.policy("autoheal", {}, { environment = { AUTOHEAL_CONTAINER_LABEL = label } })
      local verdict = policy:decide { method = "POST", path = "/containers/" .. name .. "/restart", containers = {
        { name = "sick", labels = { autoheal = "true" } }, { name = "web" }, { name = "off", labels = { autoheal = "no" } },
        { name = "other", labels = { watched = "true" } },
      } }
      assert.equal(allowed, verdict.allowed, verdict.reason)
    end)
  end
end)
