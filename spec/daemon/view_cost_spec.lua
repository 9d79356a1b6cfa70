-- What a view costs over an inspect, beside an `only` that looks at the same label: it asks the engine first and
-- judges what that says, and must not do everything twice. CPU time of the workers, in turns of some
-- milliseconds, of which the best count: what else the machine does hits but some of them.

local daemon = require "spec.support.daemon"
local folder = require "spec.support.folder"
local message = require "spec.support.message"
local stream = require "spec.support.stream"
local upstream = require "spec.support.upstream"

local AT_ONCE, LEAST_ROUNDS, ROUNDS, MOST = 20, 30, 100, 2.6

local function list(count, one)
  local items = {}
  for i = 1, count do
    items[i] = one:gsub("#", i)
  end
  return table.concat(items, ",")
end

-- 9 kB, with fifty labels and as many variables.
local inspected = ('{"Id":"%s","Name":"/web","State":{"Status":"running","Error":""},"HostConfig":{%s},'
  .. '"Config":{"Image":"nginx","Env":[%s],"Labels":{%s,"show":"yes"}},"NetworkSettings":{"Networks":{}}}\n'):format(
    ("ab"):rep(32), list(80, '"Setting#":{"Value":null,"Size":67108864}'),
    list(50, '"VARIABLE_NUMBER_#=/usr/local/share/thing-#"'), list(50, '"com.example.stack.part-#":"value number # of it"'))

local function policy(name, verdict)
  return folder.write(("%s/%s.lua"):format(folder.new(), name), ([[
local moonward = require "moonward"
local function shown(container) return container.labels.show == "yes" end
return function() return %s end
]]):format(verdict))
end

-- Nanoseconds that a worker has been on a CPU for so many requests.
local function spent(way)
  local function now()
    return tonumber(folder.read("/proc/" .. way.worker .. "/schedstat"):match "^%d+")
  end
  local before = now()
  way.conn:send(("GET /v1.41/containers/web/json HTTP/1.1\r\nHost: d\r\n\r\n"):rep(AT_ONCE))
  for _ = 1, AT_ONCE do
    local response = message.read_response(way.conn, 30)
    assert.is_true(response.body:find(inspected:sub(1, -2), 1, true) == 1, response.head)
  end
  return now() - before
end

it("a view over an inspect costs some times what an only does, and no more", function()
  local socket = folder.new() .. "/engine.sock"
  local engine = upstream.start(socket, upstream.answer_with(("HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\n"
    .. "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"):format(#inspected, inspected)))
  local only = { policy = policy("only", "moonward.allow { only = shown }"), best = math.huge }
  local view = { best = math.huge,
    policy = policy("view", "moonward.view { container = shown, image = true, network = true, volume = true }") }
  for _, way in ipairs { only, view } do
    way.daemon = daemon.start { "-socketpath=" .. socket, "-workers=1", "-loglevel=ERROR", "-policy=" .. way.policy }
    way.worker, way.conn = way.daemon:workers()[1], assert(stream.connect(way.daemon.unix))
    spent(way)
  end
  local rounds = 0
  repeat
    rounds = rounds + 1
    for _, way in ipairs { only, view } do
      way.best = math.min(way.best, spent(way))
    end
  until rounds == ROUNDS or rounds >= LEAST_ROUNDS and view.best < MOST * only.best
  for _, way in ipairs { only, view } do
    way.daemon:stop()
  end
  engine:stop()
  assert.is_true(view.best < MOST * only.best, ("%.0f us, and %.0f us with only"):format(
    view.best / AT_ONCE / 1000, only.best / AT_ONCE / 1000))
end)
