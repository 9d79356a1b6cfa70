-- What the groups of a regular expression took. The table is what Go's regexp gives for ^(?:PATTERN)$, too.
local core = require "moonward.core"

local function captures(pattern, text)
  return assert(core.regex(pattern)):captures(text)
end

describe("regex:captures", function()
  -- pattern, text, groups; nil: it does not match
  for _, case in ipairs {
    { "([a-z]+):([0-9]+)", "web:80", { "web", "80" } },
    { "([a-z]+):([0-9]+)", "web:80x" },
    { "([a-z]+):([0-9]+)", " web:80" },
    { "(?P<host>.*):(\\d+)", "a:b:80", { "a:b", "80", host = "a:b" } },
    { "(.*?):(.*)", "a:b:c", { "a", "b:c" } },
    { "(a)|(b)", "b", { false, "b" } },
    { "(a)?b", "b", { false } },
    { "(a*)b", "b", { "" } },
    { "(?:(a)|b)*", "ab", { "a" } },
    { "(a|ab)(c|bcd)?(d*)", "abcd", { "a", "bcd", "" } },
    { "((a)b)(?P<rest>.*)", "abc", { "ab", "a", "c", rest = "c" } },
    { "no groups", "no groups", {} },
    { "", "", {} },
    { "()", "", { "" } },
    { "(.)", "\u{e9}", { "\u{e9}" } },
    { "(.)(.)", "\xff\xfe", { "\xff", "\xfe" } },
    { "a(.*)z", "a\xc3(\xe2\x82\xacz", { "\xc3(\xe2\x82\xac" } },
    { "(.)(.)(.)", "\xe2\x82", nil },
    { "(?s)(.*)\n(.*)", "a\nb\nc", { "a\nb", "c" } },
    { "(.*)\0(.*)", "a\0b", { "a", "b" } },
  } do
    it(("of %q in %q"):format(case[1], case[2]), function()
      assert.same(case[3], captures(case[1], case[2]))
    end)
  end

  it("takes up to 50 groups", function()
    assert.equal(50, #captures(("(a)"):rep(50), ("a"):rep(50)))
    assert.has_error(function() captures(("(a)"):rep(51), "a") end,
      "captures: the pattern has 51 groups, more than 50")
  end)

  it("gives a table of its own each time", function()
    local regex = core.regex "(a)"
    local first = regex:captures "a"
    first[1] = "b"
    assert.same({ "a" }, regex:captures "a")
  end)

  it("reads no text of more than 16 KiB", function()
    local regex = core.regex "(a)*"
    assert.same({ "a" }, regex:captures(("a"):rep(16384)))
    assert.has_error(function() regex:captures(("a"):rep(16385)) end,
      "captures: the text has 16385 bytes, more than 16384")
  end)

  it("takes no number for a text", function()
    assert.has_error(function() core.regex "(1)":captures(1) end)
  end)
end)
