local json = require "moonward.json"

local long_s, kelvin = "\u{17f}", "\u{212a}"

describe("json.decode refuses what two readers could read in two ways:", function()
  -- what it is, the text, the message
  local cases = {
    { "a key that comes twice", '{"a":1,"a":2}', 'byte 8: the key "a" comes twice' },
    { "a key in another case", '{"Binds":[],"binds":[1]}', 'byte 13: the key "binds" comes twice, first as "Binds"' },
    { "a key in another case deep inside", '{"HostConfig":{"Privileged":true,"PRIVILEGED":false}}',
      'byte 34: the key "PRIVILEGED" comes twice, first as "Privileged"' },
    { "a second HostConfig, which would be merged", '{"HostConfig":{"Privileged":true},"HostConfig":{}}',
      'byte 35: the key "HostConfig" comes twice' },
    { "a key again, written with an escape", '{"a":1,"\\u0061":2}', 'byte 8: the key "a" comes twice' },
    { "U+017F in a key", '{"Bind' .. long_s .. '":[]}',
      'byte 2: the key "Bind' .. long_s .. '" holds a character that the engine reads as an ASCII letter' },
    { "U+017F in a key as an escape", '{"Ho\\u017ftConfig":{}}',
      'byte 2: the key "Ho' .. long_s .. 'tConfig" holds a character that the engine reads as an ASCII letter' },
    { "U+212A in a key", '{"HostConfig":{"Networ' .. kelvin .. 'Mode":"host"}}',
      'byte 16: the key "Networ' .. kelvin .. 'Mode" holds a character that the engine reads as an ASCII letter' },
    { "U+212A in a key as an escape", '{"HostConfig":{"Networ\\u212AMode":"host"}}',
      'byte 16: the key "Networ' .. kelvin .. 'Mode" holds a character that the engine reads as an ASCII letter' },
    { "a NUL in a key", '{"HostConfig\\u0000":{}}', "byte 2: a key holds a NUL" },
    { "invalid UTF-8 in a key", '{"Host\xffConfig":{}}', "byte 7: invalid UTF-8 inside a string" },
    { "invalid UTF-8 in a value", '"\xff"', "byte 2: invalid UTF-8 inside a string" },
    { "an overlong form", '"\xc0\xaf"', "byte 2: invalid UTF-8 inside a string" },
    { "an overlong form of three bytes", '"\xe0\x80\xaf"', "byte 2: invalid UTF-8 inside a string" },
    { "a surrogate in UTF-8", '"\xed\xa0\x80"', "byte 2: invalid UTF-8 inside a string" },
    { "a code point beyond the last", '"\xf4\x90\x80\x80"', "byte 2: invalid UTF-8 inside a string" },
    { "half a character at the end", '"\xc3', "byte 2: invalid UTF-8 inside a string" },
    { "a lone high surrogate", '"\\ud800"', "byte 2: \\ud800 is half of a surrogate pair" },
    { "a lone low surrogate", '"x\\uDC00"', "byte 3: \\uDC00 is half of a surrogate pair" },
    { "a high surrogate before another", '"\\ud800\\ud800"', "byte 2: \\ud800 is half of a surrogate pair" },
    { "a high surrogate before a letter", '"\\ud800\\u0041"', "byte 2: \\ud800 is half of a surrogate pair" },
    { "a second document", "{}{}", "byte 3: expected the end, found '{'" },
    { "a brace behind the document", '{"a":1}}x', "byte 8: expected the end, found '}'" },
    { "a bracket behind the document", '{"a":1}]', "byte 8: expected the end, found ']'" },
    { "a NUL behind the document", "{}\0", "byte 3: expected the end, found byte 0x00" },
    { "a byte order mark", "\xef\xbb\xbf{}", "byte 1: a byte order mark" },
    { "UTF-16", "{\0}\0", "byte 2: expected a key in double quotes, found byte 0x00" },
    { "a comment", "{/**/}", "byte 2: expected a key in double quotes, found '/'" },
    { "a comment behind the document", "{} // x", "byte 4: expected the end, found '/'" },
    { "a comma before the end of an object", '{"a":1,}', "byte 8: expected a key in double quotes, found '}'" },
    { "a comma before the end of an array", "[1,]", "byte 4: expected a value, found ']'" },
    { "single quotes", "{'a':1}", "byte 2: expected a key in double quotes, found '''" },
    { "a key without quotes", "{a:1}", "byte 2: expected a key in double quotes, found 'a'" },
    { "a missing colon", '{"a" 1}', "byte 6: expected ':' after the key \"a\", found '1'" },
    { "a missing comma in an object", '{"a":1 "b":2}', "byte 8: expected ',' or '}' in an object, found '\"'" },
    { "a missing comma in an array", "[1 2]", "byte 4: expected ',' or ']' in an array, found '2'" },
    { "an object that does not end", '{"a":1', "byte 7: expected ',' or '}' in an object, found the end" },
    { "an array that does not end", "[", "byte 2: expected a value, found the end" },
    { "a string that does not end", '"abc', "byte 5: the text ends inside a string" },
    { "a string that ends in a backslash", '"abc\\', "byte 5: a backslash and the end mean nothing" },
    { "a line feed in a string", '"a\nb"', "byte 3: byte 0x0a inside a string must be escaped" },
    { "a NUL in a string", '"a\0"', "byte 3: byte 0x00 inside a string must be escaped" },
    { "an unknown escape", '"\\x41"', "byte 2: a backslash and 'x' mean nothing" },
    { "an escape cut short", '"\\u00"', "byte 2: a backslash and 'u' mean nothing" },
    { "NaN", "NaN", "byte 1: expected a value, found 'N'" },
    { "a word with more behind it", "truex", "byte 1: expected a value, found 't'" },
    { "a word in capitals", "True", "byte 1: expected a value, found 'T'" },
    { "a plus sign", "+1", "byte 1: expected a value, found '+'" },
    { "a leading zero", "067", "byte 2: '6' does not belong to a number" },
    { "a hexadecimal number", "0x1", "byte 2: 'x' does not belong to a number" },
    { "a number without digits", "-", "byte 1: expected a digit after '-', found the end" },
    { "a point without digits", "1.", "byte 2: '.' does not belong to a number" },
    { "a point before the digits", ".5", "byte 1: expected a value, found '.'" },
    { "an exponent without digits", "1e", "byte 2: 'e' does not belong to a number" },
    { "a number beyond all floats", "1e999", "byte 1: the number is too large" },
    { "vertical white space", "\v1", "byte 1: expected a value, found byte 0x0b" },
    { "an empty text", "", "byte 1: expected a value, the text is empty" },
    { "white space alone", " \n", "byte 3: expected a value, the text is empty" },
    { "nesting of 65", string.rep("[", 65) .. string.rep("]", 65), "byte 65: nested deeper than 64" },
    { "nesting without end", string.rep('{"a":', 100000), "byte 321: nested deeper than 64" },
    { "more values than are of use", "[" .. string.rep("0,", 40000) .. "0]", "byte 65536: more than 32768 values" },
  }

  for _, case in ipairs(cases) do
    local name, text, message = table.unpack(case)
    it(name, function()
      local value, found = json.decode(text)
      assert.is_nil(value)
      assert.equal(message, found)
    end)
  end

  it("a key that folds to another even inside an unknown field", function()
    assert.is_nil((json.decode('{"Unknown":{"a":1,"A":2}}')))
  end)

  it("a struct below a map whose key is the name of a map", function()
    local text = '{"NetworkingConfig":{"EndpointsConfig":{"labels":{"MacAddress":"","macaddress":"x"}}}}'
    assert.is_nil((json.decode(text)))
  end)

  it("a field named Config that is not in LogConfig", function()
    assert.is_nil((json.decode('{"Config":{"a":1,"A":2}}')))
  end)
end)

describe("json.decode reads", function()
  local cases = {
    { "an empty object", "{}", {} },
    { "an empty array", " [ ] ", {} },
    { "nested values", '{"a":[1,{"b":[true,false]}]}', { a = { 1, { b = { true, false } } } } },
    { "white space of all four kinds", ' \t\r\n{ "a" : 1 , "b" : 2 }\n', { a = 1, b = 2 } },
    { "an empty key", '{"":1}', { [""] = 1 } },
    { "simple escapes", '"\\"\\\\\\/\\b\\f\\n\\r\\t"', '"\\/\b\f\n\r\t' },
    { "a backslash before n", '"\\\\n"', "\\n" },
    { "a backslash before u", '"\\\\u0041"', "\\u0041" },
    { "an escape before digits", '"\\nabcd\\u0041ef"', "\nabcdAef" },
    { "an escaped slash", '"\\u002fetc\\/x"', "/etc/x" },
    { "a NUL in a value", '"a\\u0000b"', "a\0b" },
    { "raw DEL", '"a\127"', "a\127" },
    { "a surrogate pair", '"\\ud83d\\uDE00"', "\u{1f600}" },
    { "text of all lengths of UTF-8", '"a\u{e9}\u{20ac}\u{1f600}"', "a\u{e9}\u{20ac}\u{1f600}" },
    { "the last code point before the surrogates", '"\u{d7ff}\\ud7ff"', "\u{d7ff}\u{d7ff}" },
    { "a long s in a value", '{"a":"' .. long_s .. '"}', { a = long_s } },
    { "zero", "0", 0 },
    { "minus zero", "-0", 0 },
    { "the largest integer", "9223372036854775807", math.maxinteger },
    { "the smallest integer", "-9223372036854775808", math.mininteger },
    { "nesting of 64", string.rep("[", 64) .. string.rep("]", 64) },
    { "a value at nesting 64", string.rep("[", 64) .. "1" .. string.rep("]", 64) },
  }

  for _, case in ipairs(cases) do
    local name, text, expected = table.unpack(case)
    it(name, function()
      local value, message = json.decode(text)
      assert.is_nil(message)
      if expected ~= nil then
        assert.same(expected, value)
      end
    end)
  end

  it("integers as integers and everything else as floats", function()
    local list = assert(json.decode("[1700000000123456789,1.0,1e2,9223372036854775808]"))
    assert.equal("integer", math.type(list[1]))
    assert.equal(1700000000123456789, list[1])
    for i = 2, 4 do
      assert.equal("float", math.type(list[i]))
    end
  end)

  it("1 MiB in well under a second, whatever it holds", function()
    local n = 1 << 20
    local texts = {
      '"' .. string.rep("x", n) .. '"',
      '"' .. string.rep("\\n", n // 2) .. '"',
      '"' .. string.rep("\\ud83d\\ude00", n // 12) .. '"',
      '"' .. string.rep("\\", n) .. '"',
      string.rep(" ", n) .. "1",
      string.rep("[", n),
      "[" .. string.rep("0,", n // 2) .. "0]",
      '{"Labels":{"' .. string.rep("a", n) .. '":""}}',
      "1" .. string.rep("0", n),
    }
    local before = os.clock()
    for _, text in ipairs(texts) do
      json.decode(text)
    end
    assert.is_true(os.clock() - before < 1.5)
  end)
end)

describe("a decoded object", function()
  local body
  before_each(function()
    body = assert(json.decode([[{
      "hostconfig": {"BINDS": ["/a:/b"], "Memory": 1, "Tmpfs": null},
      "Labels": {"Owner": "x", "owner": "y"},
      "ExposedPorts": {"80/tcp": {}, "80/TCP": {}},
      "NetworkingConfig": {"EndpointsConfig": {"Net": {"Aliases": ["a"]}, "net": {"aliases": ["b"]}}}
    }]]))
  end)

  it("finds fields whatever their case", function()
    assert.equal("/a:/b", body.HostConfig.Binds[1])
    assert.equal("/a:/b", body.HOSTCONFIG.binds[1])
    assert.is_nil(body.Host)
    assert.is_nil(body[1])
  end)

  it("finds what Go's folding finds", function()
    assert.equal(1, body["Ho" .. long_s .. "tConfig"].Memory)
  end)

  it("is exact where keys are data", function()
    assert.equal("x", body.labels.Owner)
    assert.equal("y", body.Labels.owner)
    assert.is_nil(body.Labels.OWNER)
    assert.equal("a", body.NetworkingConfig.EndpointsConfig.Net.aliases[1])
    assert.equal("b", body.NetworkingConfig.EndpointsConfig.net.Aliases[1])
  end)

  it("is exact in LogConfig.Config", function()
    local host = assert(json.decode('{"LogConfig":{"Type":"x","Config":{"tag":"1","TAG":"2"}}}'))
    assert.equal("2", host.logconfig.config.TAG)
    assert.is_nil(host.LogConfig.Config.Tag)
  end)

  it("shows the keys as they were sent", function()
    local keys = {}
    for key in pairs(body.HostConfig) do
      keys[#keys + 1] = key
    end
    table.sort(keys)
    assert.same({ "BINDS", "Memory", "Tmpfs" }, keys)
  end)

  it("has nulls that can be indexed", function()
    assert.equal(json.null, body.HostConfig.Tmpfs)
    assert.is_nil(body.HostConfig.Tmpfs["/run"])
  end)

  it("keeps one field of a name when another case of it is set", function()
    body.HostConfig.memory = 2
    body.HostConfig.binds = nil
    body.HostConfig.New = true
    body.HostConfig.NEW = false
    assert.equal('{"Memory":2,"Tmpfs":null,"New":false}', json.encode(body.HostConfig))
  end)

  it("tells arrays from objects, empty ones too", function()
    local value = assert(json.decode('{"a":[],"o":{},"Labels":{},"s":"x","n":null}'))
    assert.is_true(json.is_array(value.a))
    assert.is_false(json.is_object(value.a))
    assert.is_true(json.is_object(value.o))
    assert.is_true(json.is_object(value.Labels))
    for _, other in ipairs { value.s, value.n, {}, 1 } do
      assert.is_false(json.is_array(other))
      assert.is_false(json.is_object(other))
    end
  end)
end)

describe("json.null", function()
  it("has only nil fields and cannot be changed", function()
    assert.is_nil(json.null.x)
    assert.has_error(function() json.null.x = 1 end, "json.null cannot be changed")
    assert.equal("null", tostring(json.null))
  end)
end)

describe("json.span and json.source", function()
  local text = ' {"a" : [1, 18446744073709551615 ,{"b":"\\u0041"}], "C":{}} '
  local value = assert(json.decode(text))

  local function cut(...)
    return string.sub(text, json.span(...))
  end

  it("give the place of objects and arrays", function()
    assert.equal('{"a" : [1, 18446744073709551615 ,{"b":"\\u0041"}], "C":{}}', cut(value))
    assert.equal('[1, 18446744073709551615 ,{"b":"\\u0041"}]', cut(value.a))
    assert.equal("{}", cut(value.C))
  end)

  it("give the place of an element", function()
    assert.equal("1", cut(value.a, 1))
    assert.equal("18446744073709551615", json.source(value.a, 2))
    assert.equal('"\\u0041"', json.source(value.a[3], "b"))
    assert.equal("{}", json.source(value, "C"))
    assert.equal("{}", json.source(value, "c"))
  end)

  it("give nil for what is not there", function()
    assert.is_nil(json.span(value, "x"))
    assert.is_nil(json.span(value.a, 4))
    assert.is_nil(json.span({}))
    assert.is_nil(json.source("x"))
  end)
end)

describe("json.encode", function()
  local cases = {
    { "null", json.null, "null" },
    { "booleans", json.array { true, false }, "[true,false]" },
    { "integers", { 1, -2, math.maxinteger }, "[1,-2,9223372036854775807]" },
    { "floats", { 0.1, 1e300, 2.5 }, "[0.1,1e+300,2.5]" },
    { "an empty table as an object", {}, "{}" },
    { "an empty array", json.array {}, "[]" },
    { "keys by name", { b = 1, a = 2, C = 3 }, '{"C":3,"a":2,"b":1}' },
    { "strings", '"\\\b\f\n\r\t\1\127/\u{e9}', '"\\"\\\\\\b\\f\\n\\r\\t\\u0001\127/\u{e9}"' },
    { "a NUL", "\0", '"\\u0000"' },
  }
  for _, case in ipairs(cases) do
    it("writes " .. case[1], function()
      assert.equal(case[3], json.encode(case[2]))
    end)
  end

  it("gives back what was read, but for white space and escapes", function()
    local text = '{"b":[],"a":{},"n":18446744073709551615,"m":1e3,"z":1.50,"Labels":{"x":"y"},"l":[null,1]}'
    assert.equal(text, json.encode(assert(json.decode(text))))
  end)

  local refused = {
    { "a function", print, "cannot write a function as JSON" },
    { "infinity", math.huge, "cannot write inf as JSON" },
    { "a string that is not UTF-8", "\xff", "cannot write a string that is not UTF-8 as JSON" },
    { "a key that is no string", { [true] = 1 }, "cannot write a key of type boolean as JSON" },
  }
  for _, case in ipairs(refused) do
    it("refuses " .. case[1], function()
      assert.has_error(function() json.encode(case[2]) end, case[3])
    end)
  end

  it("refuses a table inside itself", function()
    local loop = {}
    loop.loop = loop
    assert.has_error(function() json.encode(loop) end, "cannot write JSON nested deeper than 64")
  end)
end)

describe("json.fold", function()
  for key, folded in pairs {
    HostConfig = "hostconfig",
    ["Ho" .. long_s .. "t"] = "host",
    [kelvin .. "ey"] = "key",
    ["\u{c9}t\u{e9}"] = "\u{c9}t\u{e9}",
    ["\u{131}"] = "\u{131}",
  } do
    it("makes " .. folded .. " of " .. key, function()
      assert.equal(folded, json.fold(key))
    end)
  end
end)
