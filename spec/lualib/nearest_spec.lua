local nearest = require "moonward.nearest"

describe("nearest.find", function()
  local known = { "SP_ALLOWFROM", "SP_LISTENIP", "SP_LOGLEVEL", "SP_LOGJSON" }
  local cases = {
    { "SP_ALLOWFROM", "SP_ALLOWFROM" },
    { "SP_ALLOWFORM", "SP_ALLOWFROM" },
    { "SP_LISTENPI", "SP_LISTENIP" },
    { "sp_listenip", "SP_LISTENIP" },
    { "SP_LOGLEVE", "SP_LOGLEVEL" },
    { "SP_LOG_LEVEL", "SP_LOGLEVEL" },
    { "SP_LOGJSN", "SP_LOGJSON" },
    { "TZ", nil },
    { "", nil },
    { string.rep("x", 100000), nil },
  }
  for _, case in ipairs(cases) do
    it("finds " .. (case[2] or "nothing") .. " for " .. string.sub(case[1], 1, 20), function()
      assert.equal(case[2], nearest.find(case[1], known))
    end)
  end

  it("takes the first of equally near names", function()
    assert.equal("ab", nearest.find("aa", { "ab", "ac" }))
  end)
end)

describe("nearest.hint", function()
  it("asks for the near name", function()
    assert.equal(", did you mean workers?", nearest.hint("worker", { "policy", "workers" }))
  end)
  it("is silent without one", function()
    assert.equal("", nearest.hint("colour", { "policy", "workers" }))
  end)
end)
