local core = require "moonward.core"
local json = require "moonward.json"
local reply = require "moonward.reply"

describe("an object that is decoded where somebody looks", function()
  local decoded

  local function decode(text, name)
    decoded[#decoded + 1] = name or "all"
    return (reply.decode(text))
  end

  local function peek(text, missing)
    return core.peek { decode = decode, missing = missing } (text)
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

  for _, count in ipairs({ 2, 40 }) do
    it("shows each of " .. count .. " keys that come twice once, to pairs, to next and when it is written", function()
      local members, wanted, order = {}, {}, {}
      for i = 1, count do
        members[i] = ('"k%d":"first"'):format(i)
        members[count + i] = ('"k%d":%d'):format(i, i)
        wanted["k" .. i], order[i] = i, ('"k%d":%d'):format(i, i)
      end
      local whole = reply.decode("{" .. table.concat(members, ",") .. "}")
      local seen, key, value = {}, json.next(whole)
      while key ~= nil do
        assert.is_nil(seen[key])
        seen[key] = value
        key, value = json.next(whole, key)
      end
      assert.same(wanted, seen)
      seen = {}
      for name, of in pairs(whole) do
        assert.is_nil(seen[name])
        seen[name] = of
      end
      assert.same(wanted, seen)
      assert.equal("{" .. table.concat(order, ",") .. "}", json.encode(whole))
    end)
  end

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

  describe("with labels", function()
    local outer = '{"Actor":{"ID":"x","Attributes":{"name":"web","n":1}},"Labels":{"a":"b\\n","c":"d"},'
      .. '"List":[1],"Null":null,"Odd":{"\\u0061":{}},"One":{"labels":"own"}}'

    local function labels_at(ways, text)
      local read = core.peek {
        decode = decode, labels = ways,
        label = function(value, name) return name .. "=" .. value end,
        missing = function(_, name) return "no " .. name end,
      }
      return read(text or outer).labels
    end

    it("has those in the object to which the names lead", function()
      local labels = labels_at { { "Actor", "Attributes" } }
      assert.same({ "web", "n=1", nil }, { labels.name, labels.n, labels.other })
      assert.same({ "d", 'a="b\\n"' }, { labels_at({ { "Labels" } }).c, labels_at({ { "Labels" } }).a })
      assert.same({}, decoded)
    end)

    it("has those at the first place that there is", function()
      assert.equal("d", labels_at({ { "Spec", "Labels" }, { "Labels" } }).c)
      assert.equal("d", labels_at({ { "Actor", "Labels" }, { "Labels" } }).c)
      assert.equal("d", labels_at({ { "Labels" }, { "Actor", "Attributes" } }).c)
    end)

    it("finds them once", function()
      local object = core.peek { decode = decode, labels = { { "Labels" } }, label = decode } (outer)
      assert.equal(object.labels, object.labels)
      assert.equal("b\n", object.labels.a)
    end)

    it("keeps to a field of that name in the text", function()
      assert.equal("own", labels_at({ { "One" } }, '{"labels":"own","One":{}}'))
    end)

    for _, way in ipairs {
      { "Other" }, { "Other", "Labels" }, { "Actor", "Other" }, { "List" }, { "Null" }, { "Null", "a" }, { "Odd", "a" },
      { "Odd" },
    } do
      it("asks where there are none, or they must be decoded: " .. table.concat(way, "."), function()
        assert.equal("no labels", labels_at { way })
      end)
    end

    it("asks where one of them is no text and all have to be", function()
      local function labels_of(text)
        return core.peek {
          decode = decode, labels = { { "Labels" } }, texts = true, label = decode,
          missing = function(_, name) return "no " .. name end,
        } (text).labels
      end
      assert.equal("d", labels_of('{"Labels":{"a":"b","c":"d"}}').c)
      assert.equal("no labels", labels_of '{"Labels":{"a":"b","c":1}}')
    end)

    it("whose object is gone are still there", function()
      local labels = {}
      for i = 1, 200 do
        labels[i] = labels_at({ { "Actor", "Attributes" } }, outer .. (" "):rep(i))
      end
      collectgarbage()
      for i = 1, 200 do
        assert.equal("web", labels[i].name)
      end
    end)

    it("can be gone through", function()
      local seen = {}
      for name, value in pairs(labels_at { { "Actor", "Attributes" } }) do
        seen[name] = value
      end
      assert.same({ name = "web", n = "n=1" }, seen)
    end)
  end)

  it("keeps all that it was asked for", function()
    local object = peek('{"a":1,"b":[2],"c":{},"d":false}', function(_, name) return name .. "?" end)
    for _ = 1, 2 do
      assert.same({ 1, { 2 }, {}, false, "e?", "f?" },
        { object.a, object.b, object.c, object.d, object.e, object.f })
    end
    assert.same({ "a", "b", "c", "d" }, decoded)
  end)
end)
