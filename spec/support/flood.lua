--- A moonward between an engine that is faster than it and a client that only counts (flood.c), for
--- what filters cost. With ?how=only, redact or both in the request, its answer is filtered.

local daemon = require "spec.support.daemon"
local folder = require "spec.support.folder"
local loop = require "spec.support.loop"
local process = require "spec.support.process"

local flood = {}
flood.__index = flood

local policy = [[
local moonward = require "moonward"

local function shown(item)
  return item.labels.show ~= "no"
end

local paths = { "Mounts.*.Source", 'Labels["secret.*"]', 'Actor.Attributes["secret.*"]' }

return function(_, request)
  local how = request.query.how
  return moonward.allow {
    only = (how == "only" or how == "both") and shown or nil,
    redact = (how == "redact" or how == "both") and paths or nil,
  }
end
]]

function flood.start()
  local self = setmetatable({}, flood)
  local place = folder.new()
  local socket = place .. "/engine.sock"
  self.engine = process.start { "build/spec/flood", "serve", socket }
  loop.until_true(function() return process.run({ "test", "-S", socket }).code == 0 end, 5)
  self.daemon = daemon.start { "-socketpath=" .. socket, "-loglevel=WARN",
    "-policy=" .. folder.write(place .. "/measured.lua", policy) }
  self.port = self.daemon.tcp:match(":(%d+)$")
  self.worker = self.daemon:workers()[1]
  return self
end

function flood:stop()
  self.daemon:stop "KILL"
  self.engine:kill()
end

--- Asks for a path and counts what comes: bytes, seconds, seconds until the first KiB was there, and the
--- most memory that the worker had meanwhile, in KiB.
---@param path string
---@return { bytes: integer, seconds: number, first: number, peak: integer }
function flood:drain(path)
  folder.write(("/proc/%d/clear_refs"):format(self.worker), "5") -- forgets the peak so far
  local done = process.run({ "build/spec/flood", "drain", self.port, path }, { timeout = 600 })
  local bytes, seconds, first = done.stdout:match("^(%d+) ([%d.]+) ([%d.]+)")
  if not bytes then
    error(done.stderr .. self.daemon:log(), 2)
  end
  local status = folder.read(("/proc/%d/status"):format(self.worker))
  return {
    bytes = math.tointeger(tonumber(bytes)), seconds = tonumber(seconds), first = tonumber(first),
    peak = math.tointeger(tonumber(status:match("VmHWM:%s+(%d+)"))),
  }
end

return flood
