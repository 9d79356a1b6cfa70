-- The docker command and docker-compose through the policies docker-cli, alone and with no-host-power beside it,
-- and agent.

local daemon = require "spec.support.daemon"
local engine = require "spec.support.engine"
local folder = require "spec.support.folder"
local process = require "spec.support.process"

local has_compose = process.run({ "sh", "-c", "command -v docker-compose" }).code == 0
local it = engine.it(it, pending)

local function it_with_compose(name, run)
  if has_compose or engine.unavailable() then
    return it(name, run)
  end
  pending(name .. " (needs docker-compose)", function() end)
end

-- Runs a script with docker going through moonward with these options; gives what process.run does.
local function through(options, script)
  local straight = engine.get()
  local listen = straight.folder .. "/docker_cli.sock"
  local moonward = daemon.start(daemon.flatten("-listen=unix://" .. listen, "-socketpath=" .. straight.socket, options),
    { listen = false, await = "unix://" .. listen })
  local result = process.run({ "sh", "-c", script },
    { env = daemon.flatten(engine.env("unix://" .. listen), "S=" .. listen), timeout = 120 })
  result.about = result.stdout .. result.stderr .. moonward:log():sub(-3000)
  moonward:stop()
  return result
end

local alone = { "-policy=docker-cli" }
local beside = { "-policy=docker-cli", "-policy=no-host-power", "-allowrest=false" }

-- what, script, what it writes
local commands = {
  { "run with stdin and its exit code", "echo hi | docker run --rm -i busybox sh -c 'cat; exit 3'; echo $?", "hi\n3\n" },
  { "exec, logs, cp, stats, top, ps, inspect and rm", [[docker run -d --name cli1 busybox sh -c 'echo out; sleep 600' >/dev/null
    docker exec -i cli1 echo in; docker logs cli1
    echo file >/tmp/cli1; docker cp /tmp/cli1 cli1:/f; docker cp cli1:/f - | tar -xO; rm /tmp/cli1
    docker stats --no-stream --format '{{.Name}}' cli1; docker top cli1 >/dev/null && echo top
    docker ps --filter name=cli1 --format '{{.Names}}'; docker inspect -f '{{.State.Status}}' cli1; docker rm -f cli1]],
    "in\nout\nfile\ncli1\ntop\ncli1\nrunning\ncli1\n" },
  { "build, tag, commit, save, load and rmi", [[printf 'FROM busybox\nRUN echo built >/f\n' | docker build -q -t cli2 - >/dev/null
    docker run --name cli2 cli2 cat /f; docker commit cli2 cli3 >/dev/null; docker rm cli2; docker save cli3 | docker load
    docker rmi cli2 cli3 >/dev/null]], "built\ncli2\nLoaded image: cli3:latest\n" },
  { "networks, volumes and what is cleaned up", [[docker network create cli4 >/dev/null; docker volume create cli4
    docker run --rm --network cli4 -v cli4:/d busybox touch /d/x; docker network rm cli4; docker volume rm cli4
    docker system df >/dev/null && docker events --since 1s --until 0s >/dev/null && docker info >/dev/null && echo well]],
    "cli4\ncli4\ncli4\nwell\n" },
}

describe("docker through docker-cli:", function()
  for _, case in ipairs(commands) do
    it(case[1], function()
      local result = through(alone, case[2])
      assert.equal(case[3], result.stdout, result.about)
      assert.equal(0, result.code, result.about)
    end)
  end

  it("what no docker command asks is denied", function()
    local result = through(alone, [[for path in /libpod/info /v4.0.0/libpod/containers/json /debug/vars /debug/pprof/ \
      /containers/x/attach/ws /new/thing; do curl -s -o /dev/null -w '%{http_code} ' --unix-socket $S http://d$path; done]])
    assert.equal("403 403 403 403 403 403 ", result.stdout, result.about)
  end)

  -- arguments of docker run
  local powers = {
    "-v /:/h", "-v /var/run/docker.sock:/s", "--privileged", "--pid=host", "--network=host", "--cap-add=SYS_ADMIN",
    "--device=/dev/null", "--security-opt=seccomp=unconfined", "-p 18082:80", "-v data:/d",
  }
  it("with no-host-power beside it, no power over the host", function()
    local script = { "docker run --rm busybox echo plain" }
    for _, arguments in ipairs(powers) do
      script[#script + 1] = "docker run --rm " .. arguments .. " busybox echo no 2>&1 | grep -c 'moonward: not allowed'"
    end
    local result = through(beside, table.concat(script, "\n"))
    assert.equal("plain\n" .. ("1\n"):rep(#powers), result.stdout, result.about)
  end)
end)

describe("docker through agent:", function()
  -- Builds pull what they are based on, and there is no registry here.
  local agent = { "-policy=agent", "-agent=ai", "-localbase" }
  for _, case in ipairs(commands) do
    it(case[1], function()
      local script = case[2]:gsub("docker rmi cli2 cli3", "docker rmi cli2"):gsub("docker save cli3 | docker load",
        "docker save cli3 2>&1 | grep -o 'belongs to nobody'; docker rmi cli3 >/dev/null")
      local result = through(agent, script)
      local expected = case[3]:gsub("Loaded image: cli3:latest", "belongs to nobody")
      assert.equal(expected, result.stdout, result.about)
    end)
  end

  it("what is not its own does not exist", function()
    local straight = "docker -H " .. engine.get().straight
    local result = through(agent, straight .. [[ run -d --name stranger busybox sleep 600 >/dev/null
      docker ps -aq | wc -l; docker inspect stranger 2>&1 | grep -ci 'no such object: stranger'
      docker exec stranger id 2>&1 | grep -ci 'no such container: stranger'
      docker rm -f stranger 2>&1 | grep -ci 'no such container'
      docker run --rm --network container:stranger busybox id >/dev/null 2>&1; echo $?
    ]] .. straight .. " rm -f stranger")
    assert.equal("0\n1\n1\n1\n125\nstranger\n", result.stdout, result.about)
  end)
end)

local compose = [[
version: "3"
services:
  web:
    image: busybox
    command: sh -c "echo web is up; sleep 600"
    init: true
    networks: [front]
    volumes: ["data:/data"]
  job:
    image: busybox
    command: echo job is done
    depends_on: [web]
networks:
  front:
volumes:
  data:
]]

-- A folder with a compose file, for a script: "cd FOLDER; ".
local function project(text)
  local place = folder.new()
  folder.write(place .. "/docker-compose.yml", text)
  return "cd '" .. place .. "'; export COMPOSE_PROJECT_NAME=moonwardspec COMPOSE_HTTP_TIMEOUT=30; "
end

local life = [[docker-compose up -d 2>/dev/null && docker-compose ps -q | wc -l
  docker-compose exec -T web echo exec; docker-compose logs web 2>/dev/null | grep -c 'web is up'
  docker-compose stop -t 1 2>/dev/null; docker-compose start web >/dev/null 2>&1; docker-compose run --rm job echo ran 2>/dev/null
  docker-compose down -v -t 1 2>/dev/null; docker ps -aq --filter label=com.docker.compose.project=moonwardspec | wc -l]]

describe("docker-compose", function()
  it_with_compose("through docker-cli: up, ps, exec, logs, stop, start, run, down", function()
    local result = through(alone, project(compose) .. life)
    local first = result.stdout:match "^%d+\n"
    assert.is_truthy(first == "1\n" or first == "2\n", result.about) -- the job may have ended
    assert.equal("exec\n1\nran\n0\n", result.stdout:sub(#first + 1), result.about)
  end)

  it_with_compose("with no-host-power and its networks and volumes allowed", function()
    local options = daemon.flatten(beside, "-allowpower=network=moonwardspec_*,volume=moonwardspec_*,alias,runtime=runc")
    local result = through(options, project(compose) .. life)
    assert.equal("exec\n1\nran\n0\n", result.stdout:match "^%d\n(.*)$", result.about)
  end)

  it_with_compose("through agent", function()
    local result = through({ "-policy=agent", "-agent=ai" }, project(compose) .. life)
    assert.equal("exec\n1\nran\n0\n", result.stdout:match "^%d\n(.*)$", result.about)
  end)

  it_with_compose("with no-host-power and a bind in the file, is refused", function()
    local options = daemon.flatten(beside, "-allowpower=network=moonwardspec_*,volume=moonwardspec_*,alias,runtime=runc")
    local file = compose:gsub('"data:/data"', '"/:/host"')
    local result = through(options, project(file) .. [[docker-compose up -d 2>&1 | grep -c 'not allowed: bind /'
      docker-compose down -v -t 1 2>/dev/null]])
    assert.is_truthy(tonumber(result.stdout:match "^%d+") > 0, result.about)
  end)

  it("runs by dozzle what -allowexec lists, and starts nothing else that somebody created", function()
    local straight = engine.get().socket
    local result = through({ "-policy=dozzle", "-allowexec=echo *" }, ([[
      straight() { curl -s --unix-socket %s -H 'Content-Type: application/json' "$@"; }
      docker -H unix://%s run -d --name execs busybox sleep 600 >/dev/null
      docker exec execs echo ran
      docker exec execs id 2>&1
      id=$(straight -d '{"Cmd":["id"],"AttachStdout":true}' http://x/v1.41/containers/execs/exec | sed 's/.*"Id":"//;s/".*//')
      curl -s --unix-socket $S -H 'Content-Type: application/json' -d '{}' http://x/v1.41/exec/$id/start
      docker -H unix://%s rm -f execs >/dev/null]]):format(straight, straight, straight))
    assert.is_truthy(result.stdout:find("^ran\n"), result.about)
    assert.equal(2, select(2, result.stdout:gsub("the command id is not among", "")), result.about)
  end)
end)
