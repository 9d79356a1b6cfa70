local operations = require "moonward.operations"
local test = require "moonward.test"

local options = { "allowlogs", "allowarchive", "allowexport", "allowpsargs", "allowsecrets", "allowregistries",
  "allowdebug" }

local function policy(names)
  local values = {}
  for _, name in ipairs(names) do
    values[name] = true
  end
  return test.policy("read-only", values)
end

local closed, open = policy {}, policy(options)
local alone = {}
for _, name in ipairs(options) do
  alone[name] = policy { name }
end

local function path_of(operation)
  return "/v1.43" .. operation.path:gsub("{%a+%.*}", "x")
end

local function allows(loaded, method, path)
  local verdict = loaded:decide { method = method, path = path }
  assert.is_false(verdict.failed or false, verdict.reason)
  assert.is_nil(verdict.refused, verdict.reason)
  return verdict.allowed, verdict
end

-- Reads that need an option; all others that change nothing are plain, and all that write are denied.
-- A new operation has to be put into the policy's lists, or it is denied and fails here.
local guarded = {
  ["container.logs"] = "allowlogs", ["service.logs"] = "allowlogs", ["task.logs"] = "allowlogs",
  ["libpod.container.logs"] = "allowlogs",
  ["container.archive.get"] = "allowarchive", ["container.archive.head"] = "allowarchive",
  ["container.copy"] = "allowarchive", ["libpod.container.archive.get"] = "allowarchive",
  ["libpod.container.archive.head"] = "allowarchive",
  ["container.export"] = "allowexport", ["image.export"] = "allowexport", ["image.export_many"] = "allowexport",
  ["libpod.container.export"] = "allowexport", ["libpod.image.export"] = "allowexport",
  ["libpod.image.export_many"] = "allowexport", ["libpod.volume.export"] = "allowexport",
  ["libpod.artifact.extract"] = "allowexport",
  ["config.inspect"] = "allowsecrets", ["config.list"] = "allowsecrets", ["swarm.inspect"] = "allowsecrets",
  ["swarm.unlock_key"] = "allowsecrets", ["image.attestations"] = "allowsecrets",
  ["libpod.generate.systemd"] = "allowsecrets", ["libpod.kube.generate"] = "allowsecrets",
  ["libpod.quadlet.file"] = "allowsecrets", ["libpod.system.df"] = "allowsecrets",
  ["distribution.inspect"] = "allowregistries", ["image.search"] = "allowregistries",
  ["plugin.privileges"] = "allowregistries", ["libpod.image.search"] = "allowregistries",
  ["libpod.manifest.inspect"] = "allowregistries",
}

describe("read-only", function()
  for _, operation in ipairs(operations.list) do
    local method, path = operation.method, path_of(operation)
    local option = guarded[operation.name] or operation.family == "debug" and "allowdebug" or nil
    local name = ("%s, %s %s"):format(operation.name, method, path)
    if operation.writes then
      it("denies " .. name .. " whatever the options", function()
        assert.is_false(allows(closed, method, path))
        assert.is_false(allows(open, method, path))
      end)
    elseif option then
      it(("denies %s without -%s"):format(name, option), function()
        local allowed, verdict = allows(closed, method, path)
        assert.is_false(allowed)
        assert.equal("-" .. option, verdict.hint)
        for _, other in ipairs(options) do
          assert.equal(other == option, (allows(alone[other], method, path)), other)
        end
      end)
    else
      it("allows " .. name, function()
        assert.is_true(allows(closed, method, path))
      end)
    end
  end

  for _, name in ipairs { "GET /new/thing", "POST /new/thing", "GET /containers/a/b/json", "PUT /containers/json" } do
    it("denies " .. name .. ", which is no route", function()
      assert.is_false(allows(open, name:match("^(%S+) (.*)$")))
    end)
  end
end)

describe("read-only: parameters", function()
  -- path, the option that allows it: "" none is needed, nil none helps
  local cases = {
    { "GET /containers/x/top", "" },
    { "GET /containers/x/top?ps_args=", "" },
    { "GET /containers/x/top?ps_args=axe", "allowpsargs" },
    { "GET /libpod/containers/x/top?ps_args=axe", "allowpsargs" },
    { "GET /libpod/pods/x/top?ps_args=axe", "allowpsargs" },
    { "GET /libpod/secrets/x/json", "" },
    { "GET /libpod/secrets/x/json?showsecret=true", "allowsecrets" },
    { "GET /secrets/x?showsecret=1", "allowsecrets" },
    { "GET /containers/x/checkpoints", "" },
    { "GET /containers/x/checkpoints?dir=", "" },
    { "GET /containers/x/checkpoints?dir=/", nil },
    { "POST /containers/x/attach?stream=1&stdout=1", "allowlogs" },
    { "POST /containers/x/attach?stream=1&stdout=1&stdin=0", "allowlogs" },
    { "POST /containers/x/attach?stream=1&stderr=1&stdin=False", "allowlogs" },
    { "POST /containers/x/attach?stream=1&stdout=1&stdin=1", nil },
    { "POST /containers/x/attach?stream=1&stdout=1&stdin=off", nil },
    { "POST /containers/x/attach?stream=1&stdout=1&stdin=%00", nil },
    { "POST /containers/x/attach?stream=1", nil },
    { "POST /containers/x/attach?stream=1&stdout=0", nil },
    { "POST /libpod/containers/x/attach?stdout=1", "allowlogs" },
    { "POST /libpod/containers/x/attach", nil },
    { "GET /containers/x/attach/ws?stdout=1", "allowlogs" },
    { "GET /v1.42/containers/x/attach/ws?stdout=1", "allowlogs" },
    { "GET /v1.41/containers/x/attach/ws?stdout=1", nil },
    { "GET /v1.24/containers/x/attach/ws?stdout=1", nil },
    { "GET /containers/x/attach/ws?stdout=1&stdin=1", nil },
  }
  for _, case in ipairs(cases) do
    local text, option = case[1], case[2]
    it(("%s needs %s"):format(text, option and (option == "" and "nothing" or option) or "what there is not"), function()
      local method, path = text:match("^(%S+) (.*)$")
      assert.equal(option == "", (closed:decide { method = method, path = path }).allowed)
      assert.equal(option ~= nil, (open:decide { method = method, path = path }).allowed)
      if option and option ~= "" then
        assert.is_true(alone[option]:decide({ method = method, path = path }).allowed)
      end
    end)
  end
end)

describe("read-only and secrets", function()
  local inspect = '{"Id":"1","Path":"sh","Config":{"Env":["A=secret"],"Cmd":["secret"]}}'

  it("leaves them out of answers", function()
    local verdict = test.policy("read-only"):decide { path = "/containers/x/json", answer = inspect }
    assert.equal('{"Id":"1","Path":"","Config":{"Env":[],"Cmd":[]}}', verdict.answer)
  end)

  it("leaves command lines out of events", function()
    local event = '{"Type":"container","Action":"exec_create: sh -c secret","Actor":{"ID":"1"}}'
    local verdict = test.policy("read-only"):decide { path = "/events", answer = event .. "\n" }
    assert.is_nil(verdict.answer:find("secret", 1, true), verdict.answer)
  end)

  it("shows them with -allowsecrets", function()
    local verdict = test.policy("read-only", { allowsecrets = true }):decide { path = "/containers/x/json", answer = inspect }
    assert.equal(inspect, verdict.answer)
  end)
end)
