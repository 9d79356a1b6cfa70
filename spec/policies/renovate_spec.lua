local answers = require "spec.support.answers"
local client_row = require "spec.support.client_row"
local test = require "moonward.test"

local create = "POST /containers/create?name=renovate_sidecar"
local body = '{"Image":"base","Labels":{"renovate_child":""},"HostConfig":{"AutoRemove":true,"Binds":["%s:/x"]}}'

describe("renovate", function()
  for _, case in ipairs(client_row("renovate", {
    containers = { { name = "renovate_sidecar" }, { name = "web" } }, engine = answers { images = { base = {} } },
    shown = { "renovate_sidecar" },
    always = {
      "GET /info", "POST /images/create?fromImage=base", "GET /images/base/json", "GET /containers/json?all=1",
      { create, body = '{"Image":"base","Labels":{"renovate_child":""},"HostConfig":{"AutoRemove":true}}' },
      "POST /containers/renovate_sidecar/start", "POST /containers/renovate_sidecar/attach?stream=1&stdout=1",
      "POST /containers/renovate_sidecar/wait?condition=removed", "POST /containers/renovate_sidecar/kill?signal=TERM",
      "DELETE /containers/renovate_sidecar?force=1",
    },
    options = { renovatedir = { set = "/tmp/renovate", { create, body = body:format "/tmp/renovate/repos/a" } } },
    creates = { request = create, may = {} },
    denied = {
      { create, body = body:format "/etc" }, { create, body = body:format "/tmp/renovate/../../etc" },
      { create, body = body:format "/var/run/docker.sock" }, { create, body = '{"HostConfig":{"Privileged":true}}' },
      { "POST /containers/create?name=web", body = "{}" }, { "POST /containers/create", body = "{}" },
      "DELETE /containers/web?force=1", "POST /containers/web/start", "POST /containers/web/attach?stream=1",
    },
  })) do
    it(case.name, case.run)
  end

  it("takes another beginning of names, and not none", function()
    local policy = test.policy("renovate", { renovateprefix = "ci_" })
    assert.is_true(policy:decide({ method = "POST", path = "/containers/create?name=ci_sidecar", body = "{}" }).allowed)
    assert.is_false(policy:decide({ method = "POST", path = "/containers/create?name=renovate_x", body = "{}" }).allowed)
    assert.is_false((pcall(test.policy, "renovate", { renovateprefix = "" })))
  end)
end)
