local core = require "moonward.core"
local reply = require "moonward.reply"

describe("an object that is decoded where somebody looks", function()
  local decoded

  local function decode(text, name)
    decoded[#decoded + 1] = name or "all"
    return (reply.decode(text))
  end

  local function peek(text, missing)
    return core.peek(text, decode, missing)
  end

  before_each(function() decoded = {} end)

  local fields = {
    { '{"a":"x"}', "x" },
    { '{"a":""}', "" },
    { ' { "b" : "a" , "a" : "x" } ', "x" },
    { '{"a":"\\u0041\\n\\"\\\\"}', 'A\n"\\' },
    { '{"a":12}', 12 },
    { '{"a":true}', true },
    { '{"a":false}', false },
    { '{"a":null}', reply.null },
    { '{"a":{"b":[1]}}', { b = { 1 } } },
    { '{"a":["]}",{"c":"\\"}"}],"b":1}', { "]}", { c = '"}' } } },
    { '{"b":{"a":1}}', nil },
    { '{}', nil },
    { '{"a":1,"a":"last"}', "last" },
    { '{"a":"first","a":1}', 1 },
    { '{"\\u0061":"escaped"}', "escaped" },
    { '{"b\\n":1,"a":"x"}', "x" },
    { '{"' .. ("x"):rep(5000) .. '":1,"a":2}', 2 },
    { '{' .. ('"b":1,'):rep(500) .. '"a":"many"}', "many" },
  }
  for _, case in ipairs(fields) do
    it("has the field of " .. case[1]:sub(1, 40), function()
      local object = peek(case[1])
      assert.same(case[2], object.a)
      assert.same(case[2], object.a)
      assert.same((reply.decode(case[1])).a, object.a)
    end)
  end

  it("decodes nothing else, and that once", function()
    local object = peek '{"a":{"b":1},"c":[1],"d":"text","e":2}'
    assert.equal(object.a, object.a)
    assert.same({ "text", nil }, { object.d, object.f })
    assert.same({ "a" }, decoded)
  end)

  it("asks once for a field that is not there", function()
    local asked = {}
    local object = peek('{"Id":"x"}', function(item, name)
      asked[#asked + 1] = name
      return name == "id" and item.Id or nil
    end)
    assert.same({ "x", "x", nil }, { object.id, object.id, object.other })
    assert.same({ "id", "other" }, asked)
  end)

  it("is gone through with pairs, which sees the text's own fields", function()
    local object = peek('{"a":1,"b":"x","b":"y","c":{"d":[]}}', function() return "more" end)
    local seen = {}
    assert.equal("more", object.z)
    for name, value in pairs(object) do
      seen[name] = value
    end
    assert.same({ a = 1, b = "y", c = { d = {} } }, seen)
  end)

  it("cannot be changed", function()
    local object = peek '{"a":1}'
    assert.error_matches(function() object.a = 2 end, "read%-only")
    assert.error_matches(function() object.b = 2 end, "read%-only")
    assert.is_false(getmetatable(object))
  end)

  for _, text in ipairs { "[1,2]", '"a"', "12", "null" } do
    it("is simply the value of " .. text, function()
      assert.same((reply.decode(text)), peek(text))
      assert.same({ "all" }, decoded)
    end)
  end

  describe("within another", function()
    local outer = '{"Actor":{"ID":"x","Attributes":{"name":"web","n":1}},"List":[1],"Null":null,"Odd":{"\\u0061":{}}}'
    local function at(...)
      return core.peek_at(peek(outer), decode, ...)
    end

    it("is found by its names", function()
      assert.equal("x", at("Actor").ID)
      assert.equal("web", at("Actor", "Attributes").name)
      assert.equal(1, at("Actor", "Attributes").n)
      assert.is_nil(at("Actor", "Attributes").other)
      assert.same({ "n" }, decoded)
    end)

    it("is nil where there is none", function()
      assert.is_nil(at("Other"))
      assert.is_nil(at("Other", "Attributes"))
      assert.is_nil(at("Actor", "Other"))
    end)

    it("is false where decoding has to say what there is", function()
      assert.is_false(at("List"))
      assert.is_false(at("Null"))
      assert.is_false(at("Null", "a"))
      assert.is_false(at("Odd", "a"))
    end)

    it("outlives the one that it is in", function()
      local inner = {}
      for i = 1, 200 do
        inner[i] = core.peek_at(peek(outer .. (" "):rep(i)), decode, "Actor", "Attributes")
      end
      collectgarbage()
      for i = 1, 200 do
        assert.equal("web", inner[i].name)
      end
    end)
  end)
end)
