local doublestar = require "moonward.doublestar"
local globs = require "spec.support.globs"

local long = ("a/"):rep(20000) .. "b"

describe("doublestar.compile", function()
  -- glob, what it takes, what it does not take; as doublestar v4.9.1 was seen to do
  local cases = {
    { "", { "" }, { "a", "/" } },
    { "/", { "/" }, { "", "//" } },
    { "/_ping", { "/_ping" }, { "/_pin", "/_pingx", "/v1.41/_ping", "_ping" } },
    { "/containers/json", { "/containers/json" }, { "/containers/json/", "/Containers/json", "/containers/jsonx" } },
    { "/containers/*", { "/containers/", "/containers/json", "/containers/.hidden", "/containers/a\nb" },
      { "/containers", "/containers/web/json" } },
    { "/containers/*/json", { "/containers/web/json", "/containers//json" },
      { "/containers/a/b/json", "/containers/json", "/containers/web/jsonx" } },
    { "/containers/**", { "/containers", "/containers/", "/containers/a", "/containers/a/b/c", "/containers/a\nb" },
      { "/containersx", "/x/containers" } },
    { "/containers/**/json", { "/containers/json", "/containers/web/json", "/containers/a/b/json" },
      { "/containers/webjson", "/containers/web/json/x" } },
    { "/containers/*/**", { "/containers/web", "/containers/web/json", "/containers//x" }, { "/containers", "/containers/" } },
    { "/containers*/**", { "/containersx", "/containersx/y", "/containers/y" }, { "/containers" } },
    { "/**", { "/", "", "/a", "/a/b" }, {} },
    { "**", { "", "/", "a", "/a/b" }, {} },
    { "**/json", { "json", "/json", "/a/json", "/a/b/json" }, { "/ajson" } },
    { "/**/**", { "/a" }, { "/", "" } },
    { "/a/**/**", { "/a/b" }, { "/a", "/a/" } },
    { "/a/**/", { "/a", "/a/", "/a/b/" }, { "/a/b" } },
    { "/a/**/b/**", { "/a/b", "/a/x/b/y/z" }, { "/a/x/y", "/a/xb" } },
    { "/a/**/a/**/a", { "/a/a/a", "/a/b/a/b/a" }, { "/a/a", "/a/a/b" } },
    { "/a**", { "/a", "/ab" }, { "/a/b" } },
    { "/**a", { "/a", "/ba" }, { "/b/a" } },
    { "/a**/b", { "/a/b", "/ax/b" }, { "/a/x/b" } },
    { "/***", { "/a" }, { "/", "/a/b" } },
    { "/a***", { "/ab", "/abc" }, { "/a" } },
    { "*", { "", "abc", "é\n" }, { "/", "a/b" } },
    { "a*b*c", { "abc", "axbxc", "abbcc" }, { "abxbcx", "a/bc" } },
    { "*a", { "a", "aa", "ba" }, { "ab" } },
    { "/images/*/json", { "/images/nginx/json" }, { "/images/library/nginx/json" } },
    { "/images/**/json", { "/images/nginx/json", "/images/library/nginx/json", "/images/json" }, {} },
    { "?", { "a", "é", "\n" }, { "", "/", "ab" } },
    { "/?/??", { "/a/bc", "/é/éé" }, { "/a/b", "//ab" } },
    { "[abc]", { "b" }, { "d", "", "ab" } },
    { "[a-c]x", { "bx" }, { "dx", "-x" } },
    { "[^a-c]", { "d", "é" }, { "b" } },
    { "[!a]", { "b" }, { "a" } },
    { "[a-]", { "a", "-" }, { "b" } },
    { "[-a]", { "a", "-" }, { "b" } },
    { "[a-c-e]", { "b", "-", "e" }, { "d" } },
    { "[c-a]", { "c" }, { "b", "a" } },
    { "[!c-a]", { "b" }, {} },
    { "[\\]]", { "]" }, { "\\" } },
    { "[\\-]", { "-" }, { "\\" } },
    { "[a\\-z]", { "-", "z" }, { "b" } },
    { "[\\^a]", { "^", "a" }, { "b" } },
    { "[a^]", { "^", "a" }, {} },
    { "[α-ω]*", { "λx" }, { "a" } },
    { "[*?{]", { "*", "?", "{" }, { "a" } },
    { "a]", { "a]" }, { "a" } },
    { "a-b", { "a-b" }, {} },
    { "a,b", { "a,b" }, { "a" } },
    { "\\*", { "*" }, { "a", "\\*" } },
    { "\\a\\/b", { "a/b" }, {} },
    { "a\\/**", { "a/b", "a/" }, { "a" } },
    { "\\é", { "é" }, {} },
    { "\\{a,b\\}", { "{a,b}" }, { "a" } },
    { "a.c", { "a.c" }, { "abc" } },
    { "(a|b)+$", { "(a|b)+$" }, { "a" } },
    { "/{containers,images}/json", { "/containers/json", "/images/json" }, { "/volumes/json", "/{containers,images}/json" } },
    { "/{containers,images}/**", { "/containers", "/images/a/b" }, { "/volumes" } },
    { "/containers{,/**}", { "/containers", "/containers/a/b", "/containers/" }, { "/containersx" } },
    { "/{a/b,c}/d", { "/a/b/d", "/c/d" }, { "/a/d" } },
    { "/{a,b/{c,d/**}}", { "/a", "/b/c", "/b/d/e/f", "/b/d" }, { "/b" } },
    { "{,a}b", { "b", "ab" }, { "a" } },
    { "{a,ab}c", { "ac", "abc" }, { "abcc" } },
    { "{}", { "" }, { "a" } },
    { "x{}y", { "xy" }, { "x{}y" } },
    { "{a}", { "a" }, { "{a}" } },
    { "{a,b}{c,d}", { "ac", "bd" }, { "ab", "abcd" } },
    { "{*,x}*/a", { "a", "/a", "b/c/a" }, { "x" } },
    { "/{**,x}", { "/a/b", "/x", "/" }, { "" } },
    { "/a/{**,x}", { "/a/", "/a/b/c" }, { "/a" } },
    { "/{*.txt,b}", { "/a.txt", "/b", "/.txt" }, { "/a/b.txt" } },
    { "{a,b\\,c}", { "a", "b,c" }, { "b" } },
    { "{a\\},b}", { "a}", "b" }, { "a" } },
    { "/**/{a,b}/**/c", { "/a/c", "/x/b/y/c" }, { "/x/c", "/a/b" } },
    { "[{]a", { "{a" }, { "a" } },
  }
  for _, case in ipairs(cases) do
    local takes = assert(doublestar.compile(case[1]))
    for i, list in ipairs { case[2], case[3] } do
      for _, path in ipairs(list) do
        local shown = path:gsub("\n", "\\n")
        it(("'%s' %s '%s'"):format(case[1], i == 1 and "takes" or "does not take", shown), function()
          assert.equal(i == 1, takes(path))
        end)
      end
    end
  end

  -- Narrower than the original, on purpose: glob, what that takes.
  local narrower = {
    { "[!a]", "/" },
    { "[.-0]", "/" },
    { "a[^b]c", "a/c" },
    { "*a**/", "aa" },
    { "**/a/**/", "a/a" },
  }
  for _, case in ipairs(narrower) do
    it(("%q does not take %q, though the original does"):format(case[1], case[2]), function()
      assert.is_false(assert(doublestar.compile(case[1]))(case[2]))
    end)
  end

  it("takes a byte that is no UTF-8 for U+FFFD, as Go does", function()
    assert.is_true(assert(doublestar.compile "a?b")("a\xffb"))
    assert.is_true(assert(doublestar.compile "a\u{fffd}b")("a\xffb"))
    assert.is_false(assert(doublestar.compile "a?b")("a\xff\xfeb"))
  end)

  local refused = {
    { "[", "a '[' without a ']', or with nothing in between at character 1" },
    { "é[]", "a '[' without a ']', or with nothing in between at character 2" },
    { "[^]", "a '[' without a ']', or with nothing in between at character 1" },
    { "[!]", "a '[' without a ']', or with nothing in between at character 1" },
    { "[a", "a '[' without a ']', or with nothing in between at character 1" },
    { "[a\\]", "a '[' without a ']', or with nothing in between at character 1" },
    { "a{b", "a '{' without a '}', or a ',', '{' or '}' in a set in braces, at character 2" },
    { "{a{b}", "a '{' without a '}', or a ',', '{' or '}' in a set in braces, at character 1" },
    { "a}", "a '}' without a '{' at character 2" },
    { "{a}}", "a '}' without a '{' at character 4" },
    { "a\\", "nothing follows the '\\' at character 2" },
    { "{[a,b]}", "a '{' without a '}', or a ',', '{' or '}' in a set in braces, at character 1" },
    { "a{**,b}", "'**' in braces behind other text; it has to be a segment of its own" },
    { "a{,b}**/c", "'**' in braces behind other text; it has to be a segment of its own" },
    { ("{a,b}"):rep(20), "its braces make more than 16384 steps; take several globs" },
    { ("a"):rep(5000), "it has 5000 bytes, the longest may have 4096" },
    { "a\xff", "it is not UTF-8" },
  }
  for _, case in ipairs(refused) do
    it(("refuses %q"):format(#case[1] < 100 and case[1] or case[1]:sub(1, 10) .. "..."), function()
      local takes, message = doublestar.try(case[1])
      assert.is_nil(takes)
      assert.equal("'" .. case[1] .. "' is not a glob: " .. case[2], message)
    end)
  end

  it("does not refuse braces that are nested, but not endlessly", function()
    local takes = assert(doublestar.compile(("{a"):rep(30) .. ("}"):rep(30)))
    assert.is_true(takes(("a"):rep(30)))
    assert.is_nil(doublestar.try(("{a"):rep(2000) .. ("}"):rep(2000)))
  end)

  it("takes linear time, whatever the glob and the path", function()
    for _, glob in ipairs { "**/a/**/a/**/a/**/a/**/c", "*a*a*a*a*a*b", "**/*a*/**/*a*/**/*c", "{**/a,**/b}/**/c",
      ("**/a/"):rep(200) .. "c" } do
      local takes = assert(doublestar.compile(glob))
      local from = os.clock()
      assert.is_false(takes(long))
      takes(("a"):rep(40000))
      assert.is_true(os.clock() - from < 1, glob)
    end
  end)

  it("agrees with a plain search, on random globs and paths", function()
    math.randomseed(20251122)
    for _ = 1, 3000 do
      local glob, path = globs.random(), globs.random_path()
      local takes, message = doublestar.try(glob)
      if takes then
        assert.equal(globs.takes(glob, path), takes(path), glob .. " " .. path)
      else
        assert.is_truthy(message:find("in braces behind", 1, true), message)
      end
    end
  end)
end)

describe("doublestar.quote", function()
  for _, text in ipairs { "/containers/json", "a*b?c[d]e{f,g}h\\i", "]}", "é" } do
    it("makes a glob that takes " .. text .. " and nothing else", function()
      local takes = assert(doublestar.compile(doublestar.quote(text)))
      assert.is_true(takes(text))
      assert.is_false(takes(text .. "x"))
      assert.is_false(takes(""))
    end)
  end
end)
