-- What a policy reads: the same to it as to the engine, read-only all the way down, with one null.
local folder = require "spec.support.folder"
local test = require "moonward.test"

local made = folder.new()
local count = 0

local function policy(text, options)
  count = count + 1
  local path = folder.write(made .. "/p" .. count .. ".lua", ([[
local moonward = require "moonward"
local json = require "moonward.json"
local create = require "moonward.create"
return {
  options = { { name = "words", kind = "list", default = "", help = "Some." } },
  decide = function(client, request, options)
%s
  end,
}
]]):format(text))
  return test.policy(path, options)
end

local body = '{"HostConfig":{"Binds":["/b:/b","/a:/a"],"Privileged":true,"Tmpfs":null,"Memory":1},"Labels":{"a":"1"},'
  .. '"Cmd":[],"Image":"busybox"}'

local function decide(text, more)
  local request = { method = "POST", path = "/containers/create", body = body }
  for key, value in pairs(more or {}) do
    request[key] = value
  end
  return policy(text, { words = { "y", "x" } }):decide(request)
end

describe("a body that a policy reads", function()
  local writes = {
    "request.json.HostConfig.Privileged = false", -- and create.powers found nothing, and the engine was told true
    "request.json.HostConfig.privileged = nil",
    "request.json.New = 1",
    "request.json.HostConfig = nil",
    "request.json.HostConfig.Binds[1] = '/a'",
    "request.json.HostConfig.Binds[3] = '/a'",
    "request.json.Labels.a = '2'",
    "request.json.Cmd[1] = 'sh'",
    "table.sort(request.json.HostConfig.Binds)",
    "local _, shown = pairs(request.json.HostConfig) shown.Privileged = false",
    "local host = request.json.HostConfig for name in pairs(host) do host[name] = nil end",
    "for _, host in pairs(request.json) do if json.is_object(host) then host.Binds = nil end end",
  }
  for _, write in ipairs(writes) do
    it("cannot be changed by " .. write, function()
      local verdict = decide(write .. "\nif #create.powers(request) == 0 then return moonward.allow() end")
      assert.is_false(verdict.allowed)
      assert.is_true(verdict.failed)
      local message = "request.json is read-only; to change what goes on, return moonward.allow { edit = function(json) ... end }"
      assert.is_truthy(verdict.reason:find(message, 1, true), verdict.reason)
      assert.is_truthy(verdict.where:find("p%d+.lua:7"), verdict.where)
    end)
  end

  it("is what is judged after an attempt that was caught", function()
    local verdict = decide([[
      pcall(function() request.json.HostConfig.Privileged = false end)
      return moonward.deny(tostring(request.json.HostConfig.Privileged))]])
    assert.equal("true", verdict.reason)
  end)

  local reads = {
    { "#request.json.HostConfig.Binds", "2" },
    { "#request.json.Cmd", "0" },
    { "table.concat(request.json.HostConfig.Binds, ' ')", "/b:/b /a:/a" },
    { "table.concat({ table.unpack(request.json.HostConfig.Binds) }, ' ')", "/b:/b /a:/a" },
    { "select('#', table.unpack(request.json.Cmd))", "0" },
    { "next(request.json.Cmd)", "nil" },
    { "next(request.json.HostConfig)", "Binds" },
    { "next(request.json.HostConfig, 'Binds')", "Privileged" },
    { "next(request.json.HostConfig, 'Memory')", "nil" },
    { "select(2, next(request.json.HostConfig.Binds, 1))", "/a:/a" },
    { "select(2, pcall(next, request.json, 'none'))", "invalid key to 'next'" },
    { "request.json.hostconfig == request.json.HostConfig", "true" },
    { "type(request.json.HostConfig)", "table" },
    { "request.json.HostConfig.Tmpfs == json.null", "true" },
    { "request.json.HostConfig.Tmpfs['/run']", "nil" },
    { "#request.json.HostConfig.Tmpfs", "0" },
    { "next(request.json.HostConfig.Tmpfs)", "nil" },
    { "json.encode(request.json.HostConfig.Binds)", '["/b:/b","/a:/a"]' },
    { "json.is_array(request.json.Cmd)", "true" },
    { "json.is_object(request.json.Cmd)", "false" },
    { "json.source(request.json.HostConfig, 'Memory')", "1" },
    { "math.type(request.json.HostConfig.Memory)", "integer" },
    { "getmetatable and 'seen' or 'none'", nil },
    { "next(options.words)", "1" },
    { "table.concat(options.words, ' ')", "y x" },
    { "#options.words", "2" },
  }
  for _, case in ipairs(reads) do
    it("is read by " .. case[1], function()
      local verdict = decide("return moonward.deny(tostring(" .. case[1]:gsub("%%", "%%%%") .. "))")
      if case[2] then
        assert.equal(case[2], (verdict.reason:gsub("^policy[^:]*: ", "")))
      else
        assert.is_true(verdict.failed)
      end
    end)
  end

  it("is gone through in its order", function()
    local verdict = decide([[
      local names, binds = {}, {}
      for name, value in pairs(request.json.HostConfig) do names[#names + 1] = name .. "=" .. type(value) end
      for i, bind in ipairs(request.json.HostConfig.Binds) do binds[#binds + 1] = i .. bind end
      for i, bind in pairs(request.json.HostConfig.Binds) do binds[#binds + 1] = i .. bind end
      for _ in pairs(request.json.HostConfig.Tmpfs) do names[1] = "null has fields" end
      return moonward.deny(table.concat(names, " ") .. " " .. table.concat(binds, " "))]])
    assert.equal("Binds=table Privileged=boolean Tmpfs=table Memory=number 1/b:/b 2/a:/a 1/b:/b 2/a:/a", verdict.reason)
  end)

  it("is changed by edit, and what was read before stays", function()
    local verdict = decide([[
      local before = request.json.HostConfig
      return moonward.allow { edit = function(json)
        json.HostConfig.Privileged = before.Privileged and request.json.HostConfig.Memory == 1 and false
        json.HostConfig.Binds[#json.HostConfig.Binds + 1] = before.Binds[1]
        for name in pairs(json.Labels) do json.Labels[name] = nil end
        json.Copied = before
      end }]])
    assert.is_true(verdict.allowed, verdict.reason)
    local host = '{"Binds":["/b:/b","/a:/a"],"Privileged":true,"Tmpfs":null,"Memory":1}'
    assert.equal('{"HostConfig":{"Binds":["/b:/b","/a:/a","/b:/b"],"Privileged":false,"Tmpfs":null,"Memory":1},"Labels":{},'
      .. '"Cmd":[],"Image":"busybox","Copied":' .. host .. "}", verdict.body)
  end)
end)

describe("options", function()
  for _, write in ipairs {
    "options.words[1] = 'z'", "options.words[3] = 'z'", "table.sort(options.words)", "options.words = {}",
  } do
    it("cannot be changed by " .. write, function()
      local verdict = decide(write)
      assert.is_true(verdict.failed)
      assert.is_truthy(verdict.reason:find("options are read-only", 1, true), verdict.reason)
    end)
  end
end)

describe("an item that a filter reads", function()
  local function answer(text, path, given)
    local shown = policy("return moonward.allow { " .. text .. " }")
    return shown:decide { path = path, answer = given }, shown
  end

  local containers = '[{"Id":"1","Names":["/a"],"Labels":null,"Mounts":[{"Name":"v"}],"NetworkSettings":{"Networks":{"n":null}}}]'
  for _, write in ipairs {
    "c.Id = '2'", "c.Names[1] = '/b'", "c.Mounts[1].Name = nil", "c.NetworkSettings.Networks.n = 1", "c.labels.a = '1'",
    "c.networks.n = 1",
  } do
    it("cannot be changed by " .. write, function()
      local verdict, shown = answer("only = function(c) " .. write .. " return true end", "/containers/json", containers)
      assert.equal(502, verdict.answer_status)
      local line = shown:log()[1]
      assert.is_truthy(line:find "p%d+.lua:7: .*is read%-only" or line:find "p%d+.lua:7: json.null cannot be changed", line)
    end)
  end

  -- what only says of an image without labels
  for _, case in ipairs {
    { 'item.Labels["a"] == nil', "/images/json", '[{"Id":"1","Labels":null}]', "shown" },
    { "item.Labels == json.null", "/images/json", '[{"Id":"1","Labels":null}]', "shown" },
    { 'item.Config.Labels["a"] == nil', "/images/x/json", '{"Id":"1","Config":{"Labels":null}}', "shown" },
    { "tostring(item.Labels) == 'null'", "/images/json", '[{"Id":"1","Labels":null}]', "shown" },
    { "item.labels.a == nil", "/images/json", '[{"Id":"1","Labels":null}]', "shown" },
    { "item.RepoTags[1] == json.null", "/images/json", '[{"Id":"1","RepoTags":[null]}]', "shown" },
    { "#item.RepoTags == 0 and next(item.RepoTags) == nil", "/images/json", '[{"Id":"1","RepoTags":null}]', "shown" },
  } do
    it("has one null: " .. case[1], function()
      local verdict = answer("only = function(item) return " .. case[1] .. " end", case[2], case[3])
      assert.is_true(verdict.allowed, verdict.reason)
      assert.equal(case[3], verdict.answer)
    end)
  end

  it("has the null of edit", function()
    local verdict = answer("edit = function(item) if item.Labels == json.null then item.Labels = { a = '1' } end end",
      "/images/json", '[{"Id":"1","Labels":null}]')
    assert.equal('[{"Id":"1","Labels":{"a":"1"}}]', verdict.answer)
  end)
end)

describe("a function that an allowance is given", function()
  -- what it is, path, the engine's answer or nil, what is said
  local cases = {
    { "edit = function(v) return v end", nil,
      "edit returned a table; it changes the value that it is given, and returns nothing" },
    { "edit = function() return false end", nil, "edit returned a boolean" },
    { "edit = function() return { Image = 'x' } end", "/images/json", "edit returned a table" },
    { "only = function(c) return {} end", "/images/json",
      "only returned a table, which is true whatever it holds; return true or false" },
    { "only = function(c) return #c.Id end", "/images/json", "only returned a number" },
    { "only = function(c) return c.Labels end", "/images/json", "only returned a json.null" },
    { "only = function(c) return c end", "/images/json", "only returned a userdata" },
    { "only = function(c) return moonward.deny('no') end", "/images/json", "a verdict in the middle of an answer" },
  }
  for _, case in ipairs(cases) do
    it("must not return what would be ignored: " .. case[1], function()
      local given = policy("return moonward.allow { " .. case[1] .. " }")
      local said
      if case[2] then
        local verdict = given:decide { path = case[2], answer = '[{"Id":"1","Labels":null}]' }
        assert.equal(502, verdict.answer_status)
        said = given:log()[1]
      else
        local verdict = given:decide { method = "POST", path = "/containers/create", body = body }
        assert.is_true(verdict.failed)
        said = verdict.reason
      end
      assert.is_truthy(said:find("p%d+.lua:7: " .. case[3]:gsub("%p", "%%%0")), said)
    end)
  end

  it("is a predicate of a view as well", function()
    local given = policy("return moonward.view { container = function(c) return c.labels end, image = true,"
      .. " network = true, volume = true }")
    local verdict = given:decide { path = "/containers/json", answer = '[{"Id":"1","Labels":{}}]' }
    assert.equal(502, verdict.answer_status)
    assert.is_truthy(given:log()[1]:find "p%d+.lua:7: only returned a ", given:log()[1])
  end)
end)

describe("what a body says twice", function()
  -- the body, what goes on, what the policy sees of it
  local cases = {
    { '{"enableIPv6":null, "Name":"x", "EnableIPv6":null}',
      '{"enableIPv6":null, "Name":"x"}', "request.json.EnableIPv6 == json.null" },
    { '{"Name":"x","Name":"x" }', '{"Name":"x" }', "request.json.Name == 'x'" },
    { '{"a":1,"A":1,"\\u0061":1}', '{"a":1}', "request.json.A == 1" },
    { '{"Labels":{"a":"1","a":"1","A":"1"}}', '{"Labels":{"a":"1","A":"1"}}', "request.json.Labels.A == '1'" },
    { '{"H":{"a":[1]},"h":{"a":[1]},"i":[{"x":0,"X":0}]}', '{"H":{"a":[1]},"i":[{"x":0}]}', "request.json.I[1].x == 0" },
    { '{"H":{"a":1,"A":1},"h":{"a":1,"A":1}}', '{"H":{"a":1}}', "request.json.h.a == 1" },
  }
  for _, case in ipairs(cases) do
    it("goes on once: " .. case[1], function()
      local request = { method = "POST", path = "/networks/create", body = case[1] }
      local verdict = policy("if " .. case[3] .. " then return moonward.allow { rule = request.body } end"):decide(request)
      assert.is_true(verdict.allowed, verdict.reason)
      assert.equal(case[2], verdict.body)
      assert.equal(case[2], verdict.rule)
      verdict = policy("return moonward.allow { edit = function() end }"):decide(request)
      assert.is_true(verdict.allowed, verdict.reason)
      assert.equal(case[2], verdict.body)
    end)
  end

  for _, text in ipairs {
    '{"a":null,"A":1}', '{"a":1,"A":1.0}', '{"a":"x","A":"\\u0078"}', '{"a":{"b":1},"A":{"b":2}}', '{"a":[1],"A":[1 ]}',
    '{"a":{},"A":null}', '{"a":1,"A":1,"a":2}',
  } do
    it("is refused where it is not the same: " .. text, function()
      local verdict = policy("return request.json and moonward.allow()"):decide {
        method = "POST", path = "/networks/create", body = text,
      }
      assert.equal(400, verdict.status)
      assert.is_truthy(verdict.reason:find("comes twice", 1, true), verdict.reason)
    end)
  end

  it("passes as it is where no policy looks", function()
    local verdict = policy("return moonward.allow()"):decide {
      method = "POST", path = "/networks/create", body = '{"a":1,"A":1}',
    }
    assert.is_true(verdict.allowed)
    assert.is_nil(verdict.body)
  end)
end)
