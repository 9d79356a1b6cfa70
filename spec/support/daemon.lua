--- Starts moonward for a spec, with options, and ends it.
-- MOONWARD names another binary than build/release/moonward (build/asan/moonward, for one).

local folder = require "spec.support.folder"
local loop = require "spec.support.loop"
local process = require "spec.support.process"
local stream = require "spec.support.stream"
local sys = require "spec.support.sys"

local daemon = {}
daemon.__index = daemon

daemon.binary = os.getenv("MOONWARD") or "build/release/moonward"

--- How much more memory than the release this binary may take: AddressSanitizer keeps what is freed.
daemon.memory_factor = daemon.binary:find("asan", 1, true) and 16 or 1

-- For a daemon whose memory is measured: AddressSanitizer else keeps 256 MiB of what was freed.
daemon.measured = { "ASAN_OPTIONS=quarantine_size_mb=8" }

--- A policy that allows everything, so that what is refused is refused by the core.
daemon.allow_all = {
  "-allowGET=(?s).*", "-allowHEAD=(?s).*", "-allowPOST=(?s).*", "-allowPUT=(?s).*",
  "-allowDELETE=(?s).*", "-allowOPTIONS=(?s).*", "-allowPATCH=(?s).*",
}

--- A TCP port that was free a moment ago.
function daemon.free_port(host)
  local fd, port = sys.listen_tcp(host or "127.0.0.1", "0")
  sys.close(fd)
  return port
end

-- Several lists and words as one list.
local function flatten(...)
  local all = {}
  for _, part in ipairs({ ... }) do
    for _, word in ipairs(type(part) == "table" and part or { part }) do
      all[#all + 1] = word
    end
  end
  return all
end
daemon.flatten = flatten

--- Runs a command of moonward to its end: {code, stdout, stderr}.
function daemon.run(words, options)
  return process.run(flatten(daemon.binary, words), options)
end

-- Where it listens when a spec does not care.
local function usual_listeners(self)
  self.tcp = "tcp://127.0.0.1:" .. daemon.free_port()
  self.unix = "unix://" .. folder.new() .. "/moonward.sock"
  return { "-listen=" .. self.tcp, "-listen=" .. self.unix }
end

--- Starts the daemon and waits until it listens. Without 'await' or 'listen', it gets a TCP and a
-- Unix listener of its own (.tcp and .unix).
---@param words string[] the options
-- 'prefix' are words in front of the program's name, which become the program.
---@param options? {listen: boolean, await: string, workers: integer, env: string[], files: integer, uid: integer,
--- prefix: string[]}
function daemon.start(words, options)
  options = options or {}
  local self = setmetatable({}, daemon)
  local listeners = options.listen == false and {} or usual_listeners(self)
  self.process = process.start(flatten(options.prefix or {}, daemon.binary, listeners, words),
    { env = options.env, files = options.files, uid = options.uid })
  self.pid = self.process.pid
  for _, address in ipairs({ options.await or self.unix, self.tcp }) do
    local up = loop.until_true(function() return self:answers(address) or self.process:ended() end, 10)
    if not up or self.process:ended() then
      error(("moonward does not listen at %s:\n%s"):format(address, self:log()), 2)
    end
  end
  -- The sockets are open before the workers run.
  loop.until_true(function() return #self:workers() >= (options.workers or 1) end, 5)
  return self
end

--- Whether something listens there.
function daemon:answers(address)
  local conn = not self.process:ended() and stream.connect(address)
  if conn then
    conn:close()
  end
  return conn and true
end

--- Everything it has written so far.
function daemon:log()
  return self.process.stdout() .. self.process.stderr()
end

--- Waits for a line of the log that holds all these texts; gives the line, or nil.
function daemon:logs(texts, timeout)
  texts = type(texts) == "table" and texts or { texts }
  return loop.until_true(function()
    for line in self:log():gmatch("[^\n]+") do
      local all = true
      for _, text in ipairs(texts) do
        all = all and line:find(text, 1, true)
      end
      if all then
        return line
      end
    end
  end, timeout or 3)
end

--- A new connection to it.
function daemon:connect(address)
  return assert(stream.connect(address or self.tcp or self.unix))
end

--- Its workers' process ids.
function daemon:workers()
  local list = folder.read(("/proc/%d/task/%d/children"):format(self.pid, self.pid)) or ""
  local pids = {}
  for pid in list:gmatch("%d+") do
    pids[#pids + 1] = math.tointeger(tonumber(pid))
  end
  return pids
end

--- Kibibytes of memory that its workers hold.
function daemon:rss()
  local sum = 0
  for _, pid in ipairs(self:workers()) do
    local status = folder.read(("/proc/%d/status"):format(pid)) or ""
    sum = sum + tonumber(status:match("VmRSS:%s*(%d+)") or 0)
  end
  return sum
end

--- Open descriptors of its workers.
function daemon:descriptors()
  local count = 0
  for _, pid in ipairs(self:workers()) do
    local names = process.shell(("ls /proc/%d/fd"):format(pid))
    count = count + select(2, names:gsub("%d+", ""))
  end
  return count
end

function daemon:signal(name)
  self.process:kill(name)
end

--- Ends it; gives its exit code and the rest of its output.
function daemon:stop(signal, timeout)
  self:signal(signal or "TERM")
  return self.process:wait(timeout or 15)
end

return daemon
