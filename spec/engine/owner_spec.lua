-- Two users of one proxy with the policy owner: each lives in a world of its own.

local daemon = require "spec.support.daemon"
local engine = require "spec.support.engine"
local process = require "spec.support.process"

local it = engine.it(it, pending)

local proxy

local function docker(uid, script, timeout)
  local env = engine.env(uid and proxy.unix or engine.get().straight)
  if uid then
    env = daemon.flatten(env, "DOCKER_CONFIG=/nonexistent", "HOME=/nonexistent")
  end
  local result = process.run({ "sh", "-c", script }, { env = env, uid = uid, timeout = timeout or 60 })
  return result.code, result.stdout .. result.stderr
end

local alice, bob = 4101, 4102

if not engine.unavailable() then
  setup(function()
    proxy = daemon.start { "-socketpath=" .. engine.get().socket, "-policy=owner", "-allowpower=restart-policy" }
    process.shell("chmod 666 " .. proxy.unix:sub(8) .. " && chmod 755 $(dirname " .. proxy.unix:sub(8) .. ")")
    docker(nil, [[docker run -d --name operators busybox sleep 1000
      docker volume create operators; docker network create operators]])
  end)
  teardown(function()
    docker(nil, [[docker rm -f operators $(docker ps -aq --filter label=moonward.owner); docker volume rm operators
      docker network rm operators; docker volume prune -f --filter label=moonward.owner
      docker network prune -f --filter label=moonward.owner; docker rmi -f hers his]])
    proxy:stop()
  end)
end

describe("two owners", function()
  -- who, what, exit code, what is shown (a pattern), what never is
  local steps = {
    { "alice runs a container", alice, "docker run -d --name hers busybox sleep 1000", 0, "^%x+\n$" },
    { "bob runs one, too", bob, "docker run -d --name his busybox sleep 1000", 0, "^%x+\n$" },
    { "alice sees hers", alice, "docker ps -a --format '{{.Names}}'", 0, "^hers\n$" },
    { "bob sees his", bob, "docker ps -a --format '{{.Names}}'", 0, "^his\n$" },
    { "the newest of alice's is hers", alice, "docker ps -l --format '{{.Names}}'", 0, "^hers\n$" },
    { "alice inspects hers", alice, "docker inspect -f '{{index .Config.Labels \"moonward.owner\"}}' hers", 0,
      "^uid:4101\n$" },
    { "alice's is stamped, whatever she says", alice,
      "docker run --rm --label moonward.owner=uid:4102 busybox true && docker run -d --name second --label "
        .. "moonward.owner=uid:4102 busybox sleep 100 && docker inspect -f '{{.Config.Labels}}' second", 0,
      "map%[moonward.owner:uid:4101%]" },
    { "alice executes in hers", alice, "docker exec hers echo in", 0, "^in\n$" },
    { "alice reads logs of hers", alice, "docker logs hers && docker top hers && docker stats --no-stream hers", 0, "sleep" },
    { "alice copies into and out of hers", alice, "echo text >/tmp/f.$$ && docker cp /tmp/f.$$ hers:/f && "
      .. "docker cp hers:/f - | tar -xO", 0, "text" },
    { "alice stops and starts hers", alice, "docker stop -t 0 hers && docker start hers && docker restart -t 0 hers", 0,
      "hers\nhers\nhers" },
    { "alice commits hers", alice, "docker commit hers hers && docker run --rm hers true && docker images -q hers", 0, "%x+" },
    { "alice builds", alice, "printf 'FROM scratch\\nLABEL x=y\\n' | docker build -t built - && "
      .. "docker inspect -f '{{index .Config.Labels \"moonward.owner\"}}' built", 0, "uid:4101\n" },
    { "alice creates and uses a volume", alice, "docker volume create hers && docker run --rm -v hers:/v busybox "
      .. "sh -c 'echo x >/v/f; cat /v/f' && docker volume ls -q", 0, "^hers\nx\nhers\n$" },
    { "alice creates and uses a network", alice, "docker network create hers && docker run --rm --network hers "
      .. "busybox true && docker network connect hers hers && docker network inspect -f '{{len .Containers}}' hers",
      0, "\n1\n$" },
    { "alice joins hers", alice, "docker run --rm --network container:hers --pid container:hers busybox ps | grep -c sleep", 0,
      "^%d" },
    { "alice counts hers", alice, "docker info -f '{{.Containers}}'; docker system df --format '{{.Type}} {{.TotalCount}}'",
      0, "^2\nImages %d+\nContainers 2\nLocal Volumes 1\n" },

    { "bob does not see alice's image", bob, "docker images -q hers", 0, "^$" },
    { "bob cannot run alice's image", bob, "docker run --rm --pull never hers true", 125, "No such image" },
    { "bob cannot build on alice's image", bob, "printf 'FROM hers\\n' | docker build - ", 1, "hers is not there" },
    { "bob cannot copy out of alice's image", bob, "printf 'FROM scratch\\nCOPY --from=hers /etc /etc\\n' | docker build -", 1,
      "hers is not there" },
    { "bob does not see alice's volume", bob, "docker volume ls -q", 0, "^$" },
    { "bob cannot use alice's volume", bob, "docker run --rm -v hers:/v busybox true", 125, "no such volume" },
    { "bob cannot take alice's volume's name", bob, "docker volume create hers", 1, "is taken" },
    { "bob does not see alice's network", bob, "docker network ls --format '{{.Name}}' | sort", 0, "^bridge\nhost\nnone\n$" },
    { "bob cannot join alice's network", bob, "docker run --rm --network hers busybox true", 125, "hers not found" },
    { "bob cannot inspect hers", bob, "docker inspect hers", 1, "No such object: hers" },
    { "bob cannot inspect the operator's", bob, "docker inspect operators", 1, "No such object: operators" },
    { "bob cannot stop hers", bob, "docker stop -t 0 hers", 1, "No such container: hers" },
    { "bob cannot remove hers", bob, "docker rm -f hers", 0, "No such container: hers" },
    { "bob cannot execute in hers", bob, "docker exec hers true", 1, "No such container: hers" },
    { "bob cannot read logs of hers", bob, "docker logs hers", 1, "No such container: hers" },
    { "bob cannot copy from hers", bob, "docker cp hers:/etc/passwd -", 1, "No such container:.* hers" },
    { "bob cannot commit hers", bob, "docker commit hers", 1, "No such container: hers" },
    { "bob cannot rename his to hers", bob, "docker rename his hers", 1, "is already in use%." },
    { "bob cannot join hers", bob, "docker run --rm --pull never --network container:hers busybox true", 125,
      "No such container: hers" },
    { "bob cannot take volumes from hers", bob, "docker run --rm --pull never --volumes-from hers busybox true", 125,
      "No such container: hers" },
    { "bob cannot be the host", bob, "docker run --rm --privileged busybox true; docker run --rm -v /:/h busybox true; "
      .. "docker run --rm --pid host busybox true", 125, "privileged.*bind.*host%-namespace" },
    { "bob counts his", bob, "docker info -f '{{.Containers}} {{.ContainersRunning}}'", 0, "^1 1\n$" },
    { "bob cannot remove what is shared", bob, "docker rmi busybox", 1, "shared" },
    { "bob prunes his own", bob, "docker rm -f his && docker container prune -f && docker volume prune -f && "
      .. "docker network prune -f", 0, "his" },
    { "what alice has is still there", alice, "docker ps -q | wc -l; docker volume ls -q; docker images -q built | wc -l", 0,
      "^2\nhers\n1\n$" },
    { "what the operator has is still there", nil, "docker inspect -f '{{.State.Running}}' operators hers && "
      .. "docker volume inspect -f '{{.Name}}' operators && docker network inspect -f '{{.Name}}' operators", 0,
      "^true\ntrue\noperators\noperators\n$" },
  }
  for _, step in ipairs(steps) do
    it(step[1], function()
      local code, shown = docker(step[2], step[3])
      assert.is_truthy(shown:find(step[5]), shown)
      assert.equal(step[4], code, shown)
    end)
  end

  it("see only events of their own", function()
    local code, shown = docker(bob, [[timeout 4 docker events --format '{{.Type}} {{.Action}} {{.Actor.Attributes.name}}' &
      sleep 1; docker run --rm --name bobs busybox true; wait]])
    assert.equal(0, code, shown)
    assert.is_truthy(shown:find("container start bobs", 1, true), shown)
    local other = process.start({ "sh", "-c", "timeout 4 docker events; true" },
      { env = daemon.flatten(engine.env(proxy.unix), "DOCKER_CONFIG=/nonexistent"), uid = bob })
    process.run({ "sleep", "1" })
    docker(alice, "docker run --rm --name alices busybox true")
    assert.equal("", other:wait(10).stdout)
  end)
end)
