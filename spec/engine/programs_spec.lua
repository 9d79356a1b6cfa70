-- Programs that run the docker command, or docker-compose, through the policies that are named after them: what
-- they type, as they type it, and what they may not.

local daemon = require "spec.support.daemon"
local engine = require "spec.support.engine"
local process = require "spec.support.process"

local has_compose = process.run({ "sh", "-c", "command -v docker-compose" }).code == 0
local it = engine.it(it, pending)

-- Runs a script with docker going through moonward with these options; gives what process.run does. $HERE is a
-- folder of its own.
local function through(options, script)
  local straight = engine.get()
  local listen, here = straight.folder .. "/programs.sock", straight.folder .. "/here"
  local moonward = daemon.start(daemon.flatten("-listen=unix://" .. listen, "-socketpath=" .. straight.socket, options(here)),
    { listen = false, await = "unix://" .. listen })
  local result = process.run({ "sh", "-c", "mkdir -p $HERE; " .. script },
    { env = daemon.flatten(engine.env("unix://" .. listen), "HERE=" .. here), timeout = 120 })
  result.about = result.stdout .. result.stderr .. moonward:log():sub(-3000)
  moonward:stop()
  return result
end

local function straight(line)
  local result = process.run({ "sh", "-c", line }, { env = engine.env(engine.get().straight), timeout = 60 })
  assert(result.code == 0, result.stderr)
end

-- what, options, script, what it writes
local cases = {
  { "GitHub's runner runs a job with a service, and an action, and cleans up",
    function() return { "-policy=github-actions-runner", "-actionslabel=3fa9c1" } end,
    [[docker network create --label 3fa9c1 github_network_1 >/dev/null
    id=$(docker create --name 1_busybox_ab --label 3fa9c1 --network github_network_1 --network-alias job -p 80 \
      --entrypoint tail busybox -f /dev/null); docker start $id >/dev/null; docker exec -i $id echo step
    docker port $id >/dev/null && echo port; docker inspect --format '{{.Config.Image}}' $id
    docker ps --all --no-trunc --filter label=3fa9c1 --format '{{.Names}}'; docker logs --details $id
    docker run --rm --name ca_x --label 3fa9c1 --network github_network_1 busybox echo action
    docker rm --force $id >/dev/null
    docker network rm github_network_1; docker network prune --force --filter label=3fa9c1
    docker rm -f other 2>/dev/null; docker create --label 3fa9c1 -v /:/h busybox 2>/dev/null; docker ps -aq]],
    "step\nport\nbusybox\n1_busybox_ab\naction\ngithub_network_1\n" },
  { "Renovate runs a tool in its sidecar",
    function(here) return { "-policy=renovate", "-renovatedir=" .. here } end,
    [[docker ps --filter name=renovate_sidecar -aq
    docker run --rm --name=renovate_sidecar --label=renovate_child -v $HERE:$HERE -w $HERE busybox sh -c 'echo tool; echo x >f'
    cat $HERE/f; docker run --rm busybox echo no 2>/dev/null
    docker run --rm --name=renovate_x -v /etc:/e busybox echo no 2>/dev/null
    docker rm -f other 2>/dev/null; docker ps --filter label=renovate_child -aq]], "tool\nx\n" },
  { "Dev Containers starts one, works in it and stops it",
    function(here) return { "-policy=dev-containers", "-devcontainerdir=" .. here } end,
    [[docker run -d --mount type=bind,source=$HERE,target=/workspaces/a -l devcontainer.local_folder=$HERE --name dev \
      --entrypoint /bin/sh busybox -c 'sleep 600' >/dev/null; docker exec -i dev sh -c 'cd /workspaces/a && pwd'
    docker ps -a --filter label=devcontainer.local_folder=$HERE --format '{{.Names}}'; docker inspect -f '{{.State.Status}}' dev
    docker exec -i --privileged dev true 2>/dev/null || echo refused; docker stop -t 0 dev; docker rm dev; docker ps -aq]],
    "/workspaces/a\ndev\nrunning\nrefused\ndev\ndev\n" },
  { "Komodo runs, renames and removes, and shows no environment",
    function() return { "-policy=komodo", "-komodoexec" } end,
    [[docker run -d --name kd -e PASSWORD=x -p 127.0.0.1::80 --restart always busybox sleep 600 >/dev/null; docker exec kd echo in
    docker pause kd; docker unpause kd; docker rename kd kd2; docker inspect -f '{{.Config.Env}}' kd2; docker rm -f kd2
    docker run --rm --privileged busybox echo no 2>/dev/null; docker system df >/dev/null && echo df
    docker system prune -f 2>/dev/null || echo refused]], "in\nkd\nkd\n[]\nkd2\ndf\nrefused\n" },
}

local stack = [[cat >$HERE/docker-compose.yml <<'END'
version: "3"
services:
  a:
    {image: busybox, command: sleep 600, restart: unless-stopped, ports: ["127.0.0.1::80"], volumes: ["./data:/d", "kept:/k"]}
  b: {image: busybox, command: sleep 600, depends_on: [a], environment: {P: x}}
volumes: {kept: {}}
END
cd $HERE; for c in "up -d" "ps" "restart -t 0" "logs --tail 1" "stop -t 0" "down -v"; do
  docker-compose -p shop $c >/dev/null 2>$HERE/err && echo $c || cat $HERE/err; done]]

describe("through its policy", function()
  setup(function()
    if not engine.unavailable() then
      straight "docker run -d --name other busybox sleep 600"
    end
  end)
  teardown(function()
    if not engine.unavailable() then
      straight "docker rm -f other"
    end
  end)

  for _, case in ipairs(cases) do
    it(case[1], function()
      local result = through(case[2], case[3])
      assert.equal(case[4], result.stdout, result.about)
    end)
  end

  local it_with_compose = has_compose and it or pending
  it_with_compose("Dockge brings a stack up and down", function()
    local result = through(function(here) return { "-policy=dockge", "-dockgestacks=" .. here } end, stack)
    assert.equal("up -d\nps\nrestart -t 0\nlogs --tail 1\nstop -t 0\ndown -v\n", result.stdout, result.about)
  end)

  it("swarm-cronjob's updates scale and force, and change nothing else", function()
    straight "docker swarm init --advertise-addr 127.0.0.1"
    finally(function()
      straight "docker swarm leave -f; docker network rm docker_gwbridge || true"
    end)
    straight("docker service create -d --name job --label swarm.cronjob.enable=true --replicas 0 -e A=b --no-resolve-image"
      .. " --mount type=bind,source=/srv,target=/d busybox true")
    straight "docker service create -d --name svc --replicas 0 --no-resolve-image busybox true"
    local result = through(function() return { "-policy=swarm-cronjob" } end,
      [[docker service ls --format '{{.Name}}'; u="docker service update -d --no-resolve-image"; $u --force job
      docker service scale -d job=1; for o in "--env-add X=1" "--mount-add type=bind,source=/,target=/r" "--image other"; do
        $u $o job 2>&1 | grep -o 'it would change TaskTemplate.ContainerSpec.[A-Z][a-z]*'; done
      docker service scale -d svc=1 2>/dev/null; docker service rm job 2>/dev/null; echo end]])
    local change = "it would change TaskTemplate.ContainerSpec."
    assert.equal("job\njob\njob scaled to 1\n" .. change .. "Env\n" .. change .. "Mounts\n" .. change .. "Image\nend\n",
      result.stdout, result.about)
  end)
end)
