--- The real engine of the specs: one private dockerd per run (see private-engine), with one image,
-- busybox; and one moonward in front of it that allows everything.
--
-- ENGINE names another than the installed one, which tools/engine unpacks: its dockerd is started then, and
-- `docker` is its client, wherever a spec says it.

local daemon = require "spec.support.daemon"
local folder = require "spec.support.folder"
local json = require "cjson"
local loop = require "spec.support.loop"
local process = require "spec.support.process"
local shared = require "spec.support.shared"
local sys = require "spec.support.sys"

local engine = {}

--- The suite of Debian that the engine is unpacked from; nil for the installed one.
engine.name = os.getenv "ENGINE" ~= "" and os.getenv "ENGINE" or nil

-- {place} of the unpacked one, or {why} it cannot be had.
local function unpacked()
  return shared.once("engine.unpacked", function()
    local result = process.run({ "tools/engine", engine.name }, { timeout = 600 })
    if result.code ~= 0 then
      return { why = result.stderr:match "([^\n]*)\n*$" }
    end
    local place = result.stdout:match "%S+"
    sys.setenv("PATH", place .. "/bin:" .. os.getenv "PATH")
    return { place = place }
  end)
end

local function why_not()
  if sys.uid() ~= 0 then
    return "needs root, to start a Docker Engine of its own"
  end
  if engine.name and unpacked().why then
    return unpacked().why
  end
  for _, program in ipairs({ "dockerd", "docker", "unshare", "busybox" }) do
    if process.run({ "sh", "-c", "command -v " .. program }).code ~= 0 then
      return "needs " .. program
    end
  end
end

--- Why there can be no engine here; nil when there can.
function engine.unavailable()
  return shared.once("engine.unavailable", function()
    return { why = why_not() }
  end).why
end

--- busted's 'it' where an engine can run; elsewhere the spec is pending and says why.
function engine.it(it, pending)
  local why = engine.unavailable()
  if not why then
    return it
  end
  return function(name)
    pending(name .. " (" .. why .. ")", function() end)
  end
end

-- A file system with busybox in it, as an image.
local busybox = [[
set -e
mkdir -p bin etc tmp root
cp "$(command -v busybox)" bin/busybox
for name in $(bin/busybox --list); do ln -s busybox "bin/$name" 2>/dev/null || :; done
echo 'root:x:0:0:root:/root:/bin/sh' >etc/passwd
tar -c . | docker import -c 'CMD ["sh"]' - busybox:latest >/dev/null
]]

--- Makes the image busybox, of which nothing has to be pulled.
---@param host string where docker finds the engine
function engine.import_busybox(host)
  process.shell("cd '" .. folder.new() .. "'\n" .. busybox, { env = { "DOCKER_HOST=" .. host } })
end

local function start()
  local self = { folder = folder.new() }
  process.shell("mkdir " .. self.folder .. "/config")
  if engine.name then
    local plugins = { unpacked().place .. "/plugins" }
    folder.write(self.folder .. "/config/config.json", json.encode { cliPluginsExtraDirs = plugins })
  end
  self.socket = self.folder .. "/docker.sock"
  self.straight = "unix://" .. self.socket
  self.process = process.start({ "spec/support/private-engine", self.folder },
    { open = true, env = { "PRIVATE_ENGINE_OPTIONS=" .. (os.getenv("PRIVATE_ENGINE_OPTIONS") or "") } })
  if not self.process:shows("up\n", 60) then
    error("no engine:\n" .. (folder.read(self.folder .. "/log") or "") .. self.process.stderr())
  end
  engine.import_busybox(self.straight)
  return self
end

local function stop(self)
  self.process:close_input()
  self.process:wait(20)
end

--- Another engine beside that of the run, for what changes all of one: {socket, straight}. Whoever starts it
-- stops it.
engine.start_another, engine.stop_another = start, stop

--- The engine of this run: {socket, straight}. Started when first asked for.
function engine.get()
  return shared.once("engine", start, stop)
end

-- What it says of itself: {Version, ApiVersion, ...}.
local function about()
  return shared.once("engine.about", function()
    return json.decode(process.shell("curl -s --unix-socket " .. engine.get().socket .. " http://d/version"))
  end)
end

--- Its version: "20.10.24+dfsg1".
---@return string
function engine.version() return about().Version end

--- The newest version of the API that it has: "1.41".
---@return string
function engine.api() return about().ApiVersion end

-- Commands to private-engine.
local function tell(command, answer)
  local self = engine.get()
  local _, before = self.process.stdout():gsub("\n", "")
  self.process:write(command .. "\n")
  return loop.until_true(function()
    local said = {}
    for line in self.process.stdout():gmatch("[^\n]+") do
      said[#said + 1] = line
    end
    return #said > before and said[#said] == answer
  end, 60)
end

--- Ends the engine with SIGKILL, as a crash would.
function engine.kill()
  assert(tell("kill", "down"), "the engine does not die")
end

--- Starts it again after kill().
function engine.start_again()
  assert(tell("start", "up"), "the engine does not come up again")
end

--- The moonward of this run in front of the engine, which allows everything.
function engine.proxy()
  return shared.once("engine.proxy", function()
    return daemon.start(daemon.flatten("-socketpath=" .. engine.get().socket, daemon.allow_all,
      "-maxconnections=2000", "-maxperclient=2000"))
  end, function(self) self:stop() end)
end

--- The ways to the engine: straight, and through moonward over TCP and a Unix socket.
function engine.ways()
  local proxy = engine.proxy()
  return {
    { name = "straight", host = engine.get().straight },
    { name = "tcp", host = proxy.tcp },
    { name = "unix", host = proxy.unix },
  }
end

--- Environment for a docker command that goes this way.
function engine.env(host, more)
  return daemon.flatten("DOCKER_HOST=" .. host, "DOCKER_BUILDKIT=0", "DOCKER_CLI_HINTS=false",
    "DOCKER_CONFIG=" .. engine.get().folder .. "/config", "n=" .. (more or "x"))
end

return engine
