--- Streams that say nothing for a minute. They are begun with the first engine spec and looked at by
-- quiet_spec.lua, so that the minute costs nothing. QUIET_SECONDS is the time in seconds.

local engine = require "spec.support.engine"
local process = require "spec.support.process"
local shared = require "spec.support.shared"

local quiet = {}

quiet.seconds = tonumber(os.getenv("QUIET_SECONDS")) or 60

local container = "quiet"

quiet.streams = {
  { name = "docker logs -f", script = "docker logs -f quiet", shows = "first\nlast\n" },
  { name = "docker attach", script = "docker attach --no-stdin quiet", shows = "last\n", code = 3 },
  {
    name = "docker exec",
    script = ("docker exec quiet sh -c 'echo first; sleep %d; echo last; exit 4'"):format(quiet.seconds),
    shows = "first\nlast\n",
    code = 4,
  },
  {
    name = "docker exec -i",
    script = ("docker exec -i quiet sh -c 'cat; sleep %d; echo last; exit 5'"):format(quiet.seconds),
    stdin = "first\n",
    shows = "first\nlast\n",
    code = 5,
  },
  { name = "docker wait", script = "docker wait quiet", shows = "3\n" },
}

-- The container outlives the execs in it.
local body = ("echo first; sleep %d; echo last; exit 3"):format(quiet.seconds + 5)

local function begin()
  local all = {}
  process.shell(("docker run -d --name %s busybox sh -c '%s'"):format(container, body),
    { env = engine.env(engine.get().straight) })
  for _, way in ipairs(engine.ways()) do
    for _, stream in ipairs(quiet.streams) do
      all[way.name .. stream.name] = process.start({ "sh", "-c", stream.script },
        { env = engine.env(way.host), stdin = stream.stdin })
    end
  end
  return all
end

--- Starts all streams, once in a run.
function quiet.begin()
  return shared.once("quiet", begin)
end

return quiet
