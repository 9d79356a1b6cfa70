-- What an allowance changes on the way: bodies that go to the engine, answers that come from it.
local folder = require "spec.support.folder"
local test = require "moonward.test"

local made = folder.new()
local count = 0

local function policy(body, ...)
  local paths = {}
  for _, text in ipairs { body, ... } do
    count = count + 1
    paths[#paths + 1] = folder.write(made .. "/p" .. count .. ".lua",
      'local moonward = require "moonward"\nreturn function(client, request)\n' .. text .. "\nend\n")
  end
  return test.policy(paths)
end

local list = '[{"Id":"1", "Names":["/web"],"Labels":{"show":"yes"},"Created":1700000000123456789}, '
  .. '{"Id":"2","Names":["/other/alias","/db"],"Labels":null},{"Id":"3","Names":["/log"],"Labels":{"show":"no"}}]\n'

describe("a filter of an answer", function()
  -- what the policy returns, method and path, the engine's answer, status, what the client sees
  local cases = {
    { "keeps what matches", "only = function(c) return c.labels.show end", "/containers/json", list, 200,
      '[{"Id":"1", "Names":["/web"],"Labels":{"show":"yes"},"Created":1700000000123456789},'
      .. '{"Id":"3","Names":["/log"],"Labels":{"show":"no"}}]\n' },
    { "knows names without slash and without aliases", "only = function(c) return c.name == 'db' end",
      "/containers/json", list, 200, '[ {"Id":"2","Names":["/other/alias","/db"],"Labels":null}]\n' },
    { "sees the engine's own fields", "only = function(c) return c.Id ~= '1' end", "/containers/json", list, 200,
      '[ {"Id":"2","Names":["/other/alias","/db"],"Labels":null},{"Id":"3","Names":["/log"],"Labels":{"show":"no"}}]\n' },
    { "drops all", "only = function() return false end", "/containers/json", list, 200, "[]\n" },
    { "drops what nothing is said of", "only = function() end", "/containers/json", list, 200, "[]\n" },
    { "leaves an empty list", "only = function() return true end", "/containers/json", "[]", 200, "[]" },
    { "hides an object", "only = function(c) return c.labels.show end", "/containers/db/json",
      '{"Id":"1","Config":{"Labels":{}}}', 404, "No such container: db" },
    { "shows an object", "only = function(c) return c.labels.show end", "/containers/db/json",
      '{"Id":"1","Config":{"Labels":{"show":""}}}\n', 200, '{"Id":"1","Config":{"Labels":{"show":""}}}\n' },
    { "hides an image in the engine's words", "only = function() end", "/images/a/b:1/json", '{"Id":"1"}', 404,
      "No such image: a/b:1" },
    { "takes events one by one", "only = function(e) return e.Type == 'container' and e.name == 'web' end",
      "/events", '{"Type":"container","Actor":{"Attributes":{"name":"web"}}}\n'
      .. '{"Type":"network","Actor":{"Attributes":{"name":"web"}}}\n{"Type":"container","Actor":{}}\n', 200,
      '{"Type":"container","Actor":{"Attributes":{"name":"web"}}}\n' },
    { "finds a list below a key", "only = function(v, kind) return kind == 'volume' and v.name == 'b' end",
      "/volumes", '{"Volumes":[{"Name":"a"},{"Name":"b"}],"Warnings":null}', 200,
      '{"Volumes":[{"Name":"b"}],"Warnings":null}' },
    { "knows each list of the disk usage", "only = function(_, kind) return kind ~= 'container' end",
      "/system/df", '{"LayersSize":1,"Images":[{"Id":"i"}],"Containers":[{"Id":"c"}],"Volumes":null}', 200,
      '{"LayersSize":1,"Images":[{"Id":"i"}],"Containers":[],"Volumes":null}' },
    { "knows the disk usage of API 1.52", "only = function(_, kind) return kind ~= 'container' end",
      "/system/df", '{"ContainerUsage":{"TotalCount":1,"Items":[{"Id":"c"}]}}', 200,
      '{"ContainerUsage":{"TotalCount":1,"Items":[]}}' },
    { "takes processes", "only = function(p) return p[2] ~= 'sh' end", "/containers/a/top",
      '{"Processes":[["1","sh"],["2","ls"]],"Titles":["PID","CMD"]}', 200,
      '{"Processes":[["2","ls"]],"Titles":["PID","CMD"]}' },
    { "edits what is left", "only = function(c) return c.Id == '3' end, edit = function(c) c.Names[1] = '/x' end",
      "/containers/json", list, 200, '[{"Id":"3","Names":["/x"],"Labels":{"show":"no"}}]\n' },
    { "leaves what an edit does not touch", "edit = function(c) if c.Id == '2' then c.Labels = nil end end",
      "/containers/json", list, 200, (list:gsub(',"Labels":null', "")) },
    { "says what an edit is about", "edit = function(v, kind) v.kind = kind end", "/images/json",
      '[{"Id":"1"}]', 200, '[{"Id":"1","kind":"image"}]' },
    { "sees the request", "only = function(c) return c.name == request.query.all end",
      "/containers/json?all=log", list, 200, '[{"Id":"3","Names":["/log"],"Labels":{"show":"no"}}]\n' },
    { "ends at an error", "only = function(c) return c.labels.show.x end", "/containers/json", list, 502,
      "an item could not be judged" },
    { "ends at a field that is misspelt", "only = function(c) return c.lables end", "/containers/json", list, 502,
      "an item could not be judged" },
    { "ends at a loop", "only = function() while true do end end", "/containers/json", list, 502,
      "an item could not be judged" },
    { "ends at what is no object", "redact = { 'Config.Env' }", "/containers/a/json",
      '[{"Config":{"Env":["SECRET=1"]}}]', 502, "an item could not be judged" },
    { "ends at what is no list", "only = function() return true end", "/containers/json", '{"message":"x"}', 502,
      "another type of value where a list was expected" },
  }
  for _, case in ipairs(cases) do
    it(case[1], function()
      local given = policy("return moonward.allow { " .. case[2] .. " }")
      local verdict = given:decide { path = case[3], answer = case[4] }
      assert.is_true(verdict.allowed, verdict.reason)
      assert.is_true(verdict.filters)
      assert.equal(case[6], verdict.answer)
      assert.equal(case[5], verdict.answer_status)
    end)
  end

  it("logs the line that failed", function()
    local given = policy("return moonward.allow { only = function(c)\nreturn c.labels.show.x\nend }")
    given:decide { path = "/containers/json", answer = '[{"Id":"1","Labels":{}}]' }
    local name = "p" .. count .. ".lua"
    assert.is_truthy(given:log()[1]:find("filter failed", 1, true), given:log()[1])
    assert.is_truthy(given:log()[1]:find(name .. ":4", 1, true), given:log()[1])
  end)

  it("cannot wait", function()
    local given = policy("return moonward.allow { only = function() return client.labels.x end }")
    local verdict = given:decide {
      path = "/containers/json", answer = "[{}]", client = { address = "172.17.0.2" },
      containers = { { name = "a", address = "172.17.0.2" } },
    }
    assert.equal(502, verdict.answer_status)
    assert.is_truthy(given:log()[1]:find("cannot while an answer comes", 1, true), given:log()[1])
  end)

  it("adds up over policies", function()
    local given = policy("return moonward.allow { only = function(c) return c.Id ~= '1' end }",
      "return moonward.allow { only = function(c) return c.Id ~= '2' end }",
      "return moonward.allow { edit = function(c) c.a = c.Labels.show end }",
      "return moonward.allow { edit = function(c) c.b = c.a end }")
    assert.equal('[{"Id":"3","Names":["/log"],"Labels":{"show":"no"},"a":"no","b":"no"}]\n',
      given:decide({ path = "/containers/json", answer = list }).answer)
  end)

  -- What cannot be filtered is not let through.
  for _, case in ipairs {
    { "GET", "/containers/a/logs" }, { "GET", "/containers/a/archive" }, { "GET", "/_ping" },
    { "GET", "/unknown" }, { "POST", "/containers/create" }, { "HEAD", "/containers/a/archive" },
    { "POST", "/containers/a/attach" }, { "GET", "/images/a/get" },
  } do
    it("is no answer to " .. case[1] .. " " .. case[2], function()
      local given = policy("return moonward.allow { only = function() return true end }")
      local verdict = given:decide { method = case[1], path = case[2] }
      assert.is_false(verdict.allowed)
      assert.is_truthy(verdict.reason:find("cannot be filtered", 1, true), verdict.reason)
    end)
  end
end)

describe("an edit of a body", function()
  local stamp = "return moonward.allow { edit = function(json) json.Labels = json.Labels or {}\n"
    .. "json.Labels.owner = 'me' end }"

  it("changes what goes to the engine and nothing else of it", function()
    local verdict = policy(stamp):decide {
      method = "POST", path = "/containers/create", body = '{"Image": "a" ,"labels":{"x": "y"},"Cmd":[ "a"]}',
    }
    assert.equal('{"Image":"a","labels":{"x":"y","owner":"me"},"Cmd":[ "a"]}', verdict.body)
  end)

  it("is judged by the policies that follow", function()
    local second = "if request.json.Labels.owner ~= 'me' then return moonward.deny('no owner') end\n"
      .. "return moonward.allow { edit = function(json) json.Labels.second = '1' end }"
    local third = "return moonward.allow { rule = request.body }"
    local verdict = policy(stamp, second, third):decide {
      method = "POST", path = "/containers/create", body = '{"Image":"a"}',
    }
    assert.is_true(verdict.allowed, verdict.reason)
    assert.equal('{"Image":"a","Labels":{"owner":"me","second":"1"}}', verdict.body)
  end)

  it("leaves the body alone that it does not change", function()
    local verdict = policy("return moonward.allow { edit = function() end }"):decide {
      method = "POST", path = "/containers/create", body = '{ "Image":"a" }',
    }
    assert.is_true(verdict.allowed)
    assert.is_nil(verdict.body)
  end)

  for _, case in ipairs {
    { "there is no body", "", "has no body" },
    { "the body is no JSON", "{", "the body is not JSON" },
    { "what is set cannot be written", '{"bad":1}', "cannot write a function as JSON" },
  } do
    it("is a denial where " .. case[1], function()
      local given = policy("return moonward.allow { edit = function(json) if json.bad then json.bad = next end end }")
      local verdict = given:decide { method = "POST", path = "/containers/create", body = case[2] }
      assert.is_false(verdict.allowed)
      assert.is_truthy(verdict.reason:find(case[3], 1, true), verdict.reason)
    end)
  end
end)
