--- Runs HAProxy with rules that a spec has, in front of an engine's socket.

local daemon = require "spec.support.daemon"
local folder = require "spec.support.folder"
local loop = require "spec.support.loop"
local ordered_rules = require "spec.support.ordered_rules"
local process = require "spec.support.process"
local stream = require "spec.support.stream"

local haproxy = {}
haproxy.__index = haproxy

local template = [[
global
  maxconn 100
defaults
  mode http
  timeout connect 5s
  timeout client 5s
  timeout server 5s
backend engine
  server engine unix@%s
frontend front
  bind unix@%s
%s
  http-request deny
  default_backend engine
]]

--- Starts it and waits until it listens.
---@param rules table[] see ordered_rules.lua
---@param engine string path of the engine's socket
---@param env string[] "CONTAINERS=1"
function haproxy.start(rules, engine, env)
  local place = folder.new()
  local path = place .. "/front.sock"
  local text = template:format(engine, path, ordered_rules.haproxy(rules))
  local config = folder.write(place .. "/haproxy.cfg", text)
  local self = setmetatable({ address = "unix://" .. path }, haproxy)
  self.process = process.start(daemon.flatten("env", "PATH=" .. os.getenv("PATH") .. ":/usr/sbin", "haproxy", "-db",
    "-f", config), { env = env })
  local up = loop.until_true(function() return self:answers() or self.process:ended() end, 10)
  if not up or self.process:ended() then
    error("haproxy does not listen:\n" .. self.process.stderr() .. text, 2)
  end
  return self
end

function haproxy:answers()
  local conn = stream.connect(self.address)
  if conn then
    conn:close()
  end
  return conn and true
end

function haproxy:stop()
  self.process:kill("KILL")
  return self.process:wait(5)
end

return haproxy
