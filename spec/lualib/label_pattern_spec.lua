local label_pattern = require "moonward.label_pattern"

describe("label_pattern", function()
  -- pattern, labels, matches
  local cases = {
    { "a", { a = "" }, true },
    { "a", { a = "b", c = "d" }, true },
    { "a", { ab = "" }, false },
    { "a", {}, false },
    { "a.*", { ["a.b"] = "1" }, true },
    { "a.*", { a = "1" }, false },
    { "a=b", { a = "b" }, true },
    { "a=b", { a = "B" }, false },
    { "a=", { a = "" }, true },
    { "a=", { a = "b" }, false },
    { "a=b=c", { a = "b=c" }, true },
    { "a*=b", { ax = "c", ay = "b" }, true },
    { "a=*", { a = "b" }, false },
  }
  for i, case in ipairs(cases) do
    it(("%d: %s %s"):format(i, case[1], case[3] and "matches" or "does not match"), function()
      assert.equal(case[3], label_pattern.compile(case[1])(case[2]))
    end)
  end

  it("says what is wrong with a glob", function()
    local matches, message = label_pattern.try "[a=b"
    assert.is_nil(matches)
    assert.is_truthy(message:find("no ']'", 1, true))
  end)

  it("raises in the line that calls what cannot be read", function()
    for text, part in pairs { ["[a=b"] = "no ']'", [1] = "expected a label such as homepage.* or" } do
      local ok, message = pcall(function()
        local matches = label_pattern.compile(text)
        return matches
      end)
      assert.is_false(ok)
      assert.is_truthy(message:find("^%S*label_pattern_spec.lua:%d+: "), message)
      assert.is_truthy(message:find(part, 1, true), message)
    end
  end)
end)
