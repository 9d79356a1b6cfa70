local reply = require "moonward.reply"

describe("an answer of the engine", function()
  it("is read as tables, with null apart", function()
    local value = reply.decode '{"a":[1,"x",null],"b":{"c":true}}'
    assert.same({ 1, "x" }, { value.a[1], value.a[2] })
    assert.equal(reply.null, value.a[3])
    assert.is_true(value.b.c)
  end)

  for _, text in ipairs { "", "{", "[1,]", "{} {}", "nan", '{"a":Infinity}', string.rep("[", 65) .. string.rep("]", 65) } do
    it("is not read when it is no JSON: " .. text:sub(1, 12), function()
      local value, message = reply.decode(text)
      assert.is_nil(value)
      assert.equal("string", type(message))
    end)
  end

  it("is looked at without fear of other types", function()
    assert.same({ "a", nil, nil }, { reply.text "a", reply.text(1), reply.text(reply.null) })
    local list = { 1 }
    assert.equal(list, reply.table(list))
    assert.same({}, reply.table(reply.null))
    assert.same({}, reply.table "a")
  end)
end)

describe("a moment", function()
  for _, case in ipairs {
    { "1970-01-01T00:00:00Z", 0 }, { "1970-01-01T00:00:01.5Z", 1500000 },
    { "2024-02-29T12:00:00.123456789Z", 1709208000123456 }, { "2000-03-01T00:00:00Z", 951868800000000 },
    { "1970-01-01T02:00:00+02:00", 0 }, { "1969-12-31T22:30:00-01:30", 0 },
    { "2024-05-01" }, { "2024-05-01T10:00:00" }, { "2024-05-01T10:00:00+2" }, { "" }, { 5 }, { reply.null },
  } do
    it("is " .. tostring(case[2] or "none") .. " for " .. tostring(case[1]), function()
      assert.equal(case[2], reply.moment(case[1]))
    end)
  end
end)
