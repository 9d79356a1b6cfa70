local core = require "moonward.core"
local record = require "moonward.registry.container"
local reply = require "moonward.reply"

describe("core.json.picker", function()
  local pick = core.json.picker { { "Id" }, { "State" }, { "Config", "Labels" }, { "Config", "Image" } }
  local null = core.json.null

  local long = {}
  for i = 1, 100 do
    long[i] = string.format('"key%d":"%d"', i, i)
  end
  local labels = {}
  for i = 1, 100 do
    labels["key" .. i] = tostring(i)
  end

  local cases = {
    { "{}", {} },
    { ' { "Id" : 1 } \n', nil }, -- the engine writes no space there; all of it is read instead
    { ' {"Id": 1 ,"Other": {"Id":2}} \n', { Id = 1 } },
    { '{"Id":"a","Id":"b"}', { Id = "b" } },
    { '{"Config":{"Labels":{"a":"1"}},"Config":{"Image":"x"}}', { Config = { Image = "x" } } },
    { '{"Config":{"Labels":{"a":"1","b":"2","a":"3"}}}', { Config = { Labels = { a = "3", b = "2" } } } },
    { '{"Config":{"Env":["Labels"],"Labels":null,"Image":""}}', { Config = { Labels = null, Image = "" } } },
    { '{"Config":null}', { Config = null } },
    { '{"Config":[{"Labels":1}]}', { Config = { { Labels = 1 } } } },
    { '{"State":{"a":[1,2.5,true,false,null,[],{}],"b":"\\u00e9\\n"}}',
      { State = { a = { 1, 2.5, true, false, null, {}, {} }, b = "é\n" } } },
    { '{"State":{"\\u0061":1}}', { State = { a = 1 } } },
    { '{"Config":{"Labels":{' .. table.concat(long, ",") .. "}}}", { Config = { Labels = labels } } },
    { '{"State":' .. ("["):rep(63) .. ("]"):rep(63) .. "}", "any" },
    { '{"State":' .. ("["):rep(64) .. ("]"):rep(64) .. "}", nil },
    { '{"Other":' .. ("["):rep(64) .. ("]"):rep(64) .. "}", nil },
    { '{"Conf\\u0069g":1}', nil },
    { '{"State":{"\\u0000":1}}', nil },
    { '{"State":"\\ud800"}', nil },
    { '{"State":1e999}', nil },
    { '{"State":01}', nil },
    { '{"State":tru}', nil },
    { '{"State":1,}', nil },
    { '{"State":[1,]}', nil },
    { '{"State":{"a":1,}}', nil },
    { '{"State":1', nil },
    { '{"State":', nil },
    { '{"State"', nil },
    { '{"Other":"\xff"}', nil },
    { '{"Other":x}', nil },
    { '{"Other":1}}', nil },
    { '{"Other":1} {}', nil },
    { "\xef\xbb\xbf{}", nil },
    { "[]", nil },
    { "null", nil },
    { "", nil },
  }
  for _, case in ipairs(cases) do
    it("makes of " .. case[1]:sub(1, 60), function()
      local value = pick(case[1])
      if case[2] == "any" then
        assert.is_table(value)
      else
        assert.same(case[2], value)
      end
    end)
  end

  it("makes plain tables, of which each is new", function()
    local text = '{"Config":{"Labels":{"a":"1"}}}'
    local value = pick(text)
    value.Config.Labels.b = "2"
    assert.is_nil(core.json.kind(value.Config))
    assert.same({ Config = { Labels = { a = "1" } } }, pick(text))
  end)

  it("is what an inspected container is read with", function()
    local file = assert(io.open "spec/support/recorded/shop-web-1-json.http")
    local text = string.match(file:read "a", "\n\n(.*)$") or ""
    file:close()
    local whole = record.read(reply.decode(text))
    local decode = reply.decode
    reply.decode = function() error "all of it is decoded" end
    finally(function() reply.decode = decode end)
    assert.same(whole, record.read(record.decode(text)))
    assert.equal("shop-web-1", whole.name)
  end)
end)

describe("core.json.texts", function()
  local cases = {
    { {}, true }, { { a = "b", c = "" }, true }, { { a = 1 }, false }, { { "a" }, false },
    { { a = "b", c = core.json.null }, false }, { { [true] = "a" }, false },
    { setmetatable({ a = "b" }, {}), nil }, { (core.json.read('{"a":"b"}', "exact", "it")), nil },
  }
  for i, case in ipairs(cases) do
    it("knows case " .. i, function()
      assert.equal(case[2], (core.json.texts(case[1])))
    end)
  end
end)
