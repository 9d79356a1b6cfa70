-- The docker command against podman, through the policies that people put before it.

local caller = require "spec.support.caller"
local daemon = require "spec.support.daemon"
local folder = require "spec.support.folder"
local gate = require "spec.support.gate"
local message = require "spec.support.message"
local owners = require "spec.support.owners"
local podman = require "spec.support.podman"
local process = require "spec.support.process"
local stream = require "spec.support.stream"
local sys = require "spec.support.sys"

local why = podman.unavailable()
local function it_works(name, run)
  if why then
    return pending(name .. " (" .. why .. ")", function() end)
  end
  it(name, run)
end

local alice, bob = 4101, 4102
local running = {}

-- Moonward in front of podman, one for these options.
local function before(options)
  local name = table.concat(options, " ")
  if not running[name] then
    running[name] = daemon.start(daemon.flatten("-socketpath=" .. podman.get().socket, options),
      { env = { "CONTAINER_NAME=" } }) -- in anybody's environment it stops container-filter
    local socket = running[name].unix:sub(8)
    process.shell("chmod 666 " .. socket .. " && chmod 755 $(dirname " .. socket .. ")")
  end
  return running[name]
end

-- A script with docker going through moonward, or straight without options; $S is the socket.
local function docker(options, script, uid)
  local host = options and before(options).unix or podman.get().straight
  local env = daemon.flatten(podman.env(host), "S=" .. host:sub(8), uid and "DOCKER_CONFIG=/nonexistent" or {})
  local result = process.run({ "sh", "-c", script }, { env = env, uid = uid, timeout = 60 })
  result.about = result.stdout .. result.stderr .. (options and before(options):log():sub(-2000) or "")
  return result
end

teardown(function()
  for _, moonward in pairs(running) do
    moonward:stop()
  end
end)

-- The docker command ------------------------------------------------------------------------------------------

-- what, script, what of it must be there
local commands = {
  { "run with stdin and its exit code",
    "echo hi | docker run --name cli0 -i busybox sh -c 'cat; exit 3'; echo $?; docker rm cli0", "hi\n3\n" },
  { "exec, logs, top, ps, inspect, stop, start and rm", [[
    docker run -d --name cli1 busybox sh -c 'echo out; sleep 600' >/dev/null
    docker exec cli1 echo in; docker logs cli1; docker top cli1 >/dev/null && echo top
    docker ps --filter name=cli1 --format '{{.Names}}'; docker inspect -f '{{.State.Status}}' cli1
    docker stop -t 0 cli1; docker start cli1; docker rm -f cli1]], "in\nout\ntop\ncli1\nrunning\ncli1\ncli1\ncli1\n" },
  { "cp into a container and out of it", [[
    docker create --name cli2 busybox true >/dev/null; echo file >/tmp/cli2; docker cp /tmp/cli2 cli2:/f
    docker cp cli2:/f - | tar -xO; rm /tmp/cli2; docker rm cli2]], "file\n", power = true },
  { "build, tag and rmi", [[
    printf 'FROM busybox\nRUN echo built >/f\n' | docker build -q -t cli3 - >/dev/null
    docker tag cli3 cli4; docker run --rm cli4 cat /f; docker rmi cli3 cli4 >/dev/null && echo gone]], "built\ngone\n" },
  { "networks, volumes and what podman says of itself", [[
    docker network create cli5 >/dev/null; docker volume create cli5
    docker run --rm --network cli5 -v cli5:/d busybox touch /d/x; docker network rm cli5; docker volume rm cli5
    docker info >/dev/null && docker version >/dev/null && echo well]], "cli5\ncli5\ncli5\nwell\n" },
}

local seen = {}

-- What a script does straight.
local function as_without(script)
  seen[script] = seen[script] or docker(nil, script)
  return seen[script]
end

local fronts = {
  { "docker-cli", "-policy=docker-cli" },
  { "docker-cli with no-host-power", "-policy=docker-cli", "-policy=no-host-power", "-allowrest=false" },
  { "owner", "-policy=owner", "-localbase" },
}
for _, front in ipairs(fronts) do
  describe("docker with podman through " .. front[1] .. ":", function()
    local options = { table.unpack(front, 2) }
    for _, case in ipairs(commands) do
      if not (case.power and options[2] == "-policy=no-host-power") then
        it_works(case[1] .. ", as without", function()
          local straight, through = as_without(case[2]), docker(options, case[2])
          assert.is_truthy(straight.stdout:find(case[3], 1, true), straight.about)
          assert.equal(straight.stdout, through.stdout, through.about)
          assert.equal(straight.code, through.code, through.about)
        end)
      end
    end
  end)
end

-- What is refused ---------------------------------------------------------------------------------------------

-- Asks with curl: the status, a blank, and the body.
local ask = [[ask() { curl -s -o "$T" -w '%{http_code} ' -X "$1" --max-time 10 --unix-socket "$S" "http://d$2" ${3:+-H} \
  ${3:+'Content-Type: application/json'} ${3:+-d "$3"}; cat "$T"; echo; }; T=$(mktemp); trap 'rm -f "$T"' EXIT
]]

describe("no-host-power before podman", function()
  local options = { "-policy=no-host-power" }
  local bodies = {
    { "/v1.41", '{"Image":"busybox","HostConfig":{"Privileged":true}}' },
    { "/v1.41", '{"Image":"busybox","HostConfig":{"Binds":["/etc:/h"]}}' },
    { "/v1.41", '{"Image":"busybox","HostConfig":{"PidMode":"host"}}' },
    { "/v4.0.0/libpod", '{"image":"busybox","privileged":true}' },
    { "/v4.0.0/libpod", '{"image":"busybox","mounts":[{"destination":"/h","type":"bind","source":"/etc"}]}' },
    { "/v4.0.0/libpod", '{"image":"busybox","pidns":{"nsmode":"host"}}' },
    { "/v4.0.0/libpod", '{"image":"busybox","cap_add":["CAP_SYS_ADMIN"]}' },
    { "/v4.0.0/libpod", '{"image":"busybox","netns":{"nsmode":"host"}}' },
  }
  for _, case in ipairs(bodies) do
    it_works("refuses what podman would make: " .. case[1] .. " " .. case[2], function()
      local script = ("ask POST '%s/containers/create?name=power' '%s'; docker rm -f power"):format(case[1], case[2])
      local straight, through = docker(nil, ask .. script), docker(options, ask .. script)
      assert.is_truthy(straight.stdout:find("^201 "), straight.about)
      assert.is_truthy(through.stdout:find("^403 .*moonward: not allowed"), through.about)
      assert.is_nil(through.stdout:find("\npower\n", 1, true), through.about)
    end)
  end
end)

-- What is hidden ----------------------------------------------------------------------------------------------

-- Each is about the container NAME. Podman carries them out; those that end it come last.
local attacks = {
  "GET /v1.41/containers/NAME/json", "GET /v1.41/containers/NAME/logs?stdout=1", "GET /v1.41/containers/NAME/top",
  "GET /v1.41/containers/NAME/changes", "GET /v1.41/containers/NAME/archive?path=/etc/passwd",
  'POST /v1.41/containers/NAME/exec {"Cmd":["true"]}', "POST /v1.41/commit?container=NAME&repo=taken {}",
  'POST /v1.41/containers/create?name=taken {"Image":"busybox","HostConfig":{"VolumesFrom":["NAME"]}}',
  'POST /v1.41/containers/create?name=taken {"Image":"busybox","HostConfig":{"PidMode":"container:NAME"}}',
  'POST /v1.41/containers/create?name=taken {"Image":"busybox","HostConfig":{"NetworkMode":"container:NAME"}}',
  "GET /v4.0.0/libpod/containers/NAME/json", "GET /v4.0.0/libpod/containers/NAME/logs?stdout=true",
  "GET /v4.0.0/libpod/containers/NAME/top?stream=false", "GET /v4.0.0/libpod/containers/NAME/archive?path=/etc/passwd",
  "GET /v4.0.0/libpod/generate/NAME/systemd", "GET /v4.0.0/libpod/generate/kube?names=NAME",
  "GET /v4.0.0/libpod/containers/stats?containers=NAME&stream=false",
  'POST /v4.0.0/libpod/containers/NAME/exec {"Cmd":["true"]}', "POST /v4.0.0/libpod/commit?container=NAME&repo=taken",
  'POST /v4.0.0/libpod/containers/create {"image":"busybox","name":"taken","volumes_from":["NAME"]}',
  'POST /v4.0.0/libpod/containers/create {"image":"busybox","name":"taken","pidns":{"nsmode":"container","value":"NAME"}}',
  "POST /v1.41/containers/NAME/stop?t=0", "POST /v4.0.0/libpod/containers/NAME/start",
  "POST /v4.0.0/libpod/containers/NAME/stop?timeout=0", "POST /v1.41/containers/NAME/rename?name=taken",
  "POST /v4.0.0/libpod/containers/taken/rename?name=NAME", "DELETE /v4.0.0/libpod/containers/NAME?force=true",
  "DELETE /v1.41/containers/NAME?force=1",
}

-- The answers to all of them, without what is of the moment and with a word for the name.
local function attack(socket, name, uid)
  local list = {}
  for _, line in ipairs(attacks) do
    local method, path, body = line:gsub("NAME", name):match "^(%S+) (%S+) ?(.*)$"
    list[#list + 1] = { method = method, path = path, body = body ~= "" and body or nil }
    if path:find "create" then -- with another's it does not come so far
      list[#list + 1] = { method = "DELETE", path = "/v1.41/containers/taken?force=1" }
    end
  end
  local answers = {}
  for i, answer in ipairs(owners.batch({ socket = socket }, uid, list)) do
    if not list[i].path:find("taken?force", 1, true) then
      answers[#answers + 1] = answer:gsub("\r\n[Dd]ate: [^\r]*", ""):gsub("X%-Reference%-Id: [^\r]*", ""):gsub(name, "NAME")
    end
  end
  return answers
end

local hidden_by = { owner = { "-policy=owner", "-localbase" }, ["container-filter"] = { "-policy=container-filter",
  "-containernames=shown" } }

describe("a container of podman's that is another's", function()
  it_works("is reached by each attack, where no proxy is", function()
    docker(nil, "docker run -d --name victim busybox sleep 600")
    for i, answer in ipairs(attack(podman.get().socket, "victim")) do
      local expected = i == #attacks and "^HTTP/1.1 404" or "^HTTP/1.1 20%d "
      assert.is_truthy(answer:find(expected), attacks[i] .. ": " .. answer)
    end
  end)

  for policy, options in pairs(hidden_by) do
    it_works("is not there with " .. policy .. ", by name and by id, and stays as it is", function()
      docker(hidden_by.owner, "docker run -d --name theirs -e WORD=swordfish busybox sleep 600", bob)
      local look = "docker inspect -f '{{.Id}} {{.State.Running}} {{.Name}} {{.State.Pid}}' theirs; docker ps -aq | wc -l; "
        .. "docker images -q | wc -l"
      local before_it = docker(nil, look).stdout
      local id = before_it:match "%x+"
      local socket = before(options).unix:sub(8)
      for name, absent in pairs { theirs = "absent", [id] = ("0123456789abcdef"):rep(4), [id:sub(1, 12)] = "0123456789ab" } do
        assert.same(attack(socket, absent, "a"), attack(socket, name, "a"))
      end
      assert.equal("", docker(options, "docker ps -aq", alice).stdout)
      assert.equal(before_it, docker(nil, look).stdout)
      docker(nil, "docker rm -f theirs")
    end)
  end
end)

describe("an image of podman's that is another's", function()
  it_works("is not there with owner, however it is called", function()
    docker(hidden_by.owner, "printf 'FROM busybox\\nRUN echo swordfish >/word\\n' | docker build -q -t theirs -", bob)
    local id = docker(nil, "docker images -q --no-trunc theirs").stdout:match "sha256:(%x+)"
    local names = { "theirs", "theirs:latest", "docker.io/library/theirs", "docker.io/theirs", "library/theirs",
      "localhost/theirs", id, "sha256:" .. id, id:sub(1, 12), id:sub(1, 7) }
    for _, name in ipairs(names) do
      local result = docker(hidden_by.owner,
        ("docker run --rm --pull never %s cat /word; docker inspect %s; docker tag %s mine"):format(name, name, name), alice)
      assert.is_nil(result.stdout:find "swordfish", name)
      assert.equal("[]\n", result.stdout, result.about)
    end
    local own = docker(hidden_by.owner, "docker run --rm theirs cat /word; docker rmi theirs >/dev/null", bob)
    assert.equal("swordfish\n", own.stdout, own.about)
  end)
end)

describe("read-only before podman", function()
  local options = { "-policy=read-only" }
  it_works("shows what there is without secrets, and changes nothing", function()
    docker(nil, "docker run -d --name secret -e WORD=swordfish busybox sleep 600")
    local script = ask .. [[
      for path in /v1.41/containers/json?all=1 /v1.41/containers/secret/json /v4.0.0/libpod/containers/json?all=true \
        /v4.0.0/libpod/containers/secret/json /v4.0.0/libpod/info /v1.41/images/json /v4.0.0/libpod/images/json; do
        ask GET $path; done]]
    local straight, through = docker(nil, script), docker(options, script)
    assert.is_truthy(straight.stdout:find("swordfish", 1, true), straight.about)
    assert.is_nil(through.stdout:find("swordfish", 1, true), through.about)
    local _, fine = through.stdout:gsub("200 [%[{]", "")
    assert.equal(7, fine, through.about)
    local denied = docker(options, ask .. [[
      for line in 'POST /v1.41/containers/secret/stop' 'DELETE /v4.0.0/libpod/containers/secret?force=true' \
        'POST /v4.0.0/libpod/containers/secret/kill' 'GET /v4.0.0/libpod/generate/kube?names=secret' \
        'GET /v4.0.0/libpod/containers/secret/healthcheck' 'POST /v4.0.0/libpod/system/prune'; do ask $line; done
      docker rm -f secret 2>&1 | grep -c moonward]])
    local _, refused = denied.stdout:gsub("403 ", "")
    assert.equal(6, refused, denied.about)
    assert.equal("true\nsecret\n", docker(nil, "docker inspect -f '{{.State.Running}}' secret; docker rm -f secret").stdout)
  end)
end)

-- Who asks ----------------------------------------------------------------------------------------------------

describe("with control groups of version 2,", function()
  local host
  local port = 2375

  if not why then
    setup(function()
      -- On podman's own host: its network, and a Unix socket that containers have.
      local pid = podman.get().process.pid
      local inside = folder.read(("/proc/%d/task/%d/children"):format(pid, pid)):match "%d+"
      local home = folder.new()
      sys.chmod(home, 493) -- 0755
      host = daemon.start({ "-listen=tcp://[::]:" .. port, "-listen=unix://" .. home .. "/moonward.sock?mode=0666",
        "-socketpath=" .. podman.get().socket, gate.policy() },
        { listen = false, await = "unix://" .. home .. "/moonward.sock",
          prefix = { "nsenter", "--net=/proc/" .. inside .. "/ns/net" } })
      host.folder = home
      process.shell("cp build/spec/door " .. home)
    end)
    teardown(function() host:stop() end)
  end

  -- A container that passes on what it is told to ask.
  local function open_door(name, ...)
    docker(nil, ("docker run -d --name %s %s -v %s:/gate busybox /gate/door /gate/%s"):format(name, table.concat({ ... }, " "),
      host.folder, name))
    return "unix://" .. host.folder .. "/" .. name
  end

  local function ask_through(door, where)
    local conn
    caller.patiently(function()
      conn = stream.connect(door)
      return conn
    end, 10)
    conn:send(where .. "\n")
    assert.equal("ok\n", conn:read_until("\n", 5))
    local verdict = caller.verdict(message.ask(conn, "GET /_ping HTTP/1.1\r\nHost: d\r\n\r\n", 10))
    conn:close()
    return verdict
  end

  it_works("a container is known by its address and by its process, and another is not taken for it", function()
    local gateway = process.shell("docker network inspect -f '{{(index .IPAM.Config 0).Gateway}}' podman",
      { env = podman.env(podman.get().straight) }):match "%S+"
    local doors = { granted = open_door("granted", "--label spec.grant=yes"), other = open_door "other" }
    for name, door in pairs(doors) do
      for _, where in ipairs { ("tcp %s %d"):format(gateway, port), "unix /gate/moonward.sock" } do
        assert.equal(name, ask_through(door, where), where .. host:log():sub(-2000))
      end
    end
    assert.equal("a stranger", caller.verdict(message.ask(assert(stream.connect("unix://" .. host.folder .. "/moonward.sock")),
      "GET /_ping HTTP/1.1\r\nHost: d\r\n\r\n", 10)))
    docker(nil, "docker rm -f granted other")
  end)
end)
