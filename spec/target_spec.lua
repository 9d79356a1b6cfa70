-- What a request is about, and how it is named in what is sent on.
local engines = require "moonward.test_engine"
local folder = require "spec.support.folder"
local test = require "moonward.test"

local id, json = engines.id, engines.json
local made = folder.new()

local function policy(name, body)
  local text = 'local moonward = require "moonward"\nreturn function(client, request)\n' .. body .. "\nend\n"
  return test.policy(folder.write(made .. "/" .. name .. ".lua", text))
end

local containers = { { name = "web", labels = { role = "front" } }, { name = "db", labels = { secret = "yes" } } }
local web = id "web"
local reads = policy("reads", [[
  local target = request.target
  return moonward.allow { rule = target and target.kind .. " " .. (target.labels.role or "-") or "none" }]])

local function named(verdict)
  if verdict.query then
    return next(verdict.query) .. "=" .. select(2, next(verdict.query))
  end
  return verdict.path
end

describe("a request's target", function()
  local exec = { ["/exec/e1/json"] = { body = json { ID = "e1", ContainerID = web } } }
  local image = { body = json { Id = "sha256:1", RepoTags = { "a:1" }, Config = { Labels = { role = "base" } } } }
  local network = { body = json { Id = "0abc", Name = "net", Driver = "bridge", Labels = { role = "inner" } } }
  local volume = { body = json { Name = "data", Driver = "local", Labels = { role = "data" } } }
  local nothing = { status = 404, body = '{"message":"no such thing"}' }
  -- method and path, what the engine is asked, the target, how the request names it
  local cases = {
    { "GET", "/containers/web/json", nil, "container front", "/containers/" .. web .. "/json" },
    { "GET", "/v1.41/containers/web/logs?follow=1", nil, "container front", "/containers/" .. web .. "/logs" },
    { "GET", "/containers/" .. web .. "/json", nil, "container front", "/containers/" .. web .. "/json" },
    { "GET", "/containers/" .. web:sub(1, 5) .. "/json", nil, "container front", "/containers/" .. web .. "/json" },
    { "DELETE", "/containers/web", nil, "container front", "/containers/" .. web },
    { "PUT", "/containers/web/archive?path=/x", nil, "container front", "/containers/" .. web .. "/archive" },
    { "POST", "/containers/web/exec", nil, "container front", "/containers/" .. web .. "/exec" },
    { "DELETE", "/containers/web/checkpoints/one", nil, "container front", "/containers/" .. web .. "/checkpoints/one" },
    { "POST", "/libpod/containers/web/start", nil, "container front", "/libpod/containers/" .. web .. "/start" },
    { "POST", "/commit?repo=x&container=web", nil, "container front", "container=" .. web },
    { "POST", "/commit?container=/web", nil, "container front", "container=" .. web },
    { "POST", "/libpod/commit?container=web", nil, "container front", "container=" .. web },
    { "POST", "/commit", nil, "none" },
    { "POST", "/exec/e1/start", exec, "container front" },
    { "GET", "/libpod/exec/e1/json", exec, "container front" },
    { "GET", "/images/a:1/json", { ["/images/a:1/json"] = image }, "image base" },
    { "POST", "/images/quay.io/a/b:1@sha256:ff/push", { ["/images/quay.io/a/b:1@sha256:ff/json"] = image }, "image base" },
    { "POST", "/images/a/push", { ["/images/a/json"] = image }, "image base", "tag=latest" },
    { "POST", "/images/a/push?tag=1", { ["/images/a:1/json"] = image }, "image base" },
    { "POST", "/images/r:5/a:2/push?tag=1", { ["/images/r:5/a:1/json"] = image }, "image base" },
    { "POST", "/images/a:2/push?tag=1", { ["/images/a:1/json"] = nothing }, "404 No such image: a:1" },
    { "GET", "/images/a:1/get", { ["/images/a:1/json"] = image }, "image base" },
    { "GET", "/images/r:5/a/get", { ["/images/r:5/a/json"] = image }, "image base", "/images/r:5/a:latest/get" },
    { "GET", "/images/1/get", { ["/images/1/json"] = image }, "image base" },
    { "GET", "/images/sha256:1/get", { ["/images/sha256:1/json"] = image }, "image base" },
    { "DELETE", "/images/db", { ["/images/db/json"] = image }, "image base", "/images/db:latest" },
    { "GET", "/networks/net", { ["/networks/net"] = network }, "network inner", "/networks/0abc" },
    { "POST", "/networks/net/connect", { ["/networks/net"] = network }, "network inner", "/networks/0abc/connect" },
    { "DELETE", "/volumes/data", { ["/volumes/data"] = volume }, "volume data" },
    { "GET", "/info", nil, "none" }, { "GET", "/containers/json", nil, "none" }, { "GET", "/unknown/web", nil, "none" },
    { "POST", "/libpod/containers/new/restore", nil, "none" }, { "GET", "/distribution/a/json", nil, "none" },
    { "GET", "/containers/a%20b%3f%23/json", { ["/containers/a%20b%3F%23/json"] = nothing }, "404 No such container: a b?#" },
    { "GET", "/containers/nobody/json", nil, "404 No such container: nobody" },
    { "POST", "/exec/e2/start", { ["/exec/e2/json"] = nothing }, "404 No such exec instance: e2" },
    { "GET", "/networks/x", { ["/networks/x"] = nothing }, "404 network x not found" },
    { "DELETE", "/volumes/x", { ["/volumes/x"] = nothing }, "404 get x: no such volume" },
  }
  for _, case in ipairs(cases) do
    it(("of %s %s is: %s"):format(case[1], case[2]:gsub("%x%x%x%x%x%x%x%x%x%x+", "ID"), case[4]), function()
      local verdict = reads:decide {
        method = case[1], path = case[2], engine = case[3], containers = containers, client = { address = "127.0.0.1" },
      }
      assert.equal(case[4], verdict.allowed and verdict.rule or verdict.status .. " " .. verdict.reason)
      assert.equal(case[5], named(verdict))
    end)
  end

  it("is not asked for, and nothing is renamed, where no policy reads it", function()
    local verdict = policy("blind", "return moonward.allow()"):decide { path = "/containers/web/json" }
    assert.is_true(verdict.allowed)
    assert.is_nil(named(verdict))
  end)

  it("that does not exist may be refused or hidden in the policy's own words", function()
    local loaded = policy("own", "if not request.target then return moonward.deny('nothing there', { status = 410 }) end")
    assert.equal(410, loaded:decide({ path = "/containers/nobody/json", containers = containers }).status)
  end)

  local failures = {
    { "fails", { status = 500, body = '{"message":"oops"}' }, "request.target: the engine answers 500: oops" },
    { "moves", { status = 301, body = "" }, "request.target: the engine answers 301: nothing more" },
    { "is no JSON", { body = "{" }, "request.target: the engine's answer cannot be read" },
    { "is no object", { body = "1" }, "request.target: the engine's answer cannot be read: it is no object" },
    { "has no id", { body = "{}" }, "request.target: the container cannot be read" },
    { "has labels that are no texts", { body = json { Id = web, Config = { Labels = { a = 1 } } } }, 'label "a" is a number' },
  }
  for _, case in ipairs(failures) do
    it("is an error, and so a denial, when the engine's answer " .. case[1], function()
      local verdict = reads:decide { path = "/containers/web/json", engine = { ["/containers/web/json"] = case[2] } }
      assert.is_false(verdict.allowed)
      assert.is_true(verdict.failed)
      assert.truthy(verdict.reason:find(case[3], 1, true), verdict.reason)
    end)
  end

  it("has the fields of its kind", function()
    local function field(expression, request)
      request.containers = containers
      return policy("field", "return moonward.deny(tostring(" .. expression .. "))"):decide(request).reason
    end
    local one = { path = "/images/a:1/json", engine = { ["/images/a:1/json"] = image } }
    assert.equal("a:1", field("request.target.tags[1]", one))
    assert.equal("sha256:1", field("request.target.id", one))
    assert.equal("bridge", field("request.target.driver", { path = "/networks/net", engine = { ["/networks/net"] = network } }))
    assert.equal("data", field("request.target.name", { path = "/volumes/data", engine = { ["/volumes/data"] = volume } }))
    assert.truthy(field("request.target.driver", { path = "/containers/web/json" })
      :find("unknown field 'driver' of the container", 1, true))
  end)
end)

describe("a policy that can be selected", function()
  local function file(name, verdict)
    return folder.write(made .. "/" .. name .. ".lua", 'local moonward = require "moonward"\nreturn { options = { { name = "'
      .. name .. '", help = "x" } }, decide = function() return ' .. verdict .. " end }\n")
  end
  local general = file("general", "moonward.deny('general')")
  local admin = file("admin", "moonward.allow { rule = 'admin' }")
  local other = file("other", "moonward.allow { rule = 'other' }")
  local loaded = test.policy(general, { admin = "x", general = "y" }, { selectable = { admin, other } })
  local function judge(labels, from)
    local verdict = (from or loaded):decide { path = "/info", client = { container = { name = "web", labels = labels } } }
    return verdict.allowed and verdict.rule or verdict.status .. " " .. verdict.reason
  end
  local cases = {
    { "judges who chooses it", { ["moonward.policy"] = "admin" }, "admin" },
    { "judges in place of the others", { ["moonward.policy"] = "other" }, "other" },
    { "does not judge the rest", {}, "403 general" },
    { "is none of -policy", { ["moonward.policy"] = "general" },
      "403 label moonward.policy=general of container web names no policy that -selectable lists" },
    { "has the very name", { ["moonward.policy"] = "Admin" },
      "403 label moonward.policy=Admin of container web names no policy that -selectable lists" },
    { "is not chosen by an empty name", { ["moonward.policy"] = "" },
      "403 label moonward.policy= of container web names no policy that -selectable lists" },
  }
  for _, case in ipairs(cases) do
    it(case[1], function()
      assert.equal(case[3], judge(case[2]))
    end)
  end

  it("is not chosen by a step of a build", function()
    local container = { name = "web", labels = { ["moonward.policy"] = "admin" }, image = "sha256:" .. id "x" }
    local verdict = loaded:decide { path = "/info", client = { container = container } }
    assert.equal(403, verdict.status)
    assert.is_truthy(verdict.reason:find("as the steps of builds are", 1, true), verdict.reason)
    verdict = loaded:decide { path = "/info", client = { address = "172.17.0.9" }, containers = { {
      name = "web", address = "172.17.0.9", labels = { ["moonward.policy"] = "admin" }, image = "sha256:" .. id "x" } } }
    assert.equal(403, verdict.status)
  end)

  it("has containers followed, and nothing else has", function()
    assert.is_true(loaded.host:wants_containers())
    local plain = test.policy { general, admin }
    assert.equal("403 general", judge({ ["moonward.policy"] = "other" }, plain))
    assert.is_false(plain.host:wants_containers())
  end)

  it("may be one of -policy as well", function()
    local both = test.policy(general, {}, { selectable = { general, admin } })
    assert.equal("403 general", judge({ ["moonward.policy"] = "general" }, both))
    assert.equal("403 general", judge({}, both))
    assert.equal("admin", judge({ ["moonward.policy"] = "admin" }, both))
  end)

  it("is not two of one name", function()
    local ok, message = pcall(test.policy, general, {}, { selectable = { admin, admin } })
    assert.is_false(ok)
    assert.truthy(message:find("a policy of that name is loaded already", 1, true), message)
  end)

  it("is not chosen by who is not known", function()
    local verdict = loaded:decide { path = "/info", client = { uid = 0, gid = 0, pid = 0 } }
    assert.is_false(verdict.allowed)
    assert.truthy(verdict.reason:find("who is asking is not known right now", 1, true))
  end)
end)
