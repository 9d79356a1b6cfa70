-- moonward.both and moonward.stamp, as policies use them in the sandbox.
local folder = require "spec.support.folder"
local json = require "moonward.json"
local test = require "moonward.test"

local place, count = folder.new(), 0

local function load(body)
  count = count + 1
  return test.policy(folder.write(place .. "/house" .. count .. ".lua", table.concat({
    'local moonward = require "moonward"', 'local own = require "moonward.own"',
    'local settings = own.settings("moonward.owner", own.powers, {})',
    "return function(_, request)", body, "end",
  }, "\n")))
end

local containers = {
  { name = "mine", labels = { ["moonward.owner"] = "alice" } },
  { name = "other", labels = { ["moonward.owner"] = "bob" } },
}

describe("moonward.both", function()
  local owner = load('local own_verdict = own.decide(request, "alice", settings)\n'
    .. 'if request:is "container.create" then\n'
    .. '  return moonward.both(own_verdict, { edit = function(body) body.User = "1000" end })\n'
    .. 'elseif request:is "container.inspect" then\n'
    .. '  return moonward.both(own_verdict, { redact = { "Config.Env" } })\n'
    .. "end\nreturn own_verdict")

  it("edits what an owner's create sends, which is stamped", function()
    local verdict = owner:decide { method = "POST", path = "/containers/create", body = '{"Cmd":["a"]}',
      containers = containers }
    assert.equal('{"Cmd":["a"],"Labels":{"moonward.owner":"alice"},"User":"1000"}', verdict.body)
  end)

  it("redacts what a view shows", function()
    local verdict = owner:decide { path = "/containers/mine/json", containers = containers,
      answer = '{"Id":"1","Name":"/mine","Config":{"Env":["A=b"],"Labels":{"moonward.owner":"alice"}}}' }
    assert.is_true(verdict.allowed)
    assert.equal('{"Id":"1","Name":"/mine","Config":{"Env":[],"Labels":{"moonward.owner":"alice"}}}', verdict.answer)
  end)

  it("lets a denial be one", function()
    local verdict = owner:decide { path = "/containers/other/json", containers = containers }
    assert.is_false(verdict.allowed)
    assert.equal(404, verdict.status)
    verdict = owner:decide { method = "POST", path = "/containers/create", containers = containers,
      body = '{"HostConfig":{"Privileged":true}}' }
    assert.is_false(verdict.allowed)
    assert.equal("privileged", verdict.rule)
  end)

  -- what decide does with a list of containers a, b and c, what is shown; false: it is denied
  local list = '[{"Id":"a"},{"Id":"b"},{"Id":"c"}]'
  for _, case in ipairs {
    { 'return moonward.both(moonward.allow(), { only = function(item) return item.Id ~= "a" end })',
      '[{"Id":"b"},{"Id":"c"}]' },
    { 'return moonward.both(moonward.allow { only = function(item) return item.Id ~= "a" end },\n'
      .. '{ only = function(item) return item.Id ~= "c" end })', '[{"Id":"b"}]' },
    { 'return moonward.both(moonward.both(moonward.allow { only = function(item) return item.Id ~= "a" end },\n'
      .. '{ only = function(item) return item.Id ~= "c" end }), { redact = { "Id" } })', '[{"Id":""}]' },
    { "return moonward.both(moonward.allow(), {})", list },
    { 'return moonward.both(moonward.deny "no", { redact = { "Id" } })', false },
    { "return moonward.both(moonward.hide(), { redact = { \"Id\" } })", false },
    { "return moonward.both(nil, { redact = { \"Id\" } })", false },
  } do
    it("shows " .. tostring(case[2]) .. " where it says " .. case[1], function()
      local verdict = load(case[1]):decide { path = "/containers/json", answer = list }
      assert.is_false(verdict.failed)
      assert.equal(case[2] ~= false, verdict.allowed)
      assert.equal(case[2] or nil, verdict.answer)
    end)
  end

  it("keeps the rule of the first, unless it is given one", function()
    local function rule(options)
      return load('return moonward.both(moonward.allow { rule = "first" }, ' .. options .. ")")
        :decide({ path = "/_ping" }).rule
    end
    assert.equal("first", rule "{}")
    assert.equal("second", rule '{ rule = "second" }')
  end)

  -- what is written in line 5, the message
  for _, case in ipairs {
    { "return moonward.both(true, {})", "moonward.both: expected a verdict, or nil, got a boolean" },
    { "return moonward.both({}, {})", "moonward.both: expected a verdict, or nil, got a table" },
    { "return moonward.both(moonward.allow(), 7)", "moonward.both: expected a table of options, got a number" },
    { "return moonward.both(moonward.allow(), { redct = {} })", "moonward.both: unknown option 'redct'; did you mean" },
    { 'moonward.both(moonward.allow(), { query = { a = "b" } })', "moonward.allow with conditions, or moonward.view, was" },
    { 'return moonward.both(moonward.allow { query = { a = "b" } }, { query = { a = "c" } })',
      "query: 'a' is set to two values" },
  } do
    it("is an error in its line: " .. case[1], function()
      local verdict = load(case[1]):decide { path = "/containers/json" }
      assert.is_true(verdict.failed)
      assert.is_truthy(verdict.reason:find(case[2], 1, true), verdict.reason)
      if not case[2]:find "^query" then
        assert.is_truthy(verdict.where:find(":5$"), verdict.where)
      end
    end)
  end
end)

describe("moonward.stamp", function()
  local stamps = load 'return moonward.allow(moonward.stamp(request, { ["a.b"] = "c" }))'

  -- request, body, what goes on
  for _, case in ipairs {
    { "/containers/create", '{"Image":"x"}', '{"Image":"x","Labels":{"a.b":"c"}}' },
    { "/containers/create", '{"Labels":null}', '{"Labels":{"a.b":"c"}}' },
    { "/containers/create", '{"labels":{"a.b":"mine","A.b":"d"}}', '{"labels":{"a.b":"c","A.b":"d"}}' },
    { "/networks/create", '{"Name":"n"}', '{"Name":"n","Labels":{"a.b":"c"}}' },
    { "/volumes/create", '{"Name":"n"}', '{"Name":"n","Labels":{"a.b":"c"}}' },
    { "/secrets/create", '{"Name":"n"}', '{"Name":"n","Labels":{"a.b":"c"}}' },
    { "/commit?container=x", '{"Labels":{"d":"e"}}', '{"Labels":{"d":"e","a.b":"c"}}' },
    { "/services/create", '{"Name":"n","TaskTemplate":{"ContainerSpec":{"Image":"x"}}}',
      '{"Name":"n","TaskTemplate":{"ContainerSpec":{"Image":"x","Labels":{"a.b":"c"}}},"Labels":{"a.b":"c"}}' },
  } do
    it("writes the label into " .. case[1] .. " " .. case[2], function()
      local verdict = stamps:decide { method = "POST", path = case[1], body = case[2] }
      assert.is_true(verdict.allowed, verdict.reason)
      assert.same(json.decode(case[3]), json.decode(verdict.body))
    end)
  end

  -- labels of a build, what they are on the way
  for _, case in ipairs {
    { "", { ["a.b"] = "c" } },
    { "?labels=%7B%22d%22%3A%22e%22%7D", { ["a.b"] = "c", d = "e" } },
    { "?labels=%7B%22a.b%22%3A%22e%22%7D", { ["a.b"] = "c" } },
  } do
    it("writes it into the query of a build" .. case[1], function()
      local verdict = stamps:decide { method = "POST", path = "/build" .. case[1] }
      local labels = {}
      for key, value in pairs(json.decode(verdict.query.labels)) do
        labels[key] = value
      end
      assert.same(case[2], labels)
    end)
  end

  -- method, path, body, whether it is allowed
  for _, case in ipairs {
    { "GET", "/containers/json", "", true },
    { "POST", "/containers/x/start", "", true },
    { "POST", "/images/create?fromImage=x&tag=1", "", true },
    { "GET", "/libpod/containers/json", "", true },
    { "POST", "/images/create?fromSrc=-", "", false },
    { "POST", "/images/load", "", false },
    { "POST", "/build?version=2", "", false },
    { "POST", "/build?labels=x", "", false },
    { "POST", "/session", "", false },
    { "POST", "/commit?container=x", "", false },
    { "POST", "/commit?container=x", "null", false },
    { "POST", "/libpod/containers/create", "{}", false },
  } do
    it((case[4] and "lets " or "denies ") .. case[1] .. " " .. case[2] .. " " .. case[3], function()
      local verdict = stamps:decide { method = case[1], path = case[2], body = case[3] ~= "" and case[3] or nil }
      assert.is_false(verdict.failed)
      assert.equal(case[4], verdict.allowed)
      assert.is_nil(verdict.body)
    end)
  end

  for _, case in ipairs {
    { "moonward.stamp(request)", "moonward.stamp: expected { [" },
    { "moonward.stamp(request, {})", "moonward.stamp: expected { [" },
    { "moonward.stamp(request, { a = 1 })", "moonward.stamp: labels are texts; 'a' is a number" },
    { 'moonward.stamp(request, { "a" })', "moonward.stamp: labels are texts; '1' is a string" },
  } do
    it("is an error in its line: " .. case[1], function()
      local verdict = load("local changes = " .. case[1] .. "\nreturn moonward.allow(changes)"):decide { path = "/_ping" }
      assert.is_true(verdict.failed)
      assert.is_truthy(verdict.where:find(":5$"), verdict.where)
      assert.is_truthy(verdict.reason:find(case[2], 1, true), verdict.reason)
    end)
  end
end)
