local test = require "moonward.test"

describe("a policy's limit on instructions", function()
  local file

  setup(function()
    file = os.tmpname()
    os.rename(file, file .. ".lua")
    file = file .. ".lua"
    local out = assert(io.open(file, "w"))
    out:write [[
      local moonward = require "moonward"
      return function(_, request)
        local n = request.path == "/body" and #request.body or 0
        for i = 1, 5000000 do n = n + i % 7 end
        return moonward.allow()
      end
    ]]
    out:close()
  end)

  teardown(function() os.remove(file) end)

  for _, path in ipairs { "/at-once", "/body" } do
    it("holds for the decisions after one that hit it, " .. path, function()
      local policy = test.policy(file, {}, { limits = { instructions = 1000000 } })
      for _ = 1, 3 do
        local verdict = policy:decide { method = "POST", path = path, body = "x" }
        assert.is_false(verdict.allowed)
        assert.truthy(string.find(verdict.reason, "instruction limit reached", 1, true))
      end
    end)
  end
end)
