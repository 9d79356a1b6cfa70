-- Images, builds, networks, volumes, events and the engine itself, through moonward.

local compare = require "spec.support.compare"
local engine = require "spec.support.engine"

local it = engine.it(it, pending)

local cases = {
  { "docker version", script = "docker version", shows = "Server" },
  { "docker info", script = "docker info --format '{{.Driver}} {{.OSType}}'", shows = "linux" },
  {
    "docker images, tag, image inspect, history, rmi",
    script = [[docker tag busybox $n:one && docker images $n --format '{{.Repository}}:{{.Tag}}'
      docker image inspect -f '{{.Config.Cmd}}' $n:one; docker history -q $n:one | wc -l
      docker rmi $n:one; docker rmi $n:one]],
    code = 1, stdout = "NAME:one\n[sh]\n1\nUntagged: NAME:one\n",
  },
  {
    "docker save and load",
    script = [[docker tag busybox $n && docker save -o /tmp/$n $n && docker rmi $n >/dev/null
      docker load -i /tmp/$n; docker save $n | tar -t | grep -c manifest.json; docker rmi $n >/dev/null; rm /tmp/$n]],
    stdout = "Loaded image: NAME:latest\n1\n",
  },
  {
    "docker build with the classic builder",
    script = [[mkdir /tmp/$n && cd /tmp/$n && head -c 5000000 /dev/urandom >a
      printf 'FROM busybox\nARG who\nLABEL spec=%s\nCOPY a /a\nRUN echo $who >/who; wc -c </a\n' $n >Dockerfile
      docker build --no-cache --build-arg who=me -t $n . ; docker run --rm $n cat /who; docker rmi $n >/dev/null
      cd /; rm -r /tmp/$n]],
    shows = "5000000\n", timeout = 120,
  },
  {
    "docker build that fails",
    script = [[printf 'FROM busybox\nLABEL spec=%s\nRUN exit 3\n' $n | docker build - ]],
    code = 3, timeout = 120,
  },
  {
    "docker pull of what no registry has",
    script = "docker pull localhost:1/nothing",
    code = 1,
  },
  {
    "docker network create, connect, a name that resolves, disconnect, rm",
    script = [[docker network create $n; docker network ls --filter name=$n --format '{{.Name}} {{.Driver}}'
      docker run -d --name $n --network $n busybox sh -c 'echo hello >/index.html; httpd -f -h /' >/dev/null
      docker run --rm --network $n busybox sh -c "for i in 1 2 3 4 5; do wget -q -O - http://$n && break; sleep 1; done"
      docker create --name $n-2 busybox >/dev/null; docker network connect $n $n-2
      docker inspect -f '{{len .NetworkSettings.Networks}}' $n-2; docker network disconnect $n $n-2
      docker network rm $n; docker rm -f $n $n-2 >/dev/null; docker network rm $n]],
    shows = "ID\nNAME bridge\nhello\n2\n", timeout = 90,
  },
  {
    "docker volume create, ls, inspect, use, rm",
    script = [[docker volume create -d local -o type=tmpfs -o device=tmpfs $n; docker volume create $n-2
      docker volume ls -q --filter name=$n; docker volume inspect -f '{{.Name}} {{.Options}}' $n
      docker run --rm -v $n-2:/v busybox sh -c 'echo kept >/v/f'; docker run --rm -v $n-2:/v busybox cat /v/f
      docker volume rm $n $n-2]],
    stdout = "NAME\nNAME-2\nNAME\nNAME-2\nNAME map[device:tmpfs type:tmpfs]\nkept\nNAME\nNAME-2\n",
  },
  {
    "docker prune of containers, networks, volumes and images",
    script = [[docker run --label spec=$n busybox true; docker container prune -f --filter label=spec=$n
      docker network create --label spec=$n $n >/dev/null; docker network prune -f --filter label=spec=$n
      docker volume create --label spec=$n $n >/dev/null; docker volume prune -f --filter label=spec=$n
      docker image prune -f --filter label=spec=$n]],
    shows = "Deleted Containers:\nID\n", alone = true,
  },
  {
    "docker events of the past",
    script = [[docker run --rm --name $n busybox true; sleep 1
      docker events --since 10m --until 0s --filter container=$n --format '{{.Action}}' | sort]],
    stdout = "attach\ncreate\ndestroy\ndie\nstart\n",
  },
  {
    "docker events as they happen",
    script = [[timeout 4 docker events --filter container=$n --filter event=start --filter event=die \
        --format '{{.Actor.Attributes.name}} {{.Action}}' &
      sleep 1.5; docker run --rm --name $n busybox true; wait $!; echo $?]],
    stdout = "NAME start\nNAME die\n124\n",
  },
  {
    -- The engine measures one at a time, and refuses a second one meanwhile.
    "docker system df", alone = true,
    script = "docker system df --format '{{.Type}}'",
    stdout = "Images\nContainers\nLocal Volumes\nBuild Cache\n",
  },
}

describe("the same through moonward:", function()
  for _, case in ipairs(cases) do
    it(case[1], function() compare.check(case, assert) end)
  end
end)
