local regexes = require "moonward.regexes"

describe("regexes.compile", function()
  -- text, whether it has alternatives outside of groups
  local cases = {
    ["a|b"] = true,
    ["|"] = true,
    ["^a|b$"] = true,
    ["(a)|b"] = true,
    ["[a]|b"] = true,
    ["[]|]|b"] = true,
    ["[^]|]|b"] = true,
    ["\\||b"] = true,
    ["\\Q|\\E|b"] = true,
    ["(?i)a|b"] = true,
    ["((a|b)c)|d"] = true,
    [""] = false,
    ["abc"] = false,
    ["(a|b)"] = false,
    ["(?:a|(b|c))d"] = false,
    ["[a|b]"] = false,
    ["[]|]"] = false,
    ["[^]|]"] = false,
    ["[[:alpha:]|]"] = false,
    ["[\\]|]"] = false,
    ["\\|"] = false,
    ["\\Qa|b\\E"] = false,
    ["\\Qa|b"] = false,
    ["\\(\\|\\)"] = false,
    ["([)]|b)"] = false,
  }
  for text, expected in pairs(cases) do
    it((expected and "finds" or "finds no") .. " alternatives in '" .. text .. "'", function()
      assert.equal(expected, assert(regexes.compile(text)).has_alternatives)
    end)
  end

  it("gives nil and the reason for what is no regex", function()
    local rule, why = regexes.try("(")
    assert.is_nil(rule)
    assert.equal("missing ): (", why)
  end)
end)

describe("regexes.first", function()
  local list = { regexes.compile("/a|/b"), regexes.compile("/b.*") }

  it("gives the first rule that matches the whole text", function()
    assert.equal(list[1], regexes.first(list, "/b"))
    assert.equal(list[2], regexes.first(list, "/bc"))
    assert.is_nil(regexes.first(list, "/ac"))
    assert.is_nil(regexes.first(list, "x/b"))
    assert.is_nil(regexes.first({}, "/a"))
  end)
end)

describe("regexes.quote", function()
  it("makes a regex for one text alone", function()
    local text = "/v1.41/a+b*c?(d)|[e]{f}^$\\-\u{e9}%/"
    local rule = assert(regexes.compile(regexes.quote(text)))
    assert.is_true(rule.regex:match(text))
    assert.is_false(rule.regex:match((string.gsub(text, "%.", "x"))))
  end)
end)
