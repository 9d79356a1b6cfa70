local json = require "moonward.json"
local json_patch = require "moonward.json_patch"

-- What was read, what is done to it, what is written.
local cases = {
  { "nothing", '{ "a" : 1.50, "b":[ ] }', function() end, '{ "a" : 1.50, "b":[ ] }' },
  { "a value to what it was", '{ "a" : 1 }', function(v) v.a = 1 end, '{ "a" : 1 }' },
  { "a field", '{ "a" : 1, "b" : [ 1 ,2 ] }', function(v) v.a = 2 end, '{"a":2,"b":[ 1 ,2 ]}' },
  { "a field deep inside", '{"a": {"b": { "c" : 1 }, "d" : { "x":1 }}}', function(v) v.a.b.c = "x" end,
    '{"a":{"b":{"c":"x"},"d":{ "x":1 }}}' },
  { "a field under another case", '{"HostConfig":{"Privileged":true}}',
    function(v) v.hostconfig.privileged = false end, '{"HostConfig":{"Privileged":false}}' },
  { "a field that is removed", '{"a":1, "b":2}', function(v) v.a = nil end, '{"b":2}' },
  { "the only field", '{ "a":1 }', function(v) v.a = nil end, '{}' },
  { "new fields, by name", '{"z":1}', function(v) v.y, v.x = 1, { 1 } end, '{"z":1,"x":[1],"y":1}' },
  { "a label", '{"Labels":{"b":"1"}}', function(v) v.Labels.a = "2" end, '{"Labels":{"b":"1","a":"2"}}' },
  { "labels where there are none", '{"Image":"x"}', function(v) v.Labels = { a = "1" } end,
    '{"Image":"x","Labels":{"a":"1"}}' },
  { "null by a table", '{"Labels":null}', function(v) v.Labels = { a = "1" } end, '{"Labels":{"a":"1"}}' },
  { "an element at the end", '{"Env":[ "A=1" ]}', function(v) v.Env[#v.Env + 1] = "B=\n" end,
    '{"Env":["A=1","B=\\n"]}' },
  { "an element", '[ 1e3, 2 ,[ 3 ]]', function(v) v[2] = "x" end, '[1e3,"x",[ 3 ]]' },
  { "a list by one with some of its elements", '{"a":[{"x": 1},{"y": 2}]}', function(v) v.a = { v.a[2] } end,
    '{"a":[{"y": 2}]}' },
  { "a list by an empty one", '{"a":[1]}', function(v) v.a = json.array {} end, '{"a":[]}' },
  { "beside large numbers", '{"a":18446744073709551615,"b":1700000000123456789, "c":1.10}',
    function(v) v.d = true end, '{"a":18446744073709551615,"b":1700000000123456789,"c":1.10,"d":true}' },
  { "beside escapes", '{"a":"\\u0041\\/", "k\\u0061":1}', function(v) v.b = 1 end,
    '{"a":"\\u0041\\/","ka":1,"b":1}' },
  { "an empty list and object apart", '{"a":[],"b":{},"c":1}', function(v) v.c = nil end, '{"a":[],"b":{}}' },
  { "a value that moves", '{"a":{"x":1.0},"b":2}', function(v) v.c, v.a = v.a, nil end, '{"b":2,"c":{"x":1.0}}' },
}

describe("a document that is changed", function()
  for _, case in ipairs(cases) do
    it("keeps all other bytes: " .. case[1], function()
      local value, write = json_patch.read(case[2])
      case[3](value)
      assert.equal(case[4], write())
    end)
  end

  it("is not read if it is no strict JSON", function()
    local value, message = json_patch.read '{"a":1,"A":2}'
    assert.is_nil(value)
    assert.equal('byte 8: the key "A" comes twice, first as "a"', message)
  end)

  it("cannot hold itself", function()
    local value, write = json_patch.read '{"a":{}}'
    value.a.b = value
    assert.has_error(write, "cannot write JSON nested deeper than 64")
  end)
end)
