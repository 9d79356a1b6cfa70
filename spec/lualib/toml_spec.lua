local toml = require "moonward.toml"

-- A document's value in short: tables as {a=1}, arrays as [1 2], times as they were written.
local function show(value)
  local kind = toml.kind(value)
  local parts = {}
  if kind == "array" then
    for i, one in ipairs(value) do
      parts[i] = show(one)
    end
    return "[" .. table.concat(parts, " ") .. "]"
  elseif kind == "table" then
    for key, one in pairs(value) do
      parts[#parts + 1] = key .. "=" .. show(one)
    end
    table.sort(parts)
    return "{" .. table.concat(parts, " ") .. "}"
  elseif kind == "string" then
    return ("'%s'"):format(value)
  elseif kind == "time" then
    return "<" .. value.text .. ">"
  end
  return tostring(value)
end

local function name_of(text)
  return (text:gsub("%c", function(char) return ("\\x%02x"):format(char:byte()) end))
end

describe("toml.decode reads", function()
  -- a document, its value
  local documents = {
    -- white space, comments, ends of lines
    { "", "{}" },
    { " \t\n\r\n", "{}" },
    { "\xef\xbb\xbfa = 1", "{a=1}" },
    { "# a comment \t\u{e9}", "{}" },
    { "a = 1 # one\r\n# two\nb=2", "{a=1 b=2}" },
    -- keys
    { "a-b_1 = 1\n2 = 3\n-=4", "{-=4 2=3 a-b_1=1}" },
    { "'' = 1", "{=1}" },
    { '"a b" = 1\n\'c"d\' = 2', '{a b=1 c"d=2}' },
    { '"\\u00e9" = 1', "{\u{e9}=1}" },
    { "true = 1\n1.2 = 3\ninf = 4", "{1={2=3} inf=4 true=1}" },
    { 'a . "b.c" . d = 1', "{a={b.c={d=1}}}" },
    { "a.b = 1\na.c.d = 2\na.c.e = 3", "{a={b=1 c={d=2 e=3}}}" },
    -- strings, the four kinds
    { [[a = "x\b\t\n\f\r\"\\\e"]], "{a='x\b\t\n\f\r\"\\\27'}" },
    { [[a = "\u00E9 \U0001F600 \x41 \uD7FF \uE000"]], "{a='\u{e9} \u{1f600} A \u{d7ff} \u{e000}'}" },
    { 'a = "\t\u{e9}"', "{a='\t\u{e9}'}" },
    { "a = 'C:\\x\"'", "{a='C:\\x\"'}" },
    { 'a = ""\nb = \'\'\nc = """"""\nd = \'\'\'\'\'\'', "{a='' b='' c='' d=''}" },
    { 'a = """\nx\r\ny"""', "{a='x\r\ny'}" },
    { 'a = """x\\\n\n   y \\ \t\r\n z"""', "{a='xy z'}" },
    { 'a = """x""y"z"""', "{a='x\"\"y\"z'}" },
    { 'a = """""x"""""', "{a='\"\"x\"\"'}" },
    { 'a = """\\"""\\""""', "{a='\"\"\"\"'}" },
    { "a = '''\nx\\n\ny'''", "{a='x\\n\ny'}" },
    { "a = '''''x'''''", "{a='''x'''}" },
    { "a = '''x''y'z'''", "{a='x''y'z'}" },
    -- integers
    { "a = [0, +0, -0, 42, -17, +99, 1_000, 1_2_3]", "{a=[0 0 0 42 -17 99 1000 123]}" },
    { "a = [0xDEADbeef, 0x0_1, 0o755, 0b1101_0]", "{a=[3735928559 1 493 26]}" },
    { "a = [9223372036854775807, -9223372036854775808]", "{a=[9223372036854775807 -9223372036854775808]}" },
    { "a = [0x7fffffffffffffff, 0o777777777777777777777, 0x00000000000000000001]",
      "{a=[9223372036854775807 9223372036854775807 1]}" },
    -- floats
    { "a = [1.0, +1.5, -0.25, 3e2, 1E-2, 1_0.0_1, 6.5e+1, 0e0, 1e01]", "{a=[1.0 1.5 -0.25 300.0 0.01 10.01 65.0 0.0 10.0]}" },
    { "a = [inf, +inf, -inf]", "{a=[inf inf -inf]}" },
    { "a = true\nb = false", "{a=true b=false}" },
    -- dates and times
    { "a = 1979-05-27T07:32:00Z\nb = 1979-05-27 07:32:00.5-07:00",
      "{a=<1979-05-27T07:32:00Z> b=<1979-05-27 07:32:00.5-07:00>}" },
    { "a = 1979-05-27t07:32:00\nb = 1979-05-27\nc = 07:32:00.999 # x",
      "{a=<1979-05-27t07:32:00> b=<1979-05-27> c=<07:32:00.999>}" },
    { "a = 2000-02-29\nb = 1979-05-27 \nc = 07:32", "{a=<2000-02-29> b=<1979-05-27> c=<07:32>}" },
    { "a = [1979-05-27 07:32, 1979-05-27 ]", "{a=[<1979-05-27 07:32> <1979-05-27>]}" },
    -- arrays
    { "a = [ ]", "{a=[]}" },
    { "a = [1, 'x', [2, []], {}]", "{a=[1 'x' [2 []] {}]}" },
    { "a = [ # x\n1 # y\n, # z\n\n2,\n]", "{a=[1 2]}" },
    -- inline tables
    { "a = {}", "{a={}}" },
    { "a = { b = 1, c.d = 2, c.e = 3, 'f' = [{ g = 4 }] }", "{a={b=1 c={d=2 e=3} f=[{g=4}]}}" },
    { "a = {\n b = 1, # x\n}", "{a={b=1}}" },
    -- tables
    { "[a]\nb = 1\n[c]", "{a={b=1} c={}}" },
    { "[ a . 'b' ]\nc = 1\n[a]\nd = 2", "{a={b={c=1} d=2}}" },
    { "[a.b.c]\n[a.b]\nx = 1\n[a.d]", "{a={b={c={} x=1} d={}}}" },
    { "[a]\nb.c = 1\n[a.b.d]\ne = 2", "{a={b={c=1 d={e=2}}}}" },
    -- arrays of tables
    { "[[a]]\nb = 1\n[[a]]\n[[a]]\nb = 2", "{a=[{b=1} {} {b=2}]}" },
    { "[[a]]\n[a.b]\nc = 1\n[[a.d]]\n[[a.d]]\n[[a]]\n[a.b]\nc = 2", "{a=[{b={c=1} d=[{} {}]} {b={c=2}}]}" },
    { "[[a.b]]\n[a]\nc = 1", "{a={b=[{}] c=1}}" },
    { "[[allow_filters]]\nmethod = \"GET\"\npath = \"/containers/**\"",
      "{allow_filters=[{method='GET' path='/containers/**'}]}" },
  }
  for _, case in ipairs(documents) do
    it(name_of(case[1]), function()
      assert.equal(case[2], show(assert(toml.decode(case[1]))))
    end)
  end

  it("dates and times into their fields", function()
    local times = assert(toml.decode "a = 1979-05-27T07:32:01.25-07:30\nb = 2024-02-29\nc = 23:59:60\nd = 2024-01-01 00:00Z")
    assert.same({ year = 1979, month = 5, day = 27, hour = 7, minute = 32, second = 1.25, offset = -450,
      text = "1979-05-27T07:32:01.25-07:30" }, times.a)
    assert.same({ year = 2024, month = 2, day = 29, text = "2024-02-29" }, times.b)
    assert.same({ hour = 23, minute = 59, second = 60, text = "23:59:60" }, times.c)
    assert.equal(0, times.d.offset)
  end)

  it("nan", function()
    for _, text in ipairs { "nan", "+nan", "-nan" } do
      local value = assert(toml.decode("a = " .. text)).a
      assert.is_true(value ~= value)
    end
  end)

  it("what is nested 64 deep, and a thousand tables in their order", function()
    assert.is_truthy(toml.decode("a = " .. ("["):rep(64) .. ("]"):rep(64)))
    local list = assert(toml.decode(("[[a]]\nb = [1]\n"):rep(1000))).a
    assert.equal(1000, #list)
  end)

  it("kinds apart", function()
    local all = assert(toml.decode "a = 1\nb = 1.0\nc = '1'\nd = true\ne = []\nf = {}\ng = 07:32")
    local kinds = { a = "integer", b = "float", c = "string", d = "boolean", e = "array", f = "table", g = "time" }
    for key, kind in pairs(kinds) do
      assert.equal(kind, toml.kind(all[key]))
    end
  end)
end)

describe("toml.decode refuses", function()
  -- a document, line, column, message
  local documents = {
    -- encoding
    { "a = 1\nb = '\xff'", 2, 6, "this is not UTF-8: byte 0xff" },
    { "a = '\xed\xa0\x80'", 1, 6, "this is not UTF-8: byte 0xed" },
    { "\u{e9} = 1", 1, 1, "expected a key, found '\u{e9}'" },
    { "a = 'é\0'", 1, 7, "the control character 0x00 in a string" },
    { "a = \"x\rb\"", 1, 7, "the control character 0x0d in a string" },
    { "a = '\127'", 1, 6, "the control character 0x7f in a string" },
    { "# x\1\na = 1", 1, 4, "the control character 0x01 in a comment" },
    { "a = 1 # x\rb = 2", 1, 10, "expected the end of the line, found the control character 0x0d" },
    { "a = 1\r", 1, 6, "expected the end of the line, found the control character 0x0d" },
    -- keys and lines
    { "a", 1, 2, "expected '=' behind the key 'a', found the end of the file" },
    { "a b = 1", 1, 3, "expected '=' behind the key 'a', found 'b'" },
    { "a =", 1, 4, "expected a value, found the end of the file" },
    { "a = # 1", 1, 5, "expected a value, found '#'" },
    { "= 1", 1, 1, "expected a key, found '='" },
    { "a. = 1", 1, 4, "expected a key, found '='" },
    { ".a = 1", 1, 1, "expected a key, found '.'" },
    { "a..b = 1", 1, 3, "expected a key, found '.'" },
    { "a = 1 b = 2", 1, 7, "expected the end of the line, found 'b'" },
    { "a\n= 1", 1, 2, "expected '=' behind the key 'a', found the end of the line" },
    { 'a = 1\n"""b""" = 2', 2, 1, "a key cannot be a string of several lines" },
    { "'''b''' = 2", 1, 1, "a key cannot be a string of several lines" },
    { ("a."):rep(64) .. "a = 1", 1, 129, "a key of more than 64 parts" },
    -- strings
    { 'a = "x', 1, 7, 'expected " at the end of the string, found the end of the file' },
    { 'a = "x\ny"', 1, 7, 'expected " at the end of the string, found the end of the line' },
    { "a = 'x\r\n'", 1, 7, "expected ' at the end of the string, found the end of the line" },
    { 'a = """x', 1, 9, 'expected """ at the end of the string, found the end of the file' },
    { "a = '''x''", 1, 11, "expected ''' at the end of the string, found the end of the file" },
    { 'a = """x""""""', 1, 14, "expected the end of the line, found '\"'" },
    { [[a = "\q"]], 1, 6, [[expected an escape such as \n, \\, \" or \u00e9, found 'q' behind the \]] },
    { [[a = "\u12"]], 1, 6, [[expected an escape such as \n, \\, \" or \u00e9, found 'u' behind the \]] },
    { [[a = "\uD800"]], 1, 6, [[expected an escape such as \n, \\, \" or \u00e9, found 'u' behind the \]] },
    { [[a = "\U00110000"]], 1, 6, [[expected an escape such as \n, \\, \" or \u00e9, found 'U' behind the \]] },
    { 'a = """x\\ y"""', 1, 9, [[expected an escape such as \n, \\, \" or \u00e9, found ' ' behind the \]] },
    { "a = x", 1, 5, "expected a value, found 'x'; texts stand in quotes" },
    { "method = GET", 1, 10, "expected a value, found 'GET'; texts stand in quotes" },
    -- numbers and words
    { "a = 01", 1, 5, "'01' is no number: it begins with a 0" },
    { "a = -0_1", 1, 5, "'-0_1' is no number: it begins with a 0" },
    { "a = 1__2", 1, 5, "'1__2' is no number and no date" },
    { "a = 1_", 1, 5, "'1_' is no number and no date" },
    { "a = _1", 1, 5, "expected a value, found '_1'" },
    { "a = +0x1", 1, 5, "'+0x1' is no number and no date" },
    { "a = 0o8", 1, 5, "'0o8' is no number and no date" },
    { "a = 0X1", 1, 5, "'0X1' is no number and no date" },
    { "a = 1.", 1, 5, "'1.' is no number and no date" },
    { "a = .5", 1, 5, "expected a value, found '.5'" },
    { "a = 1e", 1, 5, "'1e' is no number and no date" },
    { "a = 1.e5", 1, 5, "'1.e5' is no number and no date" },
    { "a = 9223372036854775808", 1, 5, "the number does not fit into 64 bits" },
    { "a = 0x8000000000000000", 1, 5, "the number does not fit into 64 bits" },
    { "a = 0b1" .. ("0"):rep(63), 1, 5, "the number does not fit into 64 bits" },
    { "a = 1e999", 1, 5, "the number is too large" },
    { "a = True", 1, 5, "expected a value, found 'True'; texts stand in quotes" },
    { "a = Inf", 1, 5, "expected a value, found 'Inf'; texts stand in quotes" },
    { "a = -", 1, 5, "expected a value, found '-'" },
    -- dates and times
    { "a = 2023-02-29", 1, 5, "there is no date or time 2023-02-29" },
    { "a = 1900-02-29", 1, 5, "there is no date or time 1900-02-29" },
    { "a = 2023-13-01", 1, 5, "there is no date or time 2023-13-01" },
    { "a = 2023-04-31", 1, 5, "there is no date or time 2023-04-31" },
    { "a = 2023-00-10", 1, 5, "there is no date or time 2023-00-10" },
    { "a = 24:00:00", 1, 5, "there is no date or time 24:00:00" },
    { "a = 23:60:00", 1, 5, "there is no date or time 23:60:00" },
    { "a = 2023-01-01T00:00:61Z", 1, 5, "there is no date or time 2023-01-01T00:00:61Z" },
    { "a = 2023-01-01T00:00:00+24:00", 1, 5, "there is no date or time 2023-01-01T00:00:00+24:00" },
    { "a = 2023-1-1", 1, 5, "'2023-1-1' is no number and no date" },
    { "a = 2023-01-01T", 1, 5, "'2023-01-01T' is no number and no date" },
    { "a = 07:32:00Z", 1, 5, "'07:32:00Z' is no number: it begins with a 0" },
    -- arrays and inline tables
    { "a = [1 2]", 1, 8, "expected ',' or ']' in the array, found '2'" },
    { "a = [1,,2]", 1, 8, "expected a value, found ','" },
    { "a = [,]", 1, 6, "expected a value, found ','" },
    { "a = [1", 1, 7, "expected ',' or ']' in the array, found the end of the file" },
    { "a = [", 1, 6, "expected a value, found the end of the file" },
    { "a = { b = 1 c = 2 }", 1, 13, "expected ',' or '}' in the inline table, found 'c'" },
    { "a = { , }", 1, 7, "expected a key, found ','" },
    { "a = { b = 1, b = 2 }", 1, 14, "'b' is defined twice, first in line 1" },
    { "a = { b = 1, b.c = 2 }", 1, 14, "'b' is defined twice, first in line 1" },
    { "a = " .. ("["):rep(65), 1, 69, "nested deeper than 64" },
    { "a = " .. ("{b="):rep(65), 1, 197, "nested deeper than 64" },
    -- headers
    { "[]", 1, 2, "expected a key, found ']'" },
    { "[a", 1, 3, "expected ']' behind the table's name, found the end of the file" },
    { "[a] b = 1", 1, 5, "expected the end of the line, found 'b'" },
    { "[[a]", 1, 4, "expected ']]' behind the table's name, found ']'" },
    { "[[a] ]", 1, 4, "expected ']]' behind the table's name, found ']'" },
    { "[ [a]]", 1, 3, "expected a key, found '['" },
    { "[a\n]", 1, 3, "expected ']' behind the table's name, found the end of the line" },
    { "[a]]", 1, 4, "expected the end of the line, found ']'" },
    -- what is defined twice
    { "a = 1\na = 2", 2, 1, "'a' is defined twice, first in line 1" },
    { "a = 1\n\"a\" = 2", 2, 1, "'a' is defined twice, first in line 1" },
    { "a = false\na = 2", 2, 1, "'a' is defined twice, first in line 1" },
    { "a = 1\na.b = 2", 2, 1, "'a' is defined twice, first in line 1" },
    { "a.b = 1\na = 2", 2, 1, "'a' is defined twice, first in line 1" },
    { "a.b = 1\na.b.c = 2", 2, 3, "'b' is defined twice, first in line 1" },
    { "[a]\n[b]\n[a]", 3, 2, "'a' is defined twice, first in line 1" },
    { "[a]\nb = 1\n[a.b]", 3, 4, "'b' is defined twice, first in line 2" },
    { "[a]\nb.c = 1\n[a.b]", 3, 4, "'b' is defined twice, first in line 2" },
    { "[a.b.c]\n[a]\nb.d = 1", 3, 1, "'b' is defined twice, first in line 1" },
    { "[a.b]\n[a]\nb.c = 1", 3, 1, "'b' is defined twice, first in line 1" },
    { "a = {}\na.b = 1", 2, 1, "'a' is defined twice, first in line 1" },
    { "a = {}\n[a]", 2, 2, "'a' is defined twice, first in line 1" },
    { "a = {}\n[a.b]", 2, 2, "'a' is defined twice, first in line 1" },
    { "a = { b.c = 1 }\n[a.b.d]", 2, 2, "'a' is defined twice, first in line 1" },
    { "a = []\n[[a]]", 2, 3, "'a' is defined twice, first in line 1" },
    { "a = [{}]\n[a.b]", 2, 2, "'a' is defined twice, first in line 1" },
    { "[a]\n[[a]]", 2, 3, "'a' is defined twice, first in line 1" },
    { "[[a]]\n[a]", 2, 2, "'a' is defined twice, first in line 1" },
    { "[[a.b]]\n[[a]]", 2, 3, "'a' is defined twice, first in line 1" },
    { "[[a]]\n[a.b]\n[a.b]", 3, 4, "'b' is defined twice, first in line 2" },
    { "[[a]]\n[[a.b]]\n[a.b]", 3, 4, "'b' is defined twice, first in line 2" },
  }
  for _, case in ipairs(documents) do
    it(name_of(#case[1] < 80 and case[1] or case[1]:sub(1, 20) .. "..."), function()
      local value, message = toml.try(case[1])
      assert.is_nil(value)
      assert.equal(("line %d, column %d: %s"):format(case[2], case[3], case[4]), message)
    end)
  end

  it("every document that a valid one is cut to, or with one byte more, or reads it", function()
    local text = "[a.'b']\nc = [1, 0x2, 3.5e1, 1979-05-27 07:32:00Z, \"\\u00e9\"] # \u{e9}\n"
      .. "[[d]]\ne = { f.g = '''x''', h = true }\n"
    for i = 0, #text do
      for _, byte in ipairs { "", "]", '"', "\0", "\xff", "\n", "=" } do
        local value, message = toml.try(text:sub(1, i) .. byte)
        assert.is_true(value ~= nil or message:find("^line %d+, column %d+: ") ~= nil)
      end
    end
  end)
end)

describe("the place that toml.decode gives", function()
  it("is where tables and keys stand", function()
    local document, place = toml.decode("# x\n[[a]]\n b = 1\n'\u{e9}' = { c = 2 }\n[d]\n[e.f]\n")
    assert.equal("line 2, column 1", place(document.a[1]))
    assert.equal("line 3, column 2", place(document.a[1], "b"))
    assert.equal("line 4, column 7", place(document.a[1]["\u{e9}"]))
    assert.equal("line 4, column 9", place(document.a[1]["\u{e9}"], "c"))
    assert.equal("line 5, column 1", place(document.d))
    assert.equal("line 6, column 2", place(document.e))
  end)
end)
