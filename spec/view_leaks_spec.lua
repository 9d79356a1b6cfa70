-- What a view does not tell of what does not exist in it, and what does not reach it: one row per way that was
-- found. What the engine really does is in spec/engine/view_spec.lua.
local engines = require "moonward.test_engine"
local folder = require "spec.support.folder"
local reply = require "moonward.reply"
local test = require "moonward.test"

local id, json = engines.id, engines.json
local made = folder.new()

local function file(name, body)
  return folder.write(made .. "/" .. name .. ".lua",
    'local moonward = require "moonward"\nreturn function(client, request)\n' .. body .. "\nend\n")
end

local function policy(name, body)
  return test.policy(file(name, body))
end

-- A view of the containers for which an expression of `c` holds.
local function shows(expression)
  return "return moonward.view { container = function(c) return " .. expression .. " end, image = true,"
    .. " network = true, volume = true }"
end

local view = policy("view", shows "c.labels.show")

local containers = {
  { name = "web", labels = { show = "1" } }, { name = "app", labels = { show = "1" } },
  { name = "db", labels = { secret = "1" } },
}
local web, app, db = id "web", id "app", id "db"

local function decide(request)
  request.containers = request.containers or containers
  return view:decide(request)
end

local function same(expected, verdict)
  assert.is_true(verdict.allowed, verdict.reason)
  assert.same(reply.decode(expected), reply.decode(verdict.answer), verdict.answer)
end

describe("a view does not tell", function()
  -- what, request, answer of the engine, what is left
  local cases = {
    { "by which links a container is known", { path = "/containers/json" },
      '[{"Id":"1","Names":["/db/alias","/web","/x/web"],"Labels":{"show":""}}]',
      '[{"Id":"1","Names":["/web"],"Labels":{"show":""}}]' },
    { "whose network a container in a list is in", { path = "/containers/json" },
      '[{"Id":"1","Labels":{"show":""},"HostConfig":{"NetworkMode":"container:' .. db .. '"}}]',
      '[{"Id":"1","Labels":{"show":""},"HostConfig":{"NetworkMode":"container:another"}}]' },
    { "whose namespaces and volumes a container has", { path = "/containers/web/json" },
      '{"Id":"1","Config":{"Labels":{"show":""}},"HostConfig":{"NetworkMode":"container:' .. db .. '","PidMode":"container:db",'
        .. '"IpcMode":"private","VolumesFrom":["db:ro","db"],"Links":["/db:/web/alias"]}}',
      '{"Id":"1","Config":{"Labels":{"show":""}},"HostConfig":{"NetworkMode":"container:another","PidMode":"container:another",'
        .. '"IpcMode":"private","VolumesFrom":[],"Links":[]}}' },
    { "whose name a container has from its network", { path = "/containers/web/json" },
      '{"Id":"1","Config":{"Labels":{"show":""},"Hostname":"h"},"HostConfig":{"NetworkMode":"container:db"},'
        .. '"HostsPath":"/containers/' .. db .. '/hosts","LogPath":"/l"}',
      '{"Id":"1","Config":{"Labels":{"show":""},"Hostname":""},"HostConfig":{"NetworkMode":"container:another"},'
        .. '"HostsPath":"","LogPath":"/l"}' },
    { "how many use an image", { path = "/images/json" },
      '[{"Id":"i","Containers":3},{"Id":"j","Containers":-1}]', '[{"Id":"i","Containers":0},{"Id":"j","Containers":-1}]' },
    { "who uses an image", { path = "/images/json?manifests=1" },
      '[{"Id":"i","Manifests":[{"ImageData":{"Containers":["' .. db .. '","' .. web .. '"]}}]}]',
      '[{"Id":"i","Manifests":[{"ImageData":{"Containers":["' .. web .. '"]}}]}]' },
    { "of which container an image was made", { path = "/images/i/json",
      engine = { ["/images/i/json"] = { body = json { Id = "i" } } } },
      '{"Id":"i","Container":"' .. db .. '","ContainerConfig":{"Hostname":"' .. db:sub(1, 12) .. '"},"Config":{"Hostname":"h"}}',
      '{"Id":"i","Container":"","ContainerConfig":{"Hostname":""},"Config":{"Hostname":"h"}}' },
    { "how many addresses of a network are taken", { path = "/networks/n",
      engine = { ["/networks/n"] = { body = json { Id = "0n", Name = "n" } } } },
      '{"Id":"0n","Containers":{},"Status":{"IPAM":{"Subnets":{"10.0.0.0/8":{"IPsInUse":7}}}}}', '{"Id":"0n","Containers":{}}' },
    { "of services whose containers do not exist", { path = "/services" },
      '[{"ID":"1","Spec":{"Name":"db","TaskTemplate":{"ContainerSpec":{"Env":["A=b"]}}}},'
        .. '{"ID":"2","Spec":{"Name":"web","TaskTemplate":{"ContainerSpec":{"Labels":{"show":"1"}}}}}]',
      '[{"ID":"2","Spec":{"Name":"web","TaskTemplate":{"ContainerSpec":{"Labels":{"show":"1"}}}}}]' },
    { "how many containers run, by what the engine holds for them", { path = "/info" },
      '{"Containers":9,"ContainersRunning":9,"ContainersPaused":0,"ContainersStopped":0,"NFd":70,"NGoroutines":90,"N":1}',
      '{"Containers":2,"ContainersRunning":2,"ContainersPaused":0,"ContainersStopped":0,"NFd":0,"NGoroutines":0,"N":1}' },
    { "to what a network links a container", { path = "/containers/json" },
      '[{"Id":"1","Labels":{"show":""},"NetworkSettings":{"Networks":{"n":{"Links":["db:x"],"IPAddress":"1"}}}}]',
      '[{"Id":"1","Labels":{"show":""},"NetworkSettings":{"Networks":{"n":{"Links":[],"IPAddress":"1"}}}}]' },
    { "to what the network of an inspected container links", { path = "/containers/web/json" },
      '{"Id":"1","Config":{"Labels":{"show":""}},"NetworkSettings":{"Networks":{"n":{"Links":["db:x","/vback:y"]}}}}',
      '{"Id":"1","Config":{"Labels":{"show":""}},"NetworkSettings":{"Networks":{"n":{"Links":[]}}}}' },
    { "why a container did not start", { path = "/containers/web/json" },
      '{"Id":"1","Config":{"Labels":{"show":""}},"State":{"Error":"cannot join network of a non running container: ' .. db
        .. '"}}',
      '{"Id":"1","Config":{"Labels":{"show":""}},"State":{"Error":"cannot join network of a non running container: another"}}' },
    { "by which links a container is known where disks are counted", { path = "/system/df" },
      '{"Containers":[{"Id":"' .. web .. '","Names":["/web","/db/x"],"HostConfig":{"NetworkMode":"container:' .. db .. '"}}]}',
      '{"Containers":[{"Id":"' .. web .. '","Names":["/web"],"HostConfig":{"NetworkMode":"container:another"}}]}' },
    { "on which containers of podman one depends", { path = "/containers/web/json" },
      '{"Id":"1","Config":{"Labels":{"show":""}},"Links":null,"Dependencies" : [ "' .. db .. '" ]}',
      '{"Id":"1","Config":{"Labels":{"show":""}},"Links":null,"Dependencies":[]}' },
    { "which volumes one has from another", { path = "/containers/web/json" },
      '{"Id":"1","Config":{"Labels":{"show":""}},"HostConfig":{"Links":[],"VolumesFrom":["db"]},"State":{"Error":""}}',
      '{"Id":"1","Config":{"Labels":{"show":""}},"HostConfig":{"Links":[],"VolumesFrom":[]},"State":{"Error":""}}' },
    { "how many images and volumes are in use", { path = "/system/df" },
      '{"ImageUsage":{"ActiveCount":5,"Reclaimable":7,"Items":[{"Id":"i","Containers":2}]},"VolumeUsage":{"ActiveCount":4}}',
      '{"ImageUsage":{"ActiveCount":0,"Items":[{"Id":"i","Containers":0}]},"VolumeUsage":{}}' },
  }
  for _, case in ipairs(cases) do
    it(case[1], function()
      case[2].answer = case[3]
      same(case[4], decide(case[2]))
    end)
  end

  it("what a container is that has another name by now", function()
    local verdict = decide { path = "/containers/web/json", answer = '{"Id":"1","Name":"/web","Config":{"Labels":{}}}' }
    assert.same({ 404, "No such container: web" }, { verdict.answer_status, verdict.answer })
  end)

  it("how many a limit has left out, with two views", function()
    local two = test.policy { file("one", shows "c.labels.a"),
      file("two", shows "c.labels.b") }
    local verdict = two:decide { path = "/containers/json?limit=1", containers = containers,
      answer = '[{"Id":"1","Labels":{"a":""}},{"Id":"2","Labels":{"a":"","b":""}},{"Id":"3","Labels":{"a":"","b":""}}]' }
    assert.equal('[{"Id":"2","Labels":{"a":"","b":""}}]', verdict.answer)
  end)

  it("one policy's client what another's view counts", function()
    local both = { { name = "x", labels = { a = "1" } }, { name = "y", labels = { b = "1" } },
      { name = "z", labels = { a = "1", b = "1" } } }
    local two = test.policy { file("one", shows "c.labels.a"),
      file("two", shows "c.labels.b") }
    local verdict = two:decide { path = "/info", containers = both,
      answer = '{"Containers":3,"ContainersRunning":3,"ContainersPaused":0,"ContainersStopped":0}' }
    same('{"Containers":1,"ContainersRunning":1,"ContainersPaused":0,"ContainersStopped":0}', verdict)
  end)

  for more, left in pairs {
    ["only = function(_, kind) return kind ~= 'container' end"] = '{"Containers":[]}',
    ["redact = { 'Labels' }"] = '{"Containers":[{"Id":"' .. web .. '","Labels":{}}]}',
  } do
    it("what another policy hides where disks are counted: " .. more, function()
      local two = test.policy { file("one", shows "true"), file("two", "return moonward.allow { " .. more .. " }") }
      same(left, two:decide { path = "/system/df", containers = containers,
        answer = '{"Containers":[{"Id":"' .. web .. '","Labels":{"a":"b"}}]}' })
    end)
  end
end)

describe("events in a view", function()
  local function event(action, of, attributes, kind)
    return json { Type = kind or "container", Action = action, Actor = { ID = of, Attributes = attributes } } .. "\n"
  end

  local function left(shown, lines)
    local verdict = policy("events", shows(shown)):decide {
      path = "/events", containers = containers, answer = table.concat(lines) }
    assert.is_true(verdict.allowed, verdict.reason)
    local numbers = {}
    for i, line in ipairs(lines) do
      numbers[#numbers + 1] = verdict.answer:find(line, 1, true) and i or nil
    end
    return table.concat(numbers, " ")
  end

  it("are judged by labels, and not by what the engine writes beside them", function()
    for _, key in ipairs { "name", "image", "exitCode", "signal", "execID", "oldName", "comment" } do
      assert.equal("", left("c.labels." .. key, { event("die", "new", { [key] = "1", name = "n" }) }), key)
    end
  end)

  it("are judged by the labels that the engine listed", function()
    assert.equal("2", left("c.labels.show", {
      event("die", db, { show = "1", name = "db" }), event("die", web, { name = "web" }),
    }))
  end)

  it("are judged by the name of the moment", function()
    assert.equal("1 4", left("c.name == 'web'", {
      event("start", web, { name = "web" }), event("rename", web, { name = "old", oldName = "/web" }),
      event("die", web, { name = "old" }), event("rename", app, { name = "web", oldName = "/app" }),
    }))
  end)

  it("do not tell of prunes, of services, of pods and of types that nobody knows", function()
    assert.equal("5", left("true", {
      event("prune", "", { reclaimed = "9" }), event("update", "s", { name = "s" }, "service"),
      event("create", "p", {}, "pod"), event("x", "y", {}, "new"), event("reload", "d", {}, "daemon"),
    }))
  end)

  it("tell of networks and volumes what happens to a container as long as it exists", function()
    assert.equal("1 2 3 5", left("c.labels.show", {
      event("create", "n", { show = "1", name = "n" }), event("connect", "net", { container = "n" }, "network"),
      event("destroy", "n", { show = "1", name = "n" }), event("disconnect", "net", { container = "n" }, "network"),
      event("mount", "vol", { container = web }, "volume"), event("mount", "vol", { container = db }, "volume"),
    }))
  end)
end)

describe("a reference in a view", function()
  local twins = {
    { name = "one", id = "ab1" .. ("0"):rep(61), labels = { show = "1" } },
    { name = "two", id = "ab2" .. ("0"):rep(61), labels = {} },
    { name = "cafe", id = "dd1" .. ("0"):rep(61), labels = {} },
    { name = "three", id = "cafe" .. ("0"):rep(60), labels = { show = "1" } },
    { name = "four", id = "ee1" .. ("0"):rep(61), labels = { show = "1" } },
    { name = "five", id = "ee2" .. ("0"):rep(61), labels = { show = "1" } },
  }
  local several = { status = 400, body = '{"message":"Multiple IDs found with provided prefix: ab"}' }
  local questions = { ["/containers/ab/json"] = several, ["/containers/ee/json"] = several }
  -- reference, name of the container it means
  for _, case in ipairs {
    { "ab", "one" }, { "cafe", "three" }, { "ab1", "one" }, { "ab2" }, { "ee" }, { "dd" }, { "two" }, { "abc" },
  } do
    it(case[1] .. (case[2] and " means " .. case[2] or " means nothing"), function()
      for _, action in ipairs { { "GET", "/json" }, { "POST", "/stop" }, { "DELETE", "" } } do
        local verdict = decide { method = action[1], path = "/containers/" .. case[1] .. action[2],
          containers = twins, engine = questions }
        local meant
        for _, container in ipairs(twins) do
          meant = container.name == case[2] and container.id or meant
        end
        assert.equal(meant and "/containers/" .. meant .. action[2] or "", verdict.path or "")
        assert.equal(case[2] ~= nil, verdict.allowed, verdict.reason)
        assert.equal(case[2] and "" or "No such container: " .. case[1], verdict.reason)
      end
    end)
  end

  it("in a body is found in the same way", function()
    local verdict = decide { method = "POST", path = "/containers/create", containers = twins, engine = questions,
      body = '{"HostConfig":{"NetworkMode":"container:cafe","VolumesFrom":["ab:ro"],"Links":["ab1","/one:/web/x","one:y"]}}' }
    assert.is_true(verdict.allowed, verdict.reason)
    assert.equal(('{"HostConfig":{"NetworkMode":"container:3","VolumesFrom":["1:ro"],"Links":["1:ab1","1:x","1:y"]}}')
      :gsub("[13]", { ["1"] = twins[1].id, ["3"] = twins[4].id }):gsub(":ab" .. twins[1].id, ":ab1"), verdict.body)
  end)

  it("that was judged already as another is not taken for a new one", function()
    local two = test.policy { file("reads", "return request.target and moonward.allow()"),
      file("views", shows "c.labels.show") }
    local verdict = two:decide { path = "/containers/cafe/json", containers = twins }
    assert.same({ false, 404 }, { verdict.allowed, verdict.status })
  end)

  it("can be a new name that begins ids", function()
    local verdict = decide { method = "POST", path = "/containers/create?name=ab", body = "{}", containers = twins,
      engine = questions }
    assert.is_true(verdict.allowed, verdict.reason)
  end)
end)

describe("a view answers in the same way for what does not exist in it and what does not exist:", function()
  for _, case in ipairs {
    { "POST", "rename?name=db" }, { "POST", "rename?name=free" }, { "POST", "start", '{"Links":["db"]}' },
    { "POST", "start?checkpoint=x&checkpoint-dir=/" }, { "POST", "checkpoints", "{}" }, { "POST", "exec", "not JSON" },
    { "GET", "checkpoints?dir=/" }, { "GET", "json" }, { "HEAD", "archive?path=/" }, { "GET", "top?ps_args=x" },
  } do
    it(case[1] .. " " .. case[2], function()
      local answers = {}
      for i, name in ipairs { "db", "xy" } do
        local verdict = decide { method = case[1], path = "/containers/" .. name .. "/" .. case[2], body = case[3] }
        answers[i] = { verdict.allowed, verdict.status, verdict.hidden, (verdict.reason:gsub(name, "NAME")) }
      end
      assert.same({ false, 404, true, "No such container: NAME" }, answers[1])
      assert.same(answers[1], answers[2])
    end)
  end
end)

describe("a view answers in the same way for", function()
  local service = '{"ID":"s","Spec":{"Name":"db","TaskTemplate":{"ContainerSpec":{"Labels":{}}}}}'
  local task = '{"ID":"t","Status":{"ContainerStatus":{"ContainerID":"' .. db .. '"}}}'
  for _, case in ipairs { { "services", service, "service xy not found" }, { "tasks", task, "task xy not found" } } do
    it(case[1] .. " that do not exist in it, and those that do not exist", function()
      for _, answer in ipairs { { body = case[2] }, { status = 404, body = '{"message":"no"}' } } do
        local verdict = decide { path = "/" .. case[1] .. "/xy", engine = { ["/" .. case[1] .. "/xy"] = answer } }
        assert.same({ false, 404, true, case[3] }, { verdict.allowed, verdict.status, verdict.hidden, verdict.reason })
      end
    end)
  end

  it("services only if the engine knows of any", function()
    local verdict = decide { path = "/services/xy", engine = { ["/services/xy"] = { status = 503, body = "{}" } } }
    assert.is_true(verdict.allowed)
  end)
end)

describe("the log of a view", function()
  it("tells what is hidden from what does not exist", function()
    assert.equal("it exists; the policy would have to show it", decide({ path = "/containers/db/json" }).hint)
    assert.equal("", decide({ path = "/containers/nobody/json" }).hint)
  end)
end)

describe("a view denies what reaches others:", function()
  for _, case in ipairs {
    { "POST", "/containers/web/start?checkpoint=x&checkpoint-dir=/var/lib/docker" },
    { "POST", "/v1.24/containers/web/start", '{"VolumesFrom":["db"]}' },
    { "GET", "/containers/web/checkpoints?dir=/var/lib/docker/containers" },
    { "POST", "/containers/web/checkpoints", '{"CheckpointID":"a","CheckpointDir":"/"}' },
    { "DELETE", "/containers/web/checkpoints/a?dir=/var" },
    { "DELETE", "/libpod/containers/web?depend=true" },
    { "POST", "/libpod/containers/create", '{"image":"a","pod":"p"}' },
    { "POST", "/libpod/containers/create", '{"image":"a","dependencyContainers":["db"]}' },
    { "POST", "/libpod/containers/create", '{"image":"a","devices_from":["db"]}' },
    { "POST", "/libpod/containers/create", '{"image":"a","netns":{"nsmode":"container","value":"web"}}' },
    { "POST", "/build?networkmode=container:web", "tar" },
    { "POST", "/services/s/update?version=1", "{}" }, { "DELETE", "/services/s" }, { "POST", "/swarm/leave" },
    { "POST", "/nodes/n/update?version=1", "{}" },
  } do
    it(case[1] .. " " .. case[2], function()
      local verdict = decide { method = case[1], path = case[2], body = case[3] }
      assert.same({ false, 403, false }, { verdict.allowed, verdict.status, verdict.failed }, verdict.reason)
    end)
  end

  for _, path in ipairs {
    "/containers/web/start", "/containers/web/start?checkpoint-dir=", "/libpod/containers/web?depend=false",
  } do
    it("and not " .. path, function()
      local method = path:find("libpod", 1, true) and "DELETE" or "POST"
      assert.is_true(decide({ method = method, path = path }).allowed)
    end)
  end
end)

describe("a view refuses a key of the query that podman would read as another:", function()
  for _, case in ipairs {
    { "POST", "/commit?Container=db", "{}" }, { "POST", "/libpod/commit?CONTAINER=db", "{}" },
    { "DELETE", "/libpod/containers/web?Depend=true" }, { "GET", "/containers/json?Limit=1" },
    { "GET", "/containers/json?filter%C5%BF={}" }, { "POST", "/build?NetworkMode=container:db", "tar" },
    { "POST", "/containers/create?Name=db", "{}" },
  } do
    it(case[1] .. " " .. case[2], function()
      local verdict = decide { method = case[1], path = case[2], body = case[3] }
      assert.same({ false, 400, false }, { verdict.allowed, verdict.status, verdict.failed }, verdict.reason)
    end)
  end
end)

describe("the engine's errors in a view", function()
  it("do not name others in what podman adds", function()
    local verdict = decide { method = "POST", path = "/containers/web/start", answer_status = 500,
      answer = '{"cause":"in use by ' .. db .. '","message":"x","response":500}' }
    assert.equal('{"cause":"in use by another","message":"x","response":500}', verdict.answer)
  end)

  it("name the container that the client has named", function()
    local verdict = decide { method = "POST", path = "/networks/n/connect", body = '{"Container":"app"}', answer_status = 403,
      answer = json { message = "container " .. app .. " shares with " .. db },
      engine = { ["/networks/n"] = { body = json { Id = "0n", Name = "n" } } } }
    assert.equal("container " .. app .. " shares with another", reply.decode(verdict.answer).message)
  end)

  for _, case in ipairs {
    { "Cannot link to a non running container: /db AS /web/alias", "" },
    { "cannot join network of a non running container: " .. db, "cannot join network of a non running container: another" },
    { "conflict: unable to remove repository reference \"a\" (must force) - container 0123456789ab is using its image",
      "conflict: unable to remove repository reference \"a\" (must force) - container another is using its image" },
    { "container " .. app .. " is not connected, as " .. db .. ", " .. db:sub(1, 12) .. ", " .. db,
      "container " .. app .. " is not connected, as another" },
    { "error while removing network: network n has active endpoints (name:\"db\" id:\"0\")",
      "error while removing network: network n has active endpoints" },
  } do
    it("do not name others: " .. case[1]:gsub("%x+", function(word) return #word > 11 and "ID" or word end), function()
      local verdict = decide { method = "POST", path = "/containers/" .. app .. "/start", answer_status = 409,
        answer = json { message = case[1] } }
      local left = reply.decode(verdict.answer).message
      assert.is_truthy(left == case[2] or case[2] == "" and not left:find("db", 1, true), left)
    end)
  end
end)
