-- marks, and what client.policy makes of objects that a request only names.
local answers = require "spec.support.answers"
local folder = require "spec.support.folder"
local test = require "moonward.test"
local test_engine = require "moonward.test_engine"

local containers = { { name = "mine-1" }, { name = "web" }, { name = "both", labels = { team = "a" } } }
local engine = answers { networks = { ["mine-net"] = { team = "a" }, prod = {} }, volumes = { vol = { team = "a" }, data = {} } }

local function policy(always, more)
  local path = folder.write(folder.new() .. "/p.lua", 'local client = require "moonward.client"\n'
    .. 'local marks = require "moonward.marks"\nlocal named, labelled = marks.name "mine-*", marks.label("team", "a")\n'
    .. "return named and labelled and client.policy { always = {" .. always .. "}," .. (more or "") .. "}\n")
  return test.policy(path)
end

local function decide(loaded, text, body)
  local method, path = text:match "^(%S+) (.*)$"
  local verdict = loaded:decide { method = method, path = path, body = body, containers = containers, engine = engine }
  assert.is_false(verdict.failed or false, verdict.reason)
  return verdict
end

describe("a mark", function()
  local by_name = policy [[{ "container.create", "volume.create", when = named.made },
    { "container.start", "volume.remove", when = named.held }, { "network.connect", when = named.joined }]]
  local by_label = policy [[{ "container.create", "network.create", when = labelled.made },
    { "container.start", when = labelled.held }]]

  -- policy, request, body, reason; none: allowed
  local cases = {
    { by_name, "POST /containers/create?name=mine-2", "{}" },
    { by_name, "POST /containers/create?name=other", '{"Name":"mine-2"}', "what it makes has no name such as mine-*" },
    { by_name, "POST /containers/create", "{}", "what it makes has no name such as mine-*" },
    { by_name, "POST /volumes/create", '{"name":"mine-2"}' },
    { by_name, "POST /volumes/create?name=mine-2", '{"Name":"other"}', "what it makes has no name such as mine-*" },
    { by_name, "POST /volumes/create", '{"Name":null}', "what it makes has no name such as mine-*" },
    { by_name, "POST /volumes/create", '{"Name":7}', "what it makes has no name such as mine-*" },
    { by_name, "POST /volumes/create", nil, "what it makes has no name such as mine-*" },
    { by_name, "POST /containers/mine-1/start", nil },
    { by_name, "POST /containers/web/start", nil, "it has no name such as mine-*" },
    { by_label, "POST /containers/create", '{"Labels":{"team":"a"}}' },
    { by_label, "POST /containers/create", '{"labels":{"team":"a"}}' },
    { by_label, "POST /containers/create", '{"Labels":{"Team":"a"}}', "what it makes has no label team=a" },
    { by_label, "POST /containers/create", '{"Labels":{"team":"b"}}', "what it makes has no label team=a" },
    { by_label, "POST /containers/create", '{"Labels":null}', "what it makes has no label team=a" },
    { by_label, "POST /containers/create", "[]", "what it makes has no label team=a" },
    { by_label, "POST /networks/create", '{"Name":"n","Labels":{"team":"a"}}' },
    { by_label, "POST /containers/both/start", nil },
    { by_label, "POST /containers/mine-1/start", nil, "it has no label team=a" },
  }
  for _, case in ipairs(cases) do
    local loaded, text, body, reason = table.unpack(case, 1, 4)
    it(("%s %s with %s"):format(reason and "denies" or "allows", text, body or "no body"), function()
      local verdict = decide(loaded, text, body)
      assert.equal(reason == nil, verdict.allowed, verdict.reason)
      assert.equal(reason, reason and verdict.reason)
    end)
  end

  it("lets what does not exist be answered with 404", function()
    local verdict = decide(by_name, "POST /containers/nobody/start")
    assert.equal(404, verdict.status)
  end)

  it("has the container of a connect named by the id that was judged", function()
    local path = "POST /networks/bridge/connect"
    local open = policy([[{ "network.connect", when = named.joined }]], 'powers = { "network" }')
    assert.equal(('{"Container":"%s"}'):format(test_engine.id "mine-1"), decide(open, path, '{"Container":"mine-1"}').body)
    assert.equal("the container has no name such as mine-*", decide(open, path, '{"Container":"web"}').reason)
    assert.equal("there is no container x", decide(open, path, '{"Container":"x"}').reason)
    assert.equal("the body names no container", decide(open, path, "{}").reason)
  end)
end)

describe("what is a client's own, named often", function()
  local loaded = policy('"container.create"', 'own = labelled.is')
  local function binds(count, pattern)
    local list = {}
    for i = 1, count do
      list[i] = '"' .. pattern:format(i, i) .. '"'
    end
    return '{"HostConfig":{"Binds":[' .. table.concat(list, ",") .. "]}}"
  end

  it("is asked about once", function()
    assert.is_true(decide(loaded, "POST /containers/create", binds(200, "vol:/d%d")).allowed)
  end)

  it("is not asked about any more when something is not its own", function()
    local verdict = decide(loaded, "POST /containers/create", binds(200, "new%d:/d%d"))
    assert.equal("not allowed: volume new1 (HostConfig.Binds[1]) and 199 more", verdict.reason)
  end)

  it("may not be very many objects", function()
    local many = setmetatable({}, { __index = function(_, path)
      return path:find "^/volumes/" and { body = '{"Name":"v","Labels":{"team":"a"}}' } or nil
    end })
    local verdict = loaded:decide { method = "POST", path = "/containers/create", engine = many,
      body = binds(33, "v%d:/d%d") }
    assert.is_false(verdict.allowed)
    assert.is_truthy(verdict.reason:find("more than 32 objects", 1, true), verdict.reason)
  end)
end)

describe("what is a client's own", function()
  local loaded = policy('"container.create"', 'own = labelled.is, powers = { "network=mine-*" }')

  -- fragment of HostConfig, allowed
  local cases = {
    { '"NetworkMode":"mine-net"', true }, { '"NetworkMode":"prod"', false }, { '"NetworkMode":"new"', false },
    { '"NetworkMode":"container:both"', true }, { '"NetworkMode":"container:web"', false },
    { '"PidMode":"container:both"', true }, { '"PidMode":"container:web"', false }, { '"PidMode":"host"', false },
    { '"VolumesFrom":["both:ro"]', true }, { '"VolumesFrom":["both","web"]', false },
    { '"Binds":["vol:/d"]', true }, { '"Binds":["data:/d"]', false }, { '"Binds":["new:/d"]', false },
    { '"Binds":["/vol:/d"]', false }, { '"Privileged":true', false },
  }
  for _, case in ipairs(cases) do
    it(("%s %s"):format(case[2] and "allows" or "does not allow", case[1]), function()
      assert.equal(case[2], decide(loaded, "POST /containers/create", '{"HostConfig":{' .. case[1] .. "}}").allowed)
    end)
  end
end)
