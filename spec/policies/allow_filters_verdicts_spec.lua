-- allow-filters: each of its verdicts, with `moonward test` too. What the globs take is in allow_filters_spec.lua.
local test = require "moonward.test"

describe("allow-filters", function()
  local policy = test.policy("allow-filters", { ["config-file"] = "allow_filters.toml" })

  it("allows what a filter takes", function()
    assert.allows(policy:decide { path = "/containers/json" })
  end)

  it("allows HEAD", function()
    local verdict = policy:decide { method = "HEAD", path = "/_ping" }
    assert.allows(verdict)
    assert.equal("HEAD", verdict.rule)
  end)

  it("denies the rest", function()
    assert.denies(policy:decide { path = "/images/json" }, "request rejected")
  end)
end)
