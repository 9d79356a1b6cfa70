-- container-filter in front of a real engine: docker with a container that is shown, and with one that is
-- not; straight, and with another proxy in between.

local daemon = require "spec.support.daemon"
local engine = require "spec.support.engine"
local front = require "spec.support.front"
local loop = require "spec.support.loop"
local message = require "spec.support.message"
local process = require "spec.support.process"
local reply = require "moonward.reply"
local sys = require "spec.support.sys"

local it = engine.it(it, pending)

-- CONTAINER_NAME may stand in anybody's environment, and stops the start.
local clean = { "CONTAINER_NAME=" }

local filter, behind, far
local ids = {}

local function run(host, script, timeout)
  local env = daemon.flatten(engine.env(host), "SHOWN=" .. (ids.shown or ""), "HIDDEN=" .. (ids.hidden or ""))
  local result = process.run({ "sh", "-c", script }, { env = env, timeout = timeout or 60 })
  return result.code, result.stdout .. result.stderr
end

local function straight(script, timeout)
  local code, text = run(engine.get().straight, script, timeout)
  assert(code == 0, text)
  return text
end

local function id_of(name)
  return straight("docker inspect -f '{{.Id}}' " .. name):match "%x+"
end

-- A shown one, another whose network and process ids are a hidden one's, a stopped one, and three hidden ones, among
-- them the newest.
local set_up = [[
  docker network create vnet
  docker run -d --name vback --hostname vh --network vnet --label secret=1 -e PASSWORD=hunter2 -v /data busybox \
    sh -c 'echo words; sleep 1000'
  docker run -d --name vfront --network vnet --label vshow=yes -e PASSWORD=hunter2 -v /data busybox sh -c 'echo hello; sleep 1000'
  docker run -d --name vjoin --label vshow=yes --network container:vback --pid container:vback busybox sleep 1000
  docker create --name vidle --label vshow=yes --volumes-from vback busybox true
  docker create --name vstopped busybox true
  docker run -d --name vnewest --label vshow=no busybox sleep 1000
]]

local tear_down = [[
  docker rm -fv vback vfront vjoin vidle vstopped vnewest vmade $(docker ps -aq --filter label=vmade)
  docker network rm vnet vother; docker rmi vimage; true
]]

if not engine.unavailable() then
  setup(function()
    straight(set_up)
    ids.shown, ids.hidden = id_of "vfront", id_of "vback"
    local variables = daemon.flatten(clean, "CONTAINER_LABELS=vshow=yes", "SCRUB_ENVS=true")
    filter = daemon.start({ "-socketpath=" .. engine.get().socket, "-policy=container-filter" }, { env = variables })
    behind = daemon.start(daemon.flatten("-socketpath=" .. engine.get().socket, daemon.allow_all))
    far = daemon.start({ "-policy=container-filter" },
      { env = daemon.flatten(variables, "PROXY_URL=" .. behind.tcp:gsub("^tcp", "http")) })
  end)
  teardown(function()
    straight(tear_down)
    for _, one in ipairs { far, behind, filter } do
      one:stop()
    end
  end)
end

local ways = {
  { "straight", function() return filter end },
  { "through another proxy", function() return far end },
}

-- What must never be seen: names, labels, environment, and ids.
local secrets = { "vback", "vstopped", "vnewest", "secret", "hunter2" }

local function tells_nothing(text)
  for _, secret in ipairs(secrets) do
    assert.is_nil(text:find(secret, 1, true), text)
  end
  assert.is_nil(text:find(ids.hidden:sub(1, 12), 1, true), text)
end

for _, way in ipairs(ways) do
  describe("a container that is shown, " .. way[1], function()
    -- script, exit code, pattern of what is shown
    local steps = {
      { "docker ps --format '{{.Names}}' | sort", 0, "^vfront\nvjoin\n$" },
      { "docker ps -a --format '{{.Names}}' | sort", 0, "^vfront\nvidle\nvjoin\n$" },
      { "docker ps -l --format '{{.Names}}'", 0, "^vidle\n$" },
      { "docker ps -n 2 --format '{{.Names}}'", 0, "^vidle\nvjoin\n$" },
      { "docker ps -n 9 --format '{{.Names}}' | wc -l", 0, "^3\n$" },
      { "docker ps -as --format '{{.Names}} {{.Size}}' | wc -l", 0, "^3\n$" },
      { "docker ps -aq -f name=vb -f name=vnew; docker ps -aq -f label=secret; docker ps -aq -f id=$HIDDEN", 0, "^$" },
      { "docker ps -aq -f volume=/data | wc -l; docker ps -q -f network=vnet | wc -l", 0, "^%d\n1\n$" },
      { "docker ps -q --no-trunc -f name=vfront -f status=running", 0, "^%x+\n$" },
      { "docker inspect -f '{{.Name}} {{.Config.Env}}' vfront", 0, "^/vfront %[%]\n$" },
      { "docker inspect -f '{{.Name}}' $SHOWN $(echo $SHOWN | cut -c -12)", 0, "^/vfront\n/vfront\n$" },
      { "docker inspect vjoin vidle", 0, '"NetworkMode": "container:another"' },
      { "docker inspect vjoin", 0, '"PidMode": "container:another"' },
      { "docker inspect -f '{{.HostConfig.VolumesFrom}}' vidle", 0, "^%[%]\n$" },
      { "docker logs vfront", 0, "^hello\n" },
      { "docker top vfront", 0, "sleep 1000" },
      { "docker top vfront axe", 1, "SCRUB_ENVS" },
      { "docker stats --no-stream --format '{{.Name}}' | sort", 0, "^vfront\nvjoin\n$" },
      { "docker stats --no-stream --format '{{.Name}}' vfront", 0, "^vfront\n$" },
      { "docker exec vfront echo in", 0, "^in\n$" },
      { "echo words | docker exec -i vfront cat", 0, "^words\n$" },
      { "docker cp vfront:/etc/passwd - | tar -xO", 0, "root" },
      { "tar -c spec/engine/view_spec.lua | docker cp - vfront:/tmp && docker exec vfront ls /tmp/spec/engine", 0, "view_spec" },
      { "docker diff vfront", 0, "/tmp" },
      { "docker export vfront | tar -t | grep -c etc/passwd", 0, "^1\n$" },
      { "docker commit vfront vimage && docker inspect -f '[{{.Container}}] {{.Config.Env}}' vimage", 0, "\n%[%] %[%]\n$" },
      { "docker pause vfront && docker unpause vfront", 0, "^vfront\nvfront\n$" },
      { "docker update --memory 64m --memory-swap 64m vfront", 0, "vfront" },
      { "docker rename vfront vother && docker rename vother vfront", 0, "^$" },
      { "docker restart -t 0 vfront && docker kill vfront && docker start vfront && docker stop -t 0 vfront && "
        .. "docker start vfront", 0, "vfront\nvfront\nvfront\nvfront\nvfront\n" },
      { "docker port vfront", 0, "^$" },
      { "(sleep 1; docker kill vfront) & docker wait vfront; docker start vfront", 0, "137" },
      { "docker run --rm --label vmade=1 --label vshow=yes --volumes-from vfront --network container:vfront "
        .. "--pid container:vfront busybox sh -c 'ps; ls -d /data'", 0, "sleep 1000.*/data" },
      { "docker run --rm --label vmade=1 --label vshow=yes --network vnet --link vfront:alias busybox ping -c 1 alias", 0,
        "1 packets received" },
      { "docker network inspect -f '{{range .Containers}}{{.Name}} {{end}}' vnet", 0, "^vfront \n$" },
      { "docker network create vother && docker network connect vother vfront && docker network disconnect vother vfront && "
        .. "docker network rm vother", 0, "\nvother\n$" },
      { "docker info --format '{{.Containers}} {{.ContainersRunning}} {{.ContainersPaused}} {{.ContainersStopped}}'", 0,
        "^3 2 0 1\n$" },
      { "docker system df --format '{{.Type}} {{.TotalCount}} {{.Active}}' | grep Containers", 0, "^Containers 3 2\n$" },
      { "docker system df -v --format '{{range .Containers}}{{.Names}} {{end}}'", 0, "v" },
      { "docker create --name vmade --label vshow=yes busybox && docker rm vmade", 0, "vmade" },
      { "docker version && docker images && docker volume ls && docker network ls", 0, "busybox" },
    }
    for _, step in ipairs(steps) do
      it("is there for " .. step[1], function()
        local code, text = run(way[2]().tcp, step[1])
        assert.is_truthy(text:find(step[3]), text)
        assert.equal(step[2], code, text)
        tells_nothing(text)
      end)
    end
  end)

  describe("a container that is not shown, " .. way[1], function()
    local gone = "No such container: vback"
    local steps = {
      { "docker inspect vback", "No such object: vback" },
      { "docker inspect --type container vback", "No such container: vback" },
      { "docker logs vback", gone }, { "docker top vback", gone }, { "docker stats --no-stream vback", gone },
      { "docker exec vback true", gone },
      { "docker cp vback:/etc/passwd -", gone .. "|No such container:path: vback" }, -- as 20.10's client says it
      { "tar -c Makefile | docker cp - vback:/", 'destination "vback:/" must be a directory' },
      { "docker commit vback", gone }, { "docker diff vback", gone },
      { "docker export vback", gone }, { "docker stop -t 0 vback", gone }, { "docker start vback", gone },
      { "docker restart -t 0 vback", gone }, { "docker kill vback", gone }, { "docker pause vback", gone },
      { "docker unpause vback", gone }, { "docker update --memory 32m vback", gone }, { "docker rename vback taken", gone },
      { "docker rename vfront vback", 'The container name "/vback" is already in use' },
      { "docker rm vback", gone }, { "docker rm -fv vback || false; docker ps --no-such", gone },
      { "docker attach vback", gone }, { "docker wait vback", gone }, { "docker port vback", gone },
      { "docker network connect vnet vback", gone }, { "docker network disconnect -f vnet vback", gone },
      { "docker run --rm --volumes-from vback busybox true", gone },
      { "docker run --rm --network container:vback busybox true", gone },
      { "docker run --rm --pid container:vback busybox true", gone },
      { "docker run --rm --ipc container:vback busybox true", gone },
      { "docker run --rm --link vback:x busybox true", gone },
      { "docker create --name vback busybox", 'The container name "/vback" is already in use' },
      { "docker ps -f since=vback", gone }, { "docker ps -a -f before=vback", gone },
      { "docker container prune -f", "cannot be done here" },
      { "docker stop -t 0 $HIDDEN", "No such container" }, { "docker rm -f $(echo $HIDDEN | cut -c -12); docker --x", "No such" },
      { "docker kill $(echo $HIDDEN | cut -c -12)", "No such container" },
      { "printf 'FROM busybox\nRUN true\n' | docker build --network container:vback -", gone },
      { "docker checkpoint ls vback", "o such container: vback|xperimental" },
    }
    local before

    it("is there", function()
      before = straight "docker inspect vback vstopped vnewest"
    end)
    for _, step in ipairs(steps) do
      it("is not for " .. step[1]:gsub("\n", " "), function()
        local code, text = run(way[2]().tcp, step[1])
        local found = false
        for words in step[2]:gmatch "[^|]+" do
          found = found or text:find(words, 1, true) ~= nil
        end
        assert.is_true(found, text)
        assert.is_true(code ~= 0, text)
      end)
    end
    it("is as it was", function()
      assert.same(reply.decode(before), reply.decode(straight "docker inspect vback vstopped vnewest"))
      assert.equal("", straight "docker ps -aq --filter name=taken; docker diff vstopped")
    end)
  end)
end

-- Exact answers ------------------------------------------------------------------------------------------

local function changed(digit)
  return digit == "0" and "1" or "0"
end

-- One that names nothing, and is as long.
local function like(reference)
  return #reference > 5 and reference:sub(1, -2) .. changed(reference:sub(-1)) or "vbacx"
end

local routes = {
  { "GET", "/containers/%s/json" }, { "GET", "/containers/%s/logs?stdout=1" }, { "GET", "/containers/%s/top" },
  { "GET", "/containers/%s/changes" }, { "GET", "/containers/%s/export" }, { "GET", "/containers/%s/stats?stream=0" },
  { "GET", "/containers/%s/archive?path=/" }, { "HEAD", "/containers/%s/archive?path=/" },
  { "PUT", "/containers/%s/archive?path=/", "" }, { "GET", "/containers/%s/attach/ws" },
  { "POST", "/containers/%s/attach?stream=1" }, { "POST", "/containers/%s/start" }, { "POST", "/containers/%s/stop" },
  { "POST", "/containers/%s/restart" }, { "POST", "/containers/%s/kill" }, { "POST", "/containers/%s/update", "{}" },
  { "POST", "/containers/%s/rename?name=free" }, { "POST", "/containers/%s/rename?name=vback" },
  { "POST", "/containers/%s/rename" }, { "POST", "/containers/%s/pause" }, { "POST", "/containers/%s/unpause" },
  { "POST", "/containers/%s/wait" }, { "POST", "/containers/%s/resize?h=1&w=1" }, { "DELETE", "/containers/%s?force=1" },
  { "POST", "/containers/%s/exec", '{"Cmd":["true"]}' }, { "POST", "/containers/%s/exec", "{" },
  { "POST", "/commit?container=%s", "{}" }, { "POST", "/containers/%s/copy", '{"Resource":"/"}' },
  { "POST", "/networks/vnet/connect", '{"Container":"%s"}' }, { "POST", "/networks/vnet/disconnect", '{"Container":"%s"}' },
  { "POST", "/containers/create", '{"Image":"busybox","HostConfig":{"NetworkMode":"container:%s"}}', 400 },
  { "POST", "/containers/create", '{"Image":"busybox","HostConfig":{"VolumesFrom":["%s"]}}', 400 },
  { "GET", '/containers/json?filters={"before":["%s"]}' }, { "GET", '/containers/json?filters={"id":["%s"]}', nil, 200 },
  { "GET", '/events?until=1&filters={"container":["%s"]}', nil, 200 },
}

local function answer(conn, route, reference)
  local body = route[3] and route[3]:gsub("%%s", reference)
  local line = route[1] .. " " .. (route[2]:gsub("%%s", reference))
  conn:send(front.request(line, body and { "Content-Type: application/json" } or nil, body))
  local response = message.read_response(conn, 10, route[1])
  assert(response, line)
  return (response.head .. "\n" .. response.body):gsub("\r\n[Dd]ate: [^\r]*", ""):gsub(reference, "REFERENCE")
end

describe("the answer about a container that is not shown is that about one that does not exist:", function()
  for _, route in ipairs(routes) do
    it(route[1] .. " " .. route[2] .. " " .. (route[3] or ""), function()
      for _, reference in ipairs { "vback", ids.hidden, ids.hidden:sub(1, 12), ids.hidden:sub(1, 8) } do
        local answers = {}
        for i, one in ipairs { reference, like(reference) } do
          local conn = filter:connect(filter.tcp)
          answers[i] = answer(conn, route, one)
          conn:close()
        end
        assert.equal(answers[2], answers[1])
        local status = route[4] or 404
        assert.equal("HTTP/1.1 " .. status, answers[1]:sub(1, 12))
      end
    end)
  end
end)

-- Events -------------------------------------------------------------------------------------------------

describe("events", function()
  it("come at once of what is shown, and never of what is not", function()
    local watch = process.start({ "docker", "events", "--format", "{{json .}}" }, { env = engine.env(filter.tcp) })
    process.run { "sleep", "1" }
    straight [[docker exec vback true; docker rename vstopped vrenamed; docker rename vrenamed vstopped
      docker run --rm -v vvolume:/v busybox true; docker pause vback; docker unpause vback]]
    straight "docker pause vfront"
    local began = os.time()
    assert.is_truthy(watch:shows('"Action":"pause"', 2), watch.stdout())
    assert.is_true(os.time() - began <= 2)
    straight [[docker unpause vfront; docker network disconnect vnet vback; docker network connect vnet vback
      docker network disconnect vnet vfront; docker network connect vnet vfront; docker volume rm vvolume
      docker run --rm --name vnew --label vshow=yes busybox true; docker container prune -f --filter label=nothing]]
    assert.is_truthy(watch:shows("destroy", 5), watch.stdout())
    watch:kill()
    local text = watch:wait(5).stdout
    tells_nothing(text)
    for _, words in ipairs { "unpause", '"connect"', '"disconnect"', "vnew", '"start"', '"die"' } do
      assert.is_truthy(text:find(words, 1, true), words .. " is not in " .. text)
    end
    for _, words in ipairs { "exec_create", "rename", "prune", "vrenamed" } do
      assert.is_nil(text:find(words, 1, true), text)
    end
  end)

  it("of the past are filtered too", function()
    local _, text = run(filter.tcp, "docker events --since 10m --until 0s --format '{{json .}}'")
    assert.is_truthy(text:find("vfront", 1, true), text)
    tells_nothing(text)
  end)
end)

describe("a prefix", function()
  it("of ids means the only one that is shown", function()
    -- The shortest that no other shown container's id begins with; others' may.
    local others = straight "docker inspect -f '{{.Id}}' vjoin vidle"
    local length = 1
    while others:find("%f[%x]" .. ids.shown:sub(1, length)) do
      length = length + 1
    end
    local code, text = run(filter.tcp, "docker inspect -f '{{.Name}}' " .. ids.shown:sub(1, length))
    assert.equal("0 /vfront\n", code .. " " .. text)
    for shorter = 1, length - 1 do
      code = run(filter.tcp, "docker stop " .. ids.shown:sub(1, shorter))
      assert.equal(1, code)
    end
  end)
end)

describe("a name", function()
  it("that goes from one container to another is never taken for the wrong one", function()
    local began = ("%.6f"):format(sys.wall()) -- a whole second holds what an earlier spec paused
    local swapping = process.start({ "sh", "-c", [[for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
      docker rename vfront vswap; docker rename vback vfront; docker rename vfront vback; docker rename vswap vfront; done]] },
      { env = engine.env(engine.get().straight) })
    local conn, seen = filter:connect(filter.tcp), {}
    local function ask(line)
      conn:send(front.request(line))
      local response = assert(message.read_response(conn, 10))
      seen[response.status] = (seen[response.status] or 0) + 1
      assert.is_nil(response.body:find(ids.hidden, 1, true))
    end
    while not swapping:ended() do
      ask "POST /containers/vfront/pause"
      ask "GET /containers/vfront/json"
      ask "POST /containers/vfront/unpause"
    end
    conn:close()
    assert.is_true((seen[200] or 0) > 5 and (seen[404] or 0) > 5, "nothing was swapped")
    assert.equal("", straight("docker events --since " .. began .. " --until 0s -f event=pause -f container=" .. ids.hidden))
    straight "docker unpause vfront || true"
  end)
end)

describe("the past of a container", function()
  it("that was shown is not its future", function()
    local proxy = daemon.start({ "-socketpath=" .. engine.get().socket, "-policy=container-filter" },
      { env = daemon.flatten(clean, "CONTAINER_NAMES=vfront") })
    local stream = process.start({ "docker", "events", "--format", "{{.Actor.Attributes.name}}" },
      { env = engine.env(proxy.tcp) })
    process.run { "sleep", "1" }
    assert.equal(0, (run(proxy.tcp, "docker inspect vfront")))
    straight "docker rename vfront vaway"
    assert.equal(1, (run(proxy.tcp, "docker inspect vfront")))
    assert.equal(1, (run(proxy.tcp, "docker inspect vaway")))
    assert.equal(1, (run(proxy.tcp, "docker stop " .. ids.shown)))
    straight [[docker pause vaway; docker unpause vaway; docker rename vaway vfront; docker pause vfront
      docker unpause vfront]]
    assert.equal(0, (run(proxy.tcp, "docker inspect vfront")))
    loop.until_true(function() return select(2, stream.stdout():gsub("vfront", "")) >= 3 end, 3)
    stream:kill()
    assert.is_nil(stream:wait(5).stdout:find("vaway", 1, true))
    proxy:stop()
  end)
end)
