local calls = require "moonward.calls"
local operations = require "moonward.operations"

describe("calls", function()
  for name, list in pairs(calls) do
    it(name .. " holds operations, each once", function()
      local seen = {}
      for _, operation in ipairs(list) do
        assert.is_true(operations.names[operation], operation)
        assert.is_nil(seen[operation], operation)
        seen[operation] = true
      end
      assert.not_nil(next(seen))
    end)
  end

  -- What is called a read here changes nothing.
  for _, name in ipairs { "greeting", "info", "containers", "events", "logs", "stats", "images", "networks", "volumes",
    "swarm", "overview", "details" } do
    it(name .. " only reads", function()
      local writes = {}
      for _, operation in ipairs(operations.list) do
        writes[operation.name] = operation.writes
      end
      for _, operation in ipairs(calls[name]) do
        assert.is_false(writes[operation], operation)
      end
    end)
  end
end)
