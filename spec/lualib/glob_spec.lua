local glob = require "moonward.glob"

describe("a glob", function()
  local cases = {
    { "", "", true },
    { "", "a", false },
    { "abc", "abc", true },
    { "abc", "abcd", false },
    { "abc", "xabc", false },
    { "*", "", true },
    { "*", "a/b\n\0", true },
    { "a*", "a", true },
    { "a*", "ba", false },
    { "*a", "bba", true },
    { "*a", "ab", false },
    { "a*b", "axxb", true },
    { "a*b", "ab", true },
    { "a*b", "abc", false },
    { "*ab*ab", "abab", true },
    { "*ab*ab", "ab", false },
    { "*ab", "aab", true },
    { "*.com", "x.com.com", true },
    { "a**b", "ab", true },
    { "?", "x", true },
    { "?", "", false },
    { "?", "\u{e9}", true },
    { "??", "\u{e9}", false },
    { "a?c", "a/c", true },
    { "*?", "", false },
    { "[abc]", "b", true },
    { "[abc]", "d", false },
    { "[a-c]x", "bx", true },
    { "[a-c]x", "dx", false },
    { "[!a-c]", "d", true },
    { "[^a-c]", "b", false },
    { "[!a]", "\u{e9}", true },
    { "[\u{e9}]", "\u{e9}", true },
    { "[a-]", "-", true },
    { "[a\\]]", "]", true },
    { "[a\\-z]", "b", false },
    { "[*]", "*", true },
    { "[*]", "a", false },
    { "\\*", "*", true },
    { "\\*", "a", false },
    { "\\[a]", "[a]", true },
    { "a.c", "abc", false },
    { "a%d", "a%d", true },
    { "A", "a", false },
    { "a]", "a]", true },
  }
  for _, case in ipairs(cases) do
    local pattern, text, expected = table.unpack(case)
    it((expected and "'%s' takes '%s'" or "'%s' does not take '%s'"):format(pattern, text), function()
      assert.equal(expected, assert(glob.compile(pattern))(text))
    end)
  end

  local refused = {
    { "[a", "'[a' is not a glob: no ']' for the '[' at character 1" },
    { "x[]", "'x[]' is not a glob: no ']' for the '[' at character 2" },
    { "[!]", "'[!]' is not a glob: no ']' for the '[' at character 1" },
    { "a\\", "'a\\' is not a glob: nothing follows the '\\' at character 2" },
    { "[z-a]", "'[z-a]' is not a glob: the range z-a is empty" },
    { string.rep("a", 1001), "a glob of 1001 characters, the longest may have 1000" },
  }
  for _, case in ipairs(refused) do
    it("cannot be '" .. string.sub(case[1], 1, 10) .. "'", function()
      local matches, message = glob.try(case[1])
      assert.is_nil(matches)
      assert.equal(case[2], message)
    end)
  end

  it("takes linear time where a backtracking one would take forever", function()
    local matches = assert(glob.compile(string.rep("*a", 50) .. "*b"))
    local before = os.clock()
    assert.is_false(matches(string.rep("a", 100000)))
    assert.is_true(os.clock() - before < 1)
  end)

  for _, what in ipairs { 7, {}, true } do
    it("matches texts, and a " .. type(what) .. " is an error in the line that calls", function()
      local ok, message = pcall(function() assert.is_true(glob.compile("*")(what)) end)
      assert.is_false(ok)
      assert.matches("^spec/lualib/glob_spec.lua:%d+: a glob matches a text, got " .. type(what) .. "$", message)
    end)
  end
end)
