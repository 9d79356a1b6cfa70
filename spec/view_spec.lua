-- A world in which only some containers exist.
local asked = require "moonward.spec.asked"
local engines = require "moonward.test_engine"
local reply = require "moonward.reply"
local folder = require "spec.support.folder"
local test = require "moonward.test"

local id, json = engines.id, engines.json
local made = folder.new()

local function policy(name, body)
  return test.policy(folder.write(made .. "/" .. name .. ".lua",
    'local moonward = require "moonward"\nreturn function(client, request)\n' .. body .. "\nend\n"))
end

-- A view of the containers for which an expression of `c` holds.
local function shows(expression)
  return "return moonward.view { container = function(c) return " .. expression .. " end, image = true,"
    .. " network = true, volume = true }"
end

local view = policy("view", shows "c.labels.show")

local containers = {
  { name = "web", labels = { show = "1" }, image = "a" },
  { name = "idle", labels = { show = "1" }, state = "exited" },
  { name = "db", labels = { secret = "1" } },
}
local web, db, idle = id "web", id "db", id "idle"
local nothing = { status = 404, body = '{"message":"no such thing"}' }
local exec_of = function(name)
  return { ["/exec/e/json"] = { body = json { ID = "e", ContainerID = id(name) } } }
end

local function decide(request)
  request.containers = request.containers or containers
  return view:decide(request)
end

describe("a view", function()
  -- method, path, body, more of the engine
  local shown = {
    { "GET", "/containers/web/json" }, { "GET", "/containers/" .. web .. "/logs" },
    { "POST", "/containers/" .. web:sub(1, 6) .. "/start" }, { "DELETE", "/containers/web" },
    { "POST", "/containers/web/exec", '{"Cmd":["ls"]}' }, { "POST", "/exec/e/start", "{}", exec_of "web" },
    { "POST", "/commit?container=web", "{}" }, { "GET", "/containers/web/attach/ws" },
    { "POST", "/containers/web/rename?name=new" }, { "POST", "/containers/web/rename?name=idle" },
    { "GET", "/_ping" }, { "GET", "/version" }, { "GET", "/images/json" }, { "POST", "/images/create?fromImage=a" },
    { "GET", "/volumes" }, { "GET", "/services" }, { "POST", "/volumes/create", '{"Name":"x"}' },
    { "POST", "/containers/create", '{"Image":"a"}' }, { "GET", "/libpod/containers/web/json" },
  }
  for _, case in ipairs(shown) do
    it("lets " .. case[1] .. " " .. case[2]:gsub(web, "ID") .. " through", function()
      local verdict = decide { method = case[1], path = case[2], body = case[3], engine = case[4] }
      assert.is_true(verdict.allowed, verdict.reason)
    end)
  end

  -- the same, and the words of the 404
  local hidden = {
    { "GET", "/containers/db/json", nil, "No such container: db" },
    { "GET", "/containers/" .. db .. "/logs", nil, "No such container: " .. db },
    { "POST", "/containers/" .. db:sub(1, 6) .. "/start", nil, "No such container: " .. db:sub(1, 6) },
    { "DELETE", "/containers/db", nil, "No such container: db" },
    { "GET", "/containers/nobody/json", nil, "No such container: nobody" },
    { "POST", "/containers/db/exec", '{"Cmd":["ls"]}', "No such container: db" },
    { "POST", "/exec/e/start", "{}", "No such exec instance: e", exec_of "db" },
    { "GET", "/exec/e/json", nil, "No such exec instance: e", exec_of "db" },
    { "POST", "/commit?container=db", "{}", "No such container: db" },
    { "GET", "/containers/db/attach/ws", nil, "No such container: db" },
    { "PUT", "/containers/db/archive?path=/", "tar", "No such container: db" },
    { "GET", "/libpod/containers/db/json", nil,
      'no container with name or ID "db" found: no such container' },
    { "GET", '/containers/json?filters={"before":["db"]}', nil, "No such container: db" },
    { "GET", '/containers/json?filters={"since":{"db":true}}', nil, "No such container: db" },
    { "POST", "/networks/n/connect", '{"Container":"db"}', "No such container: db" },
    { "POST", "/networks/n/disconnect", '{"container":"/db"}', "No such container: /db" },
    { "POST", "/containers/create", '{"HostConfig":{"NetworkMode":"container:db"}}', "No such container: db" },
    { "POST", "/containers/create", '{"HostConfig":{"PidMode":"container:/db"}}', "No such container: /db" },
    { "POST", "/containers/create", '{"HostConfig":{"ipcmode":"container:db"}}', "No such container: db" },
    { "POST", "/containers/create", '{"HostConfig":{"VolumesFrom":["web","db:ro"]}}', "No such container: db" },
    { "POST", "/containers/create", '{"VolumesFrom":["nobody"]}', "No such container: nobody" },
    { "POST", "/containers/create", '{"HostConfig":{"Links":["db:alias"]}}', "No such container: db" },
    { "POST", "/containers/create", '{"NetworkingConfig":{"EndpointsConfig":{"n":{"Links":["db:x"]}}}}',
      "No such container: db" },
    { "POST", "/build?networkmode=container:db", "tar", "No such container: db" },
  }
  for _, case in ipairs(hidden) do
    it("answers " .. case[1] .. " " .. case[2]:gsub(db, "ID") .. " " .. (case[3] or "") .. " in the engine's words", function()
      local more = case[5] or { ["/networks/n"] = { body = json { Id = "0n", Name = "n" } } }
      local verdict = decide { method = case[1], path = case[2], body = case[3], engine = more }
      -- To docker a 404 of a create is a missing image.
      local status = (case[2] == "/containers/create" or case[2]:find "^/build") and 400 or 404
      assert.same({ false, status, case[4], true }, { verdict.allowed, verdict.status, verdict.reason, verdict.hidden })
    end)
  end

  for _, case in ipairs {
    { "POST", "/containers/prune" }, { "GET", "/services/a/logs" }, { "GET", "/debug/vars" }, { "GET", "/unknown" },
    { "POST", "/libpod/pods/create" }, { "GET", "/libpod/containers/stats" }, { "POST", "/libpod/play/kube" },
    { "GET", "/libpod/events" }, { "GET", "/libpod/system/df" },
  } do
    it("denies " .. case[1] .. " " .. case[2], function()
      local verdict = decide { method = case[1], path = case[2] }
      assert.same({ false, 403, false }, { verdict.allowed, verdict.status, verdict.failed })
    end)
  end

  it("answers no filter that says to the engine more than it says here", function()
    local verdict = decide { method = "GET", path = '/containers/json?filters={"before":{"web":true,"Web":true}}' }
    assert.same({ false, 400, "the filters cannot be read" }, { verdict.allowed, verdict.status, verdict.reason })
  end)

  it("tells that a name is taken, and not by whom", function()
    for _, request in ipairs {
      { method = "POST", path = "/containers/create?name=db", body = "{}" },
      { method = "POST", path = "/containers/web/rename?name=/db" },
    } do
      local verdict = decide(request)
      assert.same({ false, 409, 'Conflict. The container name "/db" is already in use.' },
        { verdict.allowed, verdict.status, verdict.reason })
    end
  end)

  it("leaves links of an endpoint as they are, since those are names in a network", function()
    local body = '{"NetworkingConfig":{"EndpointsConfig":{"n":{"Links":["web:x"]}}}}'
    local verdict = decide { method = "POST", path = "/containers/create", body = body }
    assert.is_true(verdict.allowed, verdict.reason)
    assert.equal(body, verdict.body or body)
  end)

  it("names what a body refers to by its id", function()
    local verdict = decide { method = "POST", path = "/containers/create",
      body = '{"Image":"a","HostConfig":{"NetworkMode":"container:web","VolumesFrom":["idle:ro"]}}' }
    assert.is_true(verdict.allowed, verdict.reason)
    assert.equal('{"Image":"a","HostConfig":{"NetworkMode":"container:' .. web .. '","VolumesFrom":["' .. idle
      .. ':ro"]}}', verdict.body)
  end)

  it("lists what exists in it", function()
    local verdict = decide { path = "/containers/json",
      answer = '[{"Id":"1","Labels":{"show":""}},{"Id":"2","Labels":{}}]' }
    assert.equal('[{"Id":"1","Labels":{"show":""}}]', verdict.answer)
  end)

  it("counts a limit by what exists in it", function()
    local verdict = decide { path = "/containers/json?limit=1",
      answer = '[{"Id":"1"},{"Id":"2","Labels":{"show":""}},{"Id":"3","Labels":{"show":""}}]' }
    assert.equal('[{"Id":"2","Labels":{"show":""}}]', verdict.answer)
    assert.same({ limit = "1000000000" }, verdict.query)
  end)

  it("shows members of networks", function()
    local network = { ["/networks/n"] = { body = json { Id = "0n", Name = "n" } } }
    local verdict = decide { path = "/networks/n", engine = network,
      answer = '{"Id":"0n","Containers":{"' .. web .. '":{"Name":"web"},"' .. db .. '":{"Name":"db"}},"Labels":{}}\n' }
    assert.equal('{"Id":"0n","Containers":{"' .. web .. '":{"Name":"web"}},"Labels":{}}', (verdict.answer:gsub("%s", "")))
  end)

  it("shows events of what exists in it", function()
    local function event(kind, of, attributes)
      return json { Type = kind, Action = "x", Actor = { ID = of, Attributes = attributes } } .. "\n"
    end
    local lines = {
      event("container", "new", { show = "1" }), event("container", db, { name = "db" }),
      event("network", "n", { container = web }), event("network", "n", { container = db }),
      event("network", "n", { container = "new" }), event("image", "a", { name = "a" }),
      event("volume", "v", { container = db }), event("volume", "v", { driver = "local" }), event("daemon", "d", {}),
    }
    local verdict = decide { path = "/events", answer = table.concat(lines) }
    assert.equal(lines[1] .. lines[3] .. lines[5] .. lines[6] .. lines[8] .. lines[9], verdict.answer)
  end)

  it("holds little for a stream of events", function()
    local many, held = {}, {}
    for i = 1, 1000 do
      many[i] = { name = "web" .. i, labels = { show = "1", project = "p" .. i, service = "s" .. i } }
    end
    local streams = policy("streams", shows "c.labels.show")
    local state, before = { host = streams.host }, streams.host:memory()
    for i = 1, 12 do
      local decision = streams.host:decide { method = "GET", target = "/events", headers = {}, has_body = false, listener = "x" }
      local kind, question = decision:run()
      while kind ~= "done" do
        asked.answer(kind, state, decision, { containers = many }, question)
        kind, question = decision:run()
      end
      held[i] = decision
    end
    -- Lists of all of them would be twice that.
    local more = streams.host:memory() - before
    assert.is_true(more < 12 << 20, more .. " bytes")
    assert.equal(12, #held) -- none was collected before
  end)

  it("counts what exists in it", function()
    local verdict = decide { path = "/info",
      answer = '{"ID":"x","Containers":3,"ContainersRunning":2,"ContainersPaused":0,"ContainersStopped":1,"Images":4}' }
    assert.equal('{"ID":"x","Containers":2,"ContainersRunning":1,"ContainersPaused":0,"ContainersStopped":1,"Images":4}',
      verdict.answer)
  end)

  for _, case in ipairs {
    { "of old engines", '{"LayersSize":5,"Images":[{"Id":"i","Containers":3}],"Containers":[{"Id":"' .. web
      .. '"},{"Id":"' .. db .. '"}],"Volumes":[{"Name":"v","UsageData":{"RefCount":2,"Size":1}}]}',
      '{"LayersSize":5,"Images":[{"Id":"i","Containers":0}],"Containers":[{"Id":"' .. web
      .. '"}],"Volumes":[{"Name":"v","UsageData":{"RefCount":0,"Size":1}}]}' },
    { "of API 1.52", '{"ContainerUsage":{"ActiveCount":9,"TotalCount":9,"TotalSize":9,"Reclaimable":9,"Items":[{"Id":"'
      .. db .. '"}]}}', '{"ContainerUsage":{"ActiveCount":1,"TotalCount":2,"TotalSize":0,"Reclaimable":0,"Items":[]}}' },
    { "of API 1.52, without items", '{"ContainerUsage":{"ActiveCount":9,"TotalCount":9}}',
      '{"ContainerUsage":{"ActiveCount":1,"TotalCount":2,"TotalSize":0,"Reclaimable":0}}' },
  } do
    it("counts the disk usage " .. case[1], function()
      local verdict = decide { path = "/system/df", answer = case[2] }
      assert.same(reply.decode(case[3]), reply.decode(verdict.answer))
    end)
  end

  it("takes ids out of the engine's errors", function()
    local verdict = decide { method = "DELETE", path = "/volumes/v", engine = {
      ["/volumes/v"] = { body = json { Name = "v" } } }, answer_status = 409,
      answer = '{"message":"remove v: volume is in use - [' .. db .. ", " .. db:sub(1, 12) .. ']"}\n' }
    assert.equal('{"message":"remove v: volume is in use - [another]"}\n', verdict.answer)
  end)

  it("leaves the client's own words in the engine's errors", function()
    local message = '{"message":"Container ' .. web .. ' is not running, sha256:' .. db .. '"}'
    local verdict = decide { method = "POST", path = "/containers/web/kill", answer_status = 409, answer = message }
    assert.equal(message, verdict.answer)
  end)
end)

describe("a view of more than containers", function()
  local own = policy("own", "local mine = function(o) return o.labels.owner == 'me' end\n"
    .. "return moonward.view { container = mine, image = mine, network = mine, volume = mine }")
  local objects = {
    ["/images/mine/json"] = { body = json { Id = "sha256:1", Config = { Labels = { owner = "me" } } } },
    ["/images/yours/json"] = { body = json { Id = "sha256:2", Config = { Labels = { owner = "you" } } } },
    ["/networks/mine"] = { body = json { Id = "0a", Name = "mine", Labels = { owner = "me" } } },
    ["/networks/yours"] = { body = json { Id = "0b", Name = "yours", Labels = { owner = "you" } } },
    ["/volumes/mine"] = { body = json { Name = "mine", Labels = { owner = "me" } } },
    ["/volumes/yours"] = { body = json { Name = "yours", Labels = { owner = "you" } } },
    ["/volumes/new"] = nothing,
    ["/images/db/json"] = { body = json { Id = "sha256:1", Config = { Labels = { owner = "me" } } } },
    ["/images/1/json"] = { body = json { Id = "sha256:1", Config = { Labels = { owner = "me" } } } },
    ["/images/sha256:db/json"] = { body = json { Id = "sha256:1", Config = { Labels = { owner = "me" } } } },
    ["/networks/db"] = { body = json { Id = "0a", Name = "db", Labels = { owner = "me" } } },
    ["/networks/da"] = { body = json { Id = "0a", Name = "da", Labels = { owner = "me" } } },
    ["/networks"] = { body = json { { Id = "0a", Name = "da", Labels = { owner = "me" } }, { Id = "dbb", Name = "x" } } },
  }
  local create = function(host) return '{"Image":"mine","HostConfig":' .. host .. "}" end
  for _, case in ipairs {
    { "GET", "/images/mine/json" }, { "GET", "/images/yours/json", nil, "No such image: yours" },
    { "DELETE", "/images/yours", nil, "No such image: yours" },
    { "GET", "/networks/mine" }, { "DELETE", "/networks/yours", nil, "network yours not found" },
    { "GET", "/volumes/mine" }, { "GET", "/volumes/yours", nil, "get yours: no such volume" },
    { "POST", "/containers/create", create "{}" },
    { "POST", "/containers/create", '{"Image":"yours"}', "No such image: yours" },
    { "POST", "/containers/create", create '{"Mounts":[{"Type":"image","Source":"mine","Target":"/x"}]}' },
    { "POST", "/containers/create", create '{"Mounts":[{"Type":"image","Source":"yours","Target":"/x"}]}',
      "No such image: yours" },
    { "POST", "/libpod/containers/create", '{"image":"yours"}', "No such image: yours" },
    { "POST", "/libpod/containers/create", '{"image":"mine","image_volumes":[{"Source":"yours","Destination":"/x"}]}',
      "No such image: yours" },
    { "POST", "/containers/create", create '{"NetworkMode":"mine"}' },
    { "POST", "/containers/create", create '{"NetworkMode":"yours"}', "network yours not found" },
    { "POST", "/containers/create", create '{"Binds":["mine:/x"]}' },
    { "POST", "/containers/create", create '{"Binds":["yours:/x"]}',
      "get yours: no such volume; create it first, with docker volume create" },
    { "POST", "/containers/create", create '{"Mounts":[{"Type":"volume","Source":"yours","Target":"/x"}]}',
      "get yours: no such volume; create it first, with docker volume create" },
    { "POST", "/containers/create", create '{"Binds":["new:/x"]}',
      "get new: no such volume; create it first, with docker volume create" },
    { "POST", "/containers/create", create '{"Mounts":[{"Type":"image","Source":"mine","Target":"/x"}]}' },
    { "POST", "/containers/create", create '{"Mounts":[{"Type":"image","Source":"yours","Target":"/x"}]}',
      "No such image: yours" },
    { "POST", "/containers/create", create '{"NetworkMode":"da"}' },
    { "POST", "/containers/create", create '{"NetworkMode":"db"}',
      "network db has to be named by its full id: another's begins so" },
    { "POST", "/libpod/containers/create", '{"image":"mine"}' },
    { "POST", "/libpod/containers/create", '{"image":"yours"}', "No such image: yours" },
    { "POST", "/libpod/containers/create", '{"image":"mine","image_volumes":[{"Source":"yours"}]}',
      "No such image: yours" },
    { "POST", "/services/create", '{"TaskTemplate":{"ContainerSpec":{"Image":"yours"}}}', "No such image: yours" },
  } do
    it((case[4] and "hides " or "shows ") .. case[1] .. " " .. case[2] .. " " .. (case[3] or ""), function()
      local verdict = own:decide { method = case[1], path = case[2], body = case[3], engine = objects, containers = {} }
      assert.equal(case[4] or "", verdict.reason)
      assert.equal(case[4] == nil, verdict.allowed)
    end)
  end

  it("names an image so that it cannot be an id", function()
    for given, expected in pairs { db = "db:latest", ["1"] = "1", mine = "mine" } do
      local exported = given == "1" and "1" or given .. ":latest"
      local body = '{"Image":"' .. given .. '"}'
      local verdict = own:decide { method = "POST", path = "/containers/create", body = body,
        engine = objects, containers = {} }
      assert.equal(expected, reply.decode(verdict.body or body).Image)
      verdict = own:decide { path = "/images/" .. given .. "/get", engine = objects, containers = {} }
      assert.is_true(verdict.allowed, verdict.reason)
      assert.equal("/images/" .. exported .. "/get", verdict.path or "/images/" .. given .. "/get")
    end
    assert.is_true(own:decide({ method = "GET", path = "/images/sha256:db/get", engine = objects }).failed)
  end)

  for _, path in ipairs { "/images/prune", "/volumes/prune", "/networks/prune", "/build/prune", "/images/load", "/grpc" } do
    it("denies POST " .. path, function()
      assert.equal(403, own:decide({ method = "POST", path = path }).status)
    end)
  end
end)

describe("moonward.view", function()
  for _, case in ipairs {
    { "moonward.view()", "moonward.view: expected { container = ..., image = ..., network = ..., volume = ... }, each a"
      .. " function of such an object, or true if all of them exist; got a nil" },
    { "moonward.view(next)", "or true if all of them exist; got a function" },
    { "moonward.view { container = 1, image = true, network = true, volume = true }",
      "moonward.view: container is a number, expected a function" },
    { "moonward.view { contaner = next }", "moonward.view: unknown kind 'contaner'; did you mean 'container'?" },
    { "moonward.view { container = next }", "moonward.view: what becomes of images? Name a function, true if all exist,"
      .. " or false if none does: image = true" },
    { "moonward.view { container = next, image = true, network = true }", "moonward.view: what becomes of volumes?" },
    { "moonward.view { container = true, image = true, network = true, volume = true }",
      "moonward.view: all kinds are true, so nothing is hidden; that is moonward.allow" },
    { "moonward.view({ container = next, image = true, network = true, volume = true }, { olny = next })",
      "unknown option 'olny'; did you mean 'only'?" },
  } do
    it("refuses " .. case[1], function()
      local verdict = policy("wrong", "return " .. case[1]):decide { path = "/_ping" }
      assert.is_true(verdict.failed)
      assert.is_truthy(verdict.reason:find(case[2], 1, true), verdict.reason)
    end)
  end

  describe("that has judged a container by what the engine said", function()
    local said = json { Id = web, Name = "/web", Config = { Labels = { show = "1" } } }
    local once = policy("once", "local seen = 0\n" .. shows "(function() seen = seen + 1 return seen == 1 end)()")

    local function inspect(answer)
      return once:decide { path = "/containers/web/json", answer = answer,
        engine = { ["/containers/web/json"] = { body = said .. "\n" } } }
    end

    it("does not judge the same again", function()
      assert.equal(said, (inspect(said .. "\n").answer:gsub("%s+$", "")))
    end)

    it("judges again what has changed meanwhile, if but by a byte", function()
      assert.equal(404, inspect((said:gsub('"/web"', '"/wab"'))).answer_status)
    end)
  end)

  it("hides all of a kind that is false", function()
    local none = policy("none", "return moonward.view { container = true, image = false, network = true, volume = true }")
    local verdict = none:decide { path = "/v1.47/images/json", answer = '[{"Id":"sha256:1","RepoTags":["a:1"]}]' }
    assert.equal("[]", verdict.answer)
    verdict = none:decide { path = "/v1.47/containers/json", answer = '[{"Id":"1"}]' }
    assert.equal('[{"Id":"1"}]', verdict.answer)
  end)
end)
