local operations = require "moonward.operations"
local test = require "moonward.test"

-- What no docker command calls.
local function is_strange(operation)
  return operation.family:find "^libpod%." or operation.family == "debug" or operation.name == "container.attach_ws"
    or operation.name == "container.copy"
end

describe("docker-cli", function()
  local policy = test.policy "docker-cli"
  for _, operation in ipairs(operations.list) do
    local allowed = not is_strange(operation)
    local path = "/v1.44" .. operation.path:gsub("{%a+%.*}", "x")
    it(("%s %s, %s %s"):format(allowed and "allows" or "denies", operation.name, operation.method, path), function()
      local verdict = policy:decide { method = operation.method, path = path }
      assert.is_false(verdict.failed or false, verdict.reason)
      assert.equal(allowed, verdict.allowed, verdict.reason)
    end)
  end

  for _, text in ipairs { "GET /new/thing", "POST /new/thing", "GET /containers/a/b/json", "PUT /containers/json" } do
    it("denies " .. text .. ", which is no route", function()
      local method, path = text:match "^(%S+) (.*)$"
      assert.is_false(policy:decide({ method = method, path = path }).allowed)
    end)
  end

  it("stands beside no-host-power, which denies what asks for more", function()
    local both = test.policy({ "docker-cli", "no-host-power" }, { allowrest = false })
    local function allows(body)
      return both:decide({ method = "POST", path = "/v1.44/containers/create", body = body }).allowed
    end
    assert.is_true(allows '{"Image":"x"}')
    assert.is_false(allows '{"Image":"x","HostConfig":{"Binds":["/:/h"]}}')
  end)
end)
