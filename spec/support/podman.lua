--- Podman's service, one per run (see private-podman), with one image, busybox: what docker commands and moonward
-- take for a Docker Engine.

local engine = require "spec.support.engine"
local folder = require "spec.support.folder"
local process = require "spec.support.process"
local shared = require "spec.support.shared"
local sys = require "spec.support.sys"

local podman = {}

--- Why there can be none here; nil when there can.
function podman.unavailable()
  if sys.uid() ~= 0 then
    return "needs root, to start a podman of its own"
  elseif process.run({ "sh", "-c", "command -v podman && command -v docker && command -v busybox" }).code ~= 0 then
    return "needs podman, docker and busybox"
  end
end

local function start()
  local self = { folder = folder.new() }
  self.socket = self.folder .. "/docker.sock"
  self.straight = "unix://" .. self.socket
  self.process = process.start({ "spec/support/private-podman", self.folder }, { open = true })
  if not self.process:shows("up\n", 60) then
    error("no podman:\n" .. (folder.read(self.folder .. "/log") or "") .. self.process.stderr())
  end
  engine.import_busybox(self.straight)
  return self
end

local function stop(self)
  self.process:close_input()
  self.process:wait(20)
end

--- The podman of this run: {socket, straight, folder, process}. Started when first asked for.
function podman.get()
  return shared.once("podman", start, stop)
end

--- Environment for a docker command that goes this way.
function podman.env(host)
  return { "DOCKER_HOST=" .. host, "DOCKER_BUILDKIT=0", "DOCKER_CLI_HINTS=false", "DOCKER_CONFIG=" .. podman.get().folder }
end

return podman
