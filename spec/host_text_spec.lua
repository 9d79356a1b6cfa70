-- docs/security.md lists what the engine does on the host with a client's text: the list is complete, and each rule holds.
local create = require "moonward.create"
local folder = require "spec.support.folder"
local operations = require "moonward.operations"
local powers = require "spec.support.powers"
local test = require "moonward.test"

-- Powers that are no text which the engine acts on outside of containers, and why.
local inside = {
  ["what a container may do"] = "privileged capability host-namespace joined-namespace shareable-ipc",
  ["names of objects of the engine's: docs/references.md"] = "volume volumes-from cluster-volume secret config network"
    .. " link alias",
  ["an address on the engine's own network"] = "address mac-address",
  ["fields that stand in this list already"] = "start-body",
  ["told, not done"] = "swarm-secret",
  ["nobody knows what they do"] = "unknown-field unknown-value unknown-route not-understood",
}

local page = assert(folder.read "docs/security.md")
local text = page:match("\n## What the engine does on the host with a client's text\n(.-)\n## ")
local listed, named = {}, {}
for rule in text:gmatch "\n|[^\n]*|([^|\n]*)|%f[\n]" do
  for name in rule:gmatch "`([%l%-]+)`" do
    listed[#listed + 1] = name
  end
  for name in rule:gmatch "%*([%l_.]+)%*" do
    named[#named + 1] = name
  end
end

local known = {}
for _, entry in ipairs(create.list) do
  known[entry.power] = true
end

-- One request for each power that stands in no body of spec/support/powers.lua.
local requests = {
  ["archive"] = { "PUT", "/containers/web/archive?path=/" }, ["build-grpc"] = { "POST", "/grpc" },
  ["build-output"] = { "POST", '/build?outputs=[{"Type":"local"}]' }, ["build-session"] = { "POST", "/build?version=2" },
  ["checkpoint"] = { "POST", "/containers/web/checkpoints", '{"CheckpointID":"x","CheckpointDir":"/etc"}' },
  ["frontend"] = { "POST", '/build?buildargs={"BUILDKIT_SYNTAX":"evil"}' },
  ["kubernetes"] = { "POST", "/v4.0.0/libpod/play/kube", "x" }, ["plugin"] = { "POST", "/plugins/x/set", '["a.source=/"]' },
  ["remote"] = { "POST", "/build?remote=http://127.0.0.1/" }, ["ssh"] = { "POST", "/v4.0.0/libpod/images/scp/x" },
  ["swarm"] = { "POST", "/swarm/update?version=1", '{"CAConfig":{"ExternalCAs":[{"URL":"http://127.0.0.1/"}]}}' },
  ["unit"] = { "POST", "/v5.0.0/libpod/quadlets" },
}
for _, row in ipairs(powers.rows) do
  requests[row.power] = requests[row.power] or { "POST", row.path, row.body }
end

describe("what the engine does on the host with a client's text", function()
  it("is a list of some rules", function()
    assert.is_true(#listed > 40 and #named > 3)
  end)

  it("has every power, or it is known why one stays inside", function()
    local found = {}
    for _, name in ipairs(listed) do
      found[name] = true
    end
    for _, names in pairs(inside) do
      for name in names:gmatch "%S+" do
        assert.is_true(known[name], name .. " is no power")
        assert.is_nil(found[name], name .. " stands in both")
        found[name] = true
      end
    end
    for name in pairs(known) do
      assert.is_true(found[name], name .. " is neither in docs/security.md nor known to stay inside")
    end
  end)

  local closed, reader = test.policy "no-host-power", test.policy "read-only"
  for _, name in ipairs(listed) do
    if known[name] then
      it("is refused: " .. name, function()
        local request = assert(requests[name], "no request asks for it")
        local verdict = closed:decide { method = request[1], path = request[2], body = request[3] }
        assert.is_false(verdict.allowed)
        assert.is_false(verdict.failed, verdict.reason)
        assert.is_truthy(verdict.reason:find("not allowed: " .. name, 1, true), verdict.reason)
      end)
    else
      it("names a policy: " .. name, function()
        assert.is_truthy(folder.read("policies/" .. name .. ".lua"))
      end)
    end
  end

  for _, name in ipairs(named) do
    it("is refused by read-only: " .. name, function()
      assert.is_truthy(operations.names[name])
      local row
      for _, one in ipairs(operations.list) do
        row = row or one.name == name and one
      end
      local verdict = reader:decide { method = row.method, path = (row.path:gsub("{[^}]*}", "x")),
        body = row.method == "POST" and "{}" or nil }
      assert.equal(name, verdict.operation)
      assert.is_false(verdict.allowed)
      assert.is_false(verdict.failed, verdict.reason)
    end)
  end
end)
