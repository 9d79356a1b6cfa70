--- A page whose blocks are followed as a reader would follow them.
--
-- A block that names a file, "```lua panel.lua", is that file from there on. In a "```console" block each line
-- that begins with "$ " is a command, and what follows is what it prints; "..." stands for any text.

local daemon = require "spec.support.daemon"
local folder = require "spec.support.folder"
local loop = require "spec.support.loop"
local process = require "spec.support.process"
local sys = require "spec.support.sys"

local tutorial = {}
tutorial.__index = tutorial

-- A command and what it is said to print.
local function add_commands(self, text, line)
  local current
  for one in (text .. "\n"):gmatch("(.-)\n") do
    local command = one:match("^%$ (.*)$")
    if command then
      current = { command = command, line = line, output = {} }
      self.steps[#self.steps + 1] = current
    elseif current then
      table.insert(current.output, one)
    end
    line = line + 1
  end
end

local function add_block(self, info, text, line)
  local language, name = info:match("^(%S+) ?(%S*)$")
  if language == "console" then
    add_commands(self, text, line)
  elseif name and name ~= "" then
    self.steps[#self.steps + 1] = { file = name, text = text .. "\n", line = line }
  elseif language then
    self.steps[#self.steps + 1] = { language = language, text = text, line = line }
  end
end

--- The steps of a page, in order: { file =, text = }, { command =, output = } or { language =, text = }; each
-- with its line.
---@param path string
function tutorial.read(path)
  local self = setmetatable({ path = path, steps = {} }, tutorial)
  local block, info, first
  local number = 0
  for line in io.lines(path) do
    number = number + 1
    local fence = line:match("^```(.*)$")
    if fence and block then
      add_block(self, info, table.concat(block, "\n"), first)
      block = nil
    elseif fence then
      block, info, first = {}, fence, number + 1
    elseif block then
      block[#block + 1] = line
    end
  end
  assert(not block, path .. ": a block is open at the end")
  return self
end

-- Following it -------------------------------------------------------------------------------------------

-- The first block of shell that holds a text.
local function shell_with(self, text)
  for _, step in ipairs(self.steps) do
    if step.language == "sh" and step.text:find(text, 1, true) then
      return step.text .. "\n"
    end
  end
  error(self.path .. ": no block with " .. text)
end

-- The library, installed as the page says.
local function install_rock(self)
  process.shell("(" .. shell_with(self, "luarocks --lua-version 5.4 make") .. ") >&2",
    { timeout = 300, env = self.environment })
end

-- The program as it is on a reader's PATH.
local function make_path(bin)
  process.shell("mkdir " .. bin)
  local here = process.shell("pwd"):gsub("\n", "")
  local binary = daemon.binary:find("^/") and daemon.binary or here .. "/" .. daemon.binary
  folder.write(bin .. "/moonward", ('#!/bin/sh\nexec %s "$@"\n'):format(binary))
  process.shell("chmod 755 " .. bin .. "/moonward")
  return "PATH=" .. bin .. ":" .. os.getenv("PATH")
end

--- Makes what a reader needs: an empty folder, a home with the rock, moonward on the PATH, and the recorded
-- engine.
function tutorial:open()
  local home = folder.new()
  self.place, self.socket, self.script = home .. "/policies", home .. "/engine.sock", home .. "/script"
  process.shell("mkdir " .. self.place)
  self.environment = {
    "HOME=" .. home, make_path(home .. "/bin"), "MOONWARD_UPSTREAM=unix://" .. self.socket, "LUA_PATH=;;", "LUA_CPATH=;;",
  }
  install_rock(self)
  self.prelude = shell_with(self, "luarocks --lua-version 5.4 path")
  self.engine = process.start { "tools/recorded-engine", self.socket }
  assert(loop.until_true(function() return sys.stat(self.socket) end, 30), self.engine.stderr())
  return self
end

function tutorial:close()
  for _, started in ipairs { self.daemon, self.engine } do
    started:kill("TERM")
    started:wait(10)
  end
end

-- Writes the files as they are when a reader comes to the nth step.
local function write_files(self, n)
  for i = 1, n do
    local step = self.steps[i]
    if step.file then
      folder.write(self.place .. "/" .. step.file, step.text)
    end
  end
end

-- In a shell that has begun as the page says.
local function bash(self, command, env)
  folder.write(self.script, self.prelude .. "cd " .. self.place .. "\n" .. command .. "\n")
  return process.start({ "bash", "-O", "expand_aliases", self.script },
    { env = daemon.flatten(self.environment, env or {}) })
end

--- Starts the daemon as the nth step says, at a port that is free.
function tutorial:serve(n)
  write_files(self, n)
  self.port = daemon.free_port()
  self.daemon = bash(self, "exec " .. self.steps[n].text, { "MOONWARD_LISTEN=tcp://127.0.0.1:" .. self.port })
  assert(self.daemon:shows("running and listening", 10), self.daemon.stdout() .. self.daemon.stderr())
end

--- Runs the command of the nth step; gives what it prints.
function tutorial:run(n)
  write_files(self, n)
  local command = self.steps[n].command
  if self.port then
    command = command:gsub("tcp://127%.0%.0%.1:2375", "tcp://127.0.0.1:" .. self.port)
  end
  local result = bash(self, command .. " 2>&1"):wait(30)
  -- Docker's client of 20.10, which Debian 12 has, says it in other words.
  return (result.stdout:gsub("^Error: (No such %a+: )", "Error response from daemon: %1"):gsub("%s+$", ""))
end

--- What is said to be printed as a pattern: "..." stands for any text.
---@param output string[] lines
function tutorial.pattern(output)
  local text = table.concat(output, "\n"):gsub("%s+$", ""):gsub("%p", "%%%0"):gsub("%%%.%%%.%%%.", ".-")
  return "^" .. text .. "$"
end

return tutorial
