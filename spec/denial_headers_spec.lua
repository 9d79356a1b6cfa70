-- Fields that a denial's answer has: what a policy may name, and what the client gets.
local folder = require "spec.support.folder"
local front = require "spec.support.front"
local message = require "spec.support.message"
local test = require "moonward.test"

local place, count = folder.new(), 0

local function write(options)
  count = count + 1
  return folder.write(place .. "/house" .. count .. ".lua", 'local moonward = require "moonward"\n'
    .. "return function()\nreturn moonward.deny(\"not now\", " .. options .. ")\nend\n")
end

describe("a denial's headers", function()
  it("are part of the verdict, in lower case", function()
    local verdict = test.policy(write '{ status = 429, headers = { ["Retry-After"] = "60", ["X-Why"] = "" } }')
      :decide { path = "/_ping" }
    assert.is_false(verdict.failed)
    assert.equal(429, verdict.status)
    assert.same({ ["retry-after"] = "60", ["x-why"] = "" }, verdict.headers)
  end)

  for _, options in ipairs { "{}", "{ headers = {} }" } do
    it("are none with " .. options, function()
      assert.is_nil(test.policy(write(options)):decide({ path = "/_ping" }).headers)
    end)
  end

  -- headers, the message
  local long = ('"' .. ("a"):rep(1100) .. '"')
  for _, case in ipairs {
    { '"Retry-After: 60"', "moonward.deny: headers is a string, expected a table" },
    { '{ "60" }', "moonward.deny: headers: '1' is no name of a field" },
    { '{ ["Retry After"] = "60" }', "moonward.deny: headers: 'Retry After' is no name of a field" },
    { '{ ["X-A\\r\\nB"] = "60" }', "is no name of a field" },
    { '{ ["Retry-After"] = 60 }', "moonward.deny: headers: Retry-After is a number, expected a text" },
    { '{ ["X-A"] = "a\\r\\nSet-Cookie: b" }', "the value of X-A has characters that a field cannot have" },
    { '{ ["X-A"] = "a\\0" }', "the value of X-A has characters that a field cannot have" },
    { '{ ["X-A"] = "\\195\\164" }', "the value of X-A has characters that a field cannot have" },
    { '{ ["Content-Length"] = "0" }', "moonward.deny: headers: Content-Length is not for a policy; known are" },
    { '{ ["transfer-encoding"] = "chunked" }', "transfer-encoding is not for a policy" },
    { '{ Connection = "close" }', "Connection is not for a policy" },
    { '{ ["Set-Cookie"] = "a=b" }', "Set-Cookie is not for a policy" },
    { '{ ["Content-Type"] = "text/html" }', "Content-Type is not for a policy" },
    { '{ ["Retry-After"] = "1", ["retry-after"] = "2" }', "comes twice" },
    { '{ ["X-A"] = ' .. long .. " }", "moonward.deny: headers: more than 8 fields or 1024 bytes" },
    { '{ ["X-1"]="", ["X-2"]="", ["X-3"]="", ["X-4"]="", ["X-5"]="", ["X-6"]="", ["X-7"]="", ["X-8"]="", ["X-9"]="" }',
      "moonward.deny: headers: more than 8 fields or 1024 bytes" },
  } do
    it("are an error in its line: " .. case[1]:sub(1, 60), function()
      local verdict = test.policy(write("{ headers = " .. case[1] .. " }")):decide { path = "/_ping" }
      assert.is_true(verdict.failed)
      assert.is_truthy(verdict.where:find(":3$"), verdict.where)
      assert.is_truthy(verdict.reason:find(case[2], 1, true), verdict.reason)
      assert.is_nil(verdict.headers)
    end)
  end

  it("come with the answer, and the connection stays", function()
    local to = front.start { "-policy=" .. write '{ status = 429, headers = { ["Retry-After"] = "60" } }' }
    local conn = to:connect()
    for _ = 1, 2 do
      local response = message.ask(conn, front.request("GET /_ping"))
      assert.equal(429, response.status)
      assert.equal("60", response.headers["retry-after"])
      assert.equal('{"message":"moonward: not now"}\n', response.body)
    end
    to:stop()
  end)
end)
