-- docker run, exec and attach through moonward are what they are without it.

local compare = require "spec.support.compare"
local engine = require "spec.support.engine"
local folder = require "spec.support.folder"
local shared = require "spec.support.shared"

local it = engine.it(it, pending)

-- 48 MiB that do not compress.
local function big_file()
  return shared.once("big file", function()
    local path = folder.new() .. "/big"
    os.execute("head -c 50331648 /dev/urandom >" .. path)
    return path
  end)
end

local cases = {
  {
    "docker run keeps exit code, stdout and stderr apart",
    script = "docker run --rm busybox sh -c 'echo out; echo err >&2; exit 3'",
    code = 3, stdout = "out\n", stderr = "err\n",
  },
  {
    "docker run of a command that is not there",
    script = "docker run --rm busybox nothing-like-that 2>/dev/null",
    code = 127,
  },
  {
    "docker run -d prints an id",
    script = "docker run -d --rm busybox true",
    stdout = "ID\n",
  },
  {
    "docker run -i with a stdin that ends at once",
    script = "docker run -i --rm busybox sh -c 'cat; echo end; exit 4' </dev/null",
    code = 4, stdout = "end\n",
  },
  {
    "docker run -i: stdin ends early, output goes on",
    script = "echo hello | docker run -i --rm busybox sh -c 'cat; sleep 1; echo late; echo err >&2; exit 5'",
    code = 5, stdout = "hello\nlate\n", stderr = "err\n",
  },
  {
    "docker run -i: the program ends before its stdin",
    script = "(echo one; sleep 3) | docker run -i --rm busybox sh -c 'read x; echo $x; exit 6'",
    code = 6, stdout = "one\n",
  },
  {
    "docker run -i passes 48 MiB in and out",
    script = "docker run -i --rm busybox cat <BIG | cmp - BIG && echo same",
    stdout = "same\n", timeout = 120,
  },
  {
    "docker run -t has a terminal",
    script = "docker run -t --rm busybox sh -c '[ -t 1 ] && echo a terminal'",
    stdout = "a terminal\n",
  },
  {
    "docker run -it reads from a terminal of the client's size",
    script = "docker run -it --rm busybox sh -c 'sleep 1; stty size; read x; echo got $x; exit 7'",
    stdin = "hello\n", when = "24 80", terminal = true, code = 7, shows = "got hello",
  },
  {
    "docker run with a signal for the program inside",
    script = [[timeout --preserve-status -s INT 3 docker run --rm busybox \
      sh -c 'trap "echo caught; exit 9" INT; while :; do sleep 0.1; done']],
    code = 9, stdout = "caught\n",
  },
  {
    "docker exec keeps exit code, stdout and stderr apart",
    script = [[docker run -d --name $n busybox sleep 600 >/dev/null
      docker exec $n sh -c 'echo out; echo err >&2; exit 3'; code=$?; docker rm -f $n; exit $code]],
    code = 3, stdout = "out\nNAME\n", stderr = "err\n",
  },
  {
    "docker exec -i with a checksum over 8 MiB",
    script = [[docker run -d --name $n busybox sleep 600 >/dev/null
      head -c 8388608 BIG | docker exec -i $n sha256sum | cut -c1-64 >/tmp/$n
      test "$(cat /tmp/$n)" = "$(head -c 8388608 BIG | sha256sum | cut -c1-64)" && echo same
      docker rm -f $n; rm /tmp/$n]],
    stdout = "same\nNAME\n",
  },
  {
    "docker exec -it",
    script = [[docker run -d --name $n busybox sleep 600 >/dev/null
      docker exec -it $n sh -c 'sleep 1; [ -t 0 ] && stty size; read x; echo got $x; exit 8'; code=$?
      docker rm -f $n; exit $code]],
    stdin = "hello\n", when = "24 80", terminal = true, code = 8, shows = "got hello",
  },
  {
    "docker exec -d returns at once and does its work",
    script = [[docker run -d --name $n busybox sleep 600 >/dev/null
      docker exec -d $n sh -c 'sleep 1; echo done >/f'; echo $?
      until docker exec $n cat /f 2>/dev/null; do sleep 0.3; done; docker rm -f $n]],
    stdout = "0\ndone\nNAME\n",
  },
  {
    "docker exec in a container that is not there",
    script = "docker exec $n true",
    code = 1,
  },
  {
    -- The engine ends an attach when its stdin ends, so it stays open until the output is there.
    "docker attach with stdin",
    script = [[docker run -di --name $n busybox sh -c 'read x; echo got $x; sleep 1; exit 5' >/dev/null
      (echo hello; sleep 3) | docker attach $n; code=$?; docker rm -f $n; exit $code]],
    code = 5, stdout = "got hello\nNAME\n",
  },
  {
    "docker attach without stdin",
    script = [[docker run -d --name $n busybox sh -c 'sleep 2; echo out; echo err >&2; exit 6' >/dev/null
      docker attach --no-stdin $n; code=$?; docker rm -f $n; exit $code]],
    code = 6, stdout = "out\nNAME\n", stderr = "err\n",
  },
  {
    -- Over TCP docker's client waits for ever after its detach keys, without moonward too.
    "docker attach left by its detach keys", except = "tcp",
    -- What the container says before attach is there is not seen, so it goes on saying it.
    script = [[docker run -dit --name $n busybox sh -c 'while sleep 0.2; do echo "#"; done' >/dev/null
      docker attach --detach-keys q $n; code=$?; docker inspect -f '{{.State.Running}}' $n
      docker rm -f $n; exit $code]],
    stdin = "q", when = "#", terminal = true, redraws = "#\r\n", code = 1, shows = "true",
  },
}

describe("the same through moonward:", function()
  for _, case in ipairs(cases) do
    it(case[1], function()
      case.script = case.script:gsub("BIG", big_file())
      compare.check(case, assert)
    end)
  end
end)
