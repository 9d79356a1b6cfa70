-- json.at and json.ensure: places in a body by their path.
local json = require "moonward.json"
local json_patch = require "moonward.json_patch"

local text = '{"Image":"a","hostconfig":{"Binds":["/a:/b",null],"Memory":0,"Init":null,"Devices":[{"PathOnHost":"/x"}],'
  .. '"Privileged":false},"Labels":{"a.b":"1","A.b":"2","x":null},"Cmd":"text","1":"one"}'

describe("json.at", function()
  local body = assert(json.decode(text))

  -- path, value; nil: nothing is there
  for _, case in ipairs {
    { "Image", "a" },
    { "image", "a" },
    { "HostConfig.Binds[1]", "/a:/b" },
    { "HostConfig.Binds[2]", json.null },
    { "HostConfig.Binds[3]" },
    { "HostConfig.Memory", 0 },
    { "HostConfig.Privileged", false },
    { "HostConfig.Init" },
    { "HostConfig.Init.Deeper" },
    { "HostConfig.Binds.Name" },
    { "HostConfig.Devices[1].PathOnHost", "/x" },
    { "HostConfig[1]" },
    { 'Labels["a.b"]', "1" },
    { 'Labels["A.b"]', "2" },
    { 'Labels["a.B"]' },
    { "Labels.x" },
    { "Cmd[1]" },
    { "Cmd.len" },
    { "[1]" },
    { "1", "one" },
    { "Nothing.There[1]" },
  } do
    it(("of %s is %s"):format(case[1], case[2] == json.null and "null" or tostring(case[2])), function()
      assert.equal(case[2], json.at(body, case[1]))
    end)
  end

  it("of what is no body is nil", function()
    for _, value in pairs { false, 7, "text", json.null } do
      assert.is_nil(json.at(value, "Image"))
    end
    assert.is_nil(json.at(nil, "Image"))
  end)

  -- path, message
  for _, case in ipairs {
    { "", 'json.at: the path "" cannot be read at byte 1; write HostConfig.Binds[1] or Labels["a.b"]' },
    { "A..B", 'json.at: the path "A..B" cannot be read at byte 2; ' },
    { "A.", 'json.at: the path "A." cannot be read at byte 2; ' },
    { "A[", 'json.at: the path "A[" cannot be read at byte 2; ' },
    { "A[x]", 'json.at: the path "A[x]" cannot be read at byte 2; ' },
    { 'A["b]', "json.at: the path \"A[\"b]\" cannot be read at byte 2; " },
    { "A[0]", 'json.at: elements count from 1, and "A[0]" has [0]' },
    { "A[]", "json.at: [] is for json.ensure; the first element is [1]" },
    { 7, "json.at: expected a path such as HostConfig.Binds[1], got a number" },
  } do
    it(("says in the line that calls what is wrong with %s"):format(case[1]), function()
      local ok, message = pcall(function()
        local value = json.at(body, case[1])
        return value
      end)
      assert.is_false(ok)
      local where, words = message:match("^(spec/lualib/json_path_spec%.lua:%d+): (.*)$")
      assert.is_truthy(where, message)
      assert.equal(case[2], words:sub(1, #case[2]))
    end)
  end
end)

describe("json.ensure", function()
  -- body, path, body after "x" was set there or appended
  for _, case in ipairs {
    { "{}", "Labels", '{"Labels":{"x":1}}' },
    { '{"Labels":null}', "Labels", '{"Labels":{"x":1}}' },
    { '{"labels":{"a":"b"}}', "Labels", '{"labels":{"a":"b","x":1}}' },
    { "{}", "A.B", '{"A":{"B":{"x":1}}}' },
    { '{"HostConfig":{"Memory":1.0}}', "HostConfig.Tmpfs", '{"HostConfig":{"Memory":1.0,"Tmpfs":{"x":1}}}' },
    { '{"HostConfig":{"CapDrop":["A"]}}', "HostConfig.CapDrop[]", '{"HostConfig":{"CapDrop":["A","x"]}}' },
    { '{"HostConfig":{"CapDrop":[]}}', "HostConfig.CapDrop[]", '{"HostConfig":{"CapDrop":["x"]}}' },
    { "{}", "HostConfig.CapDrop[]", '{"HostConfig":{"CapDrop":["x"]}}' },
    { "{}", 'Labels["a.b"]', '{"Labels":{"a.b":{"x":1}}}' },
  } do
    it(("makes %s in %s"):format(case[2], case[1]), function()
      local body, write = json_patch.read(case[1])
      local found = json.ensure(body, case[2])
      if json.is_array(found) then
        found[#found + 1] = "x"
      else
        found.x = 1
      end
      assert.equal(case[3], write())
    end)
  end

  it("leaves an empty list as one", function()
    local body, write = json_patch.read "{}"
    json.ensure(body, "HostConfig.CapDrop[]")
    assert.equal('{"HostConfig":{"CapDrop":[]}}', write())
  end)

  -- body, path, message
  for _, case in ipairs {
    { '{"Labels":"a"}', "Labels", "json.ensure: 'Labels' is a string, expected an object" },
    { '{"Labels":[]}', "Labels", "json.ensure: 'Labels' is a list, expected an object" },
    { '{"A":{"B":{}}}', "A.B[]", "json.ensure: 'A.B' is an object, expected a list" },
    { '{"A":7}', "A.B", "json.ensure: 'A' is a number, expected an object" },
    { "[]", "A", "json.ensure: expected an object, got a list" },
    { "7", "A", "json.ensure: expected an object, got a number" },
    { "{}", "A[1]", 'json.ensure: names only, and "A[1]" has an element of a list' },
    { "{}", "A[].B", 'json.ensure: the path "A[].B" cannot be read at byte 2; ' },
  } do
    it(("says of %s in %s what is wrong"):format(case[2], case[1]), function()
      local body = json_patch.read(case[1])
      local ok, message = pcall(function()
        local value = json.ensure(body, case[2])
        return value
      end)
      assert.is_false(ok)
      local words = message:match("^spec/lualib/json_path_spec%.lua:%d+: (.*)$")
      assert.equal(case[3], words and words:sub(1, #case[3]), message)
    end)
  end

  it("cannot change what a policy reads", function()
    local core = require "moonward.core"
    local body = core.json.read('{"A":{}}', "read", "request.json")
    assert.is_table(json.ensure(body, "A"))
    local ok, message = pcall(json.ensure, body, "B")
    assert.is_false(ok)
    assert.is_truthy(message:find("read-only", 1, true), message)
  end)
end)
