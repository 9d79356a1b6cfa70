-- What docker says about containers, and does with them, through moonward.

local compare = require "spec.support.compare"
local engine = require "spec.support.engine"

local it = engine.it(it, pending)

local cases = {
  {
    "docker ps, ps -a with a filter, inspect",
    script = [[docker run -d --name $n -l spec=$n busybox sleep 600 >/dev/null
      docker ps --filter label=spec=$n --format '{{.Names}} {{.Image}} {{.State}}'
      docker ps -a --no-trunc --filter name=^/$n\$ --format '{{.ID}} {{.Command}}'
      docker inspect -f '{{.Name}} {{.Config.Labels}} {{.State.Status}}' $n; docker rm -f $n]],
    stdout = "NAME busybox running\nID \"sleep 600\"\n/NAME map[spec:NAME] running\nNAME\n",
  },
  {
    "docker create, start, stop, restart, kill, rm",
    script = [[docker create --name $n busybox sh -c 'trap "exit 0" TERM; while :; do sleep 0.1; done'
      docker start $n && docker restart -t 5 $n && docker stop -t 5 $n && docker start $n
      docker kill -s KILL $n; docker inspect -f '{{.State.ExitCode}}' $n; docker rm $n]],
    stdout = "ID\nNAME\nNAME\nNAME\nNAME\nNAME\n137\nNAME\n",
  },
  {
    "docker start -a with the output of the whole run",
    script = [[docker create --name $n busybox sh -c 'echo out; echo err >&2; exit 9' >/dev/null
      docker start -a $n; code=$?; docker rm $n; exit $code]],
    code = 9, stdout = "out\nNAME\n", stderr = "err\n",
  },
  {
    "docker logs, stdout and stderr apart",
    script = [[docker run --name $n busybox sh -c 'seq 5; echo err >&2' >/dev/null 2>&1
      docker logs $n; docker logs --tail 2 $n 2>&1 | wc -l; docker rm $n]],
    stdout = "1\n2\n3\n4\n5\n2\nNAME\n", stderr = "err\n",
  },
  {
    "docker logs of 200,000 lines",
    script = [[docker run --name $n busybox seq 200000 >/dev/null
      docker logs $n | sha256sum; seq 200000 | sha256sum; docker rm $n]],
    stdout = "ID  -\nID  -\nNAME\n", timeout = 90,
  },
  {
    "docker logs -f until the container ends",
    script = [[docker run -d --name $n busybox sh -c 'for i in 1 2 3; do echo $i; sleep 0.5; done' >/dev/null
      docker logs -f $n; docker rm $n]],
    stdout = "1\n2\n3\nNAME\n",
  },
  {
    "docker wait",
    script = [[docker run -d --name $n busybox sh -c 'sleep 2; exit 11' >/dev/null
      docker wait $n; docker rm $n]],
    stdout = "11\nNAME\n",
  },
  {
    "docker stats",
    script = [[docker run -d --name $n busybox sleep 600 >/dev/null
      docker stats --no-stream --format '{{.Name}} {{.PIDs}}' $n; docker rm -f $n]],
    stdout = "NAME 1\nNAME\n",
  },
  {
    "docker pause and unpause",
    script = [[docker run -d --name $n busybox sleep 600 >/dev/null
      docker pause $n; docker inspect -f '{{.State.Paused}}' $n; docker exec $n true
      docker unpause $n; docker inspect -f '{{.State.Paused}}' $n; docker rm -f $n]],
    shows = "NAME\ntrue\n",
  },
  {
    "docker update and rename",
    script = [[docker run -d --name $n busybox sleep 600 >/dev/null
      docker update --restart on-failure:3 $n; docker rename $n $n-new; docker rename $n-new $n
      docker inspect -f '{{.HostConfig.RestartPolicy}} {{.Name}}' $n; docker rm -f $n]],
    stdout = "NAME\n{on-failure 3} /NAME\nNAME\n",
  },
  {
    "docker top, diff and port",
    script = [[docker run -d --name $n -p 127.0.0.1::80 busybox sh -c 'echo >/new; sleep 600 & wait' >/dev/null
      sleep 1; docker top $n -o pid,comm | awk '{print $2}'; docker diff $n
      docker port $n | sed 's/:[0-9]*$/:PORT/'; docker rm -f $n]],
    stdout = "COMMAND\nsh\nsleep\nA /new\n80/tcp -> 127.0.0.1:PORT\nNAME\n",
  },
  {
    "docker cp of a file into a container and out of it",
    script = [[docker create --name $n busybox >/dev/null
      head -c 3000000 /dev/urandom >/tmp/$n; docker cp -q /tmp/$n $n:/f 2>/dev/null || docker cp /tmp/$n $n:/f
      docker cp $n:/f - | tar -xOf - | cmp - /tmp/$n && echo same
      tar -C /tmp -cf - $n | docker cp - $n:/root; docker cp $n:/root/$n - | tar -tf -
      docker cp $n:/nothing - ; echo $?; rm /tmp/$n; docker rm $n >/dev/null]],
    shows = "same\nNAME\n1\n",
  },
  {
    "docker export and import, commit",
    script = [[docker run --name $n busybox sh -c 'echo kept >/f' && docker export $n | docker import - $n:imported
      docker run --rm $n:imported cat /f; docker commit -m message $n $n:committed
      docker run --rm $n:committed cat /f; docker rm $n; docker rmi $n:imported $n:committed >/dev/null]],
    stdout = "sha256:ID\nkept\nsha256:ID\nkept\nNAME\n",
  },
}

describe("the same through moonward:", function()
  for _, case in ipairs(cases) do
    it(case[1], function() compare.check(case, assert) end)
  end
end)
