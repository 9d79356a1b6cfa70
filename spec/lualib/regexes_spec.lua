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

describe("regexes.doubt", function()
  -- text, part of why it matches no path; false: it may match one
  for _, case in ipairs {
    { '"/version"', "write it without: /version" },
    { "'/version'", "write it without: /version" },
    { '"/version', "no path begins so" },
    { "/version ", "the blanks around it" },
    { "\t/version", "the blanks around it" },
    { "version", "write it with a slash in front: /version" },
    { "v1\\..{1,2}/info", "with a slash in front" },
    { "(?i)containers/.*", "with a slash in front" },
    { "a|b", "with a slash in front" },
    { "/containers/[^/]+/kill?signal=HUP", "a path has no query" },
    { "/containers/[^/]+/kill\\?signal=HUP", "a path has no query" },
    { "/containers/$ID/json", "$ID is left as it is" },
    { "${PREFIX}/json", "${PREFIX} is left as it is" },
    { "/version", false },
    { "^/version$", false },
    { "(/a$|/b)", false },
    { ".*", false },
    { "[/]version", false },
    { "(v1|/version)", false },
    { "(/v[0-9.]+)?/(_ping|version)", false },
    { "(?P<version>/v1)/x", false },
    { "(?i:/VERSION)", false },
    { "/x[$a?b=]y", false },
    { "\\Q/x$a?b=c\\E", false },
    { "/x\\$a", false },
  } do
    it(("%s of %q"):format(case[2] and "says '" .. case[2] .. "'" or "says nothing", case[1]), function()
      local why = regexes.doubt(regexes.compile(case[1]))
      if case[2] then
        assert.is_truthy(why and why:find(case[2], 1, true), why)
      else
        assert.is_nil(why)
      end
    end)
  end

  -- Of every route, as it would be written for it alone and in what people do to it.
  local paths = {}
  for i, operation in ipairs(require("moonward.operations").list) do
    paths[i] = "/v1.41" .. operation.path:gsub("{[^}]*}", "some.name")
  end

  it("doubts none that matches a path", function()
    for _, path in ipairs(paths) do
      for _, form in ipairs { "%s", "^%s$", "(%s|x)", "(?i)%s", "%s.*", "/?%s", "(?:%s)?.*" } do
        local rule = regexes.compile(form:format((regexes.quote(path))))
        assert.is_true(rule.regex:match(path) or rule.regex:match(path .. "/x"), rule.text)
        assert.is_nil(regexes.doubt(rule), rule.text)
      end
    end
  end)

  it("doubts each that quotes, blanks, a query or a missing slash keep from it", function()
    for _, path in ipairs(paths) do
      local text = regexes.quote(path)
      for _, form in ipairs { '"%s"', "'%s'", " %s", "%s ", "%s?all=1", "%s\\?all=1", "%s$NAME", "${X}%s" } do
        local rule = regexes.compile(form:format(text))
        assert.is_false(rule.regex:match(path), rule.text)
        assert.is_truthy(regexes.doubt(rule), rule.text)
      end
      assert.is_truthy(regexes.doubt(regexes.compile(text:sub(2))), text)
    end
  end)
end)
