--- Two users of one moonward with the policy owner, as raw requests: a and b own what they create, and the
--- operator asks the engine itself. Requests go through curl, since a user is known by the process that asks.

local daemon = require "spec.support.daemon"
local engine = require "spec.support.engine"
local json = require "cjson"
local process = require "spec.support.process"

local owners = {}
owners.__index = owners

local uids = { a = 4101, b = 4102 }

--- The owners' label, as moonward stamps it.
owners.stamp = { a = "uid:4101", b = "uid:4102" }

--- A moonward of their own in front of the spec's engine.
---@param options? string[]
---@param how? table as of daemon.start; and `policy`, instead of "owner", and `engine`, the socket of what is
--- before the engine
function owners.start(options, how)
  how = how or {}
  local self = setmetatable({}, owners)
  self.proxy = daemon.start(daemon.flatten("-socketpath=" .. (how.engine or engine.get().socket),
    "-policy=" .. (how.policy or "owner"), options or {}), how)
  self.socket = self.proxy.unix:sub(8)
  process.shell("chmod 666 " .. self.socket .. " && chmod 755 $(dirname " .. self.socket .. ")")
  return self
end

function owners:stop()
  return self.proxy:stop()
end

local function command(self, who, line, body, more)
  local method, path = line:match("^(%u+) (.+)$")
  local version = path:match("^/v%d") and "" or "/v" .. engine.api()
  local words = {
    "curl", "-s", "-g", "-i", "-X", method, "--max-time", "60", "--unix-socket",
    who == "operator" and engine.get().socket or self.socket, "http://d" .. version .. path,
  }
  if type(body) == "table" then
    words = daemon.flatten(words, "-H", "Content-Type: application/json", "-d", json.encode(body))
  elseif body then
    words = daemon.flatten(words, "-H", "Content-Type: application/json", "--data-binary", body)
  end
  return daemon.flatten(words, more or {}), { uid = uids[who] }
end

local function read(text)
  local head, body = text:match("^(.-)\r\n\r\n(.*)$")
  while head and head:find("^HTTP/1.1 100") do
    head, body = body:match("^(.-)\r\n\r\n(.*)$")
  end
  if not head then
    return 0, "", ""
  end
  local fine, said = pcall(json.decode, body)
  return math.tointeger(tonumber(head:match("^HTTP/1.1 (%d+)"))), fine and said or body, head
end

--- Asks: the status, what the answer says (decoded where it is JSON), and its head.
---@param who "a"|"b"|"operator"
---@param line string "POST /networks/x/connect", with a version or in the engine's newest
---@param body? table|string
---@param more? string[] further words for curl
function owners:ask(who, line, body, more)
  local words, options = command(self, who, line, body, more)
  return read(process.run(words, options).stdout)
end

--- The same, and it must work out; gives what the answer says.
function owners:must(who, line, body, more)
  local status, said = self:ask(who, line, body, more)
  if status < 200 or status >= 300 then
    error(("%s: %s: %d %s"):format(who, line, status, type(said) == "table" and said.message or tostring(said)), 2)
  end
  return said
end

-- Of curl's own configuration.
local function quoted(text)
  return '"' .. text:gsub("[\\\"]", "\\%0"):gsub("\n", "\\n") .. '"'
end

--- Asks many things by one curl, one after the other: the answers as they came, head and body.
---@param who "a"|"b"|"operator"
---@param list { method: string, path: string, body?: string, type?: string, headers?: string[], file?: string }[]
--- paths with their versions; 'file' is a body that lies in a file
---@return string[]
function owners:batch(who, list)
  local socket, lines = who == "operator" and engine.get().socket or self.socket, {}
  for i, one in ipairs(list) do
    local function add(name, value)
      lines[#lines + 1] = value and name .. " = " .. quoted(value) or name
    end
    if i > 1 then
      add "next"
    end
    add("url", "http://d" .. one.path)
    add("unix-socket", socket)
    add "globoff"
    add "path-as-is"
    add "silent"
    add "include"
    add("max-time", "10")
    add("write-out", "\n--- answered ---\n")
    if one.method == "HEAD" then
      add "head"
    else
      add("request", one.method)
    end
    if one.body or one.file then
      add("header", "Content-Type: " .. (one.type or "application/json"))
      add("data-binary", one.file and "@" .. one.file or one.body)
    end
    for _, header in ipairs(one.headers or {}) do
      add("header", header)
    end
  end
  local result = process.run({ "curl", "-q", "-K", "-" }, {
    uid = uids[who], stdin = table.concat(lines, "\n") .. "\n", timeout = 120,
  })
  local answers = {}
  for answer in result.stdout:gmatch "(.-)\n%-%-%- answered %-%-%-\n" do
    answers[#answers + 1] = answer
  end
  assert(#answers == #list, result.stdout .. result.stderr)
  return answers
end

--- A request whose body is written by and by: the process, with write() and close_input(). Its answer is
--- read with owners.answer().
function owners:open(who, line, more)
  local words, options = command(self, who, line, nil, daemon.flatten("-T", "-", "-H", "Expect:", more or {}))
  options.open = true
  return process.start(words, options)
end

--- Begins to ask, and does not wait: the process.
---@param who "a"|"b"|"operator"
---@param line string
---@param more? string[]
function owners:begin(who, line, more)
  local words, options = command(self, who, line, nil, more)
  return process.start(words, options)
end

--- What an opened request was answered, when its body is complete.
function owners.answer(opened)
  opened:close_input()
  return read(opened:wait(60).stdout)
end

return owners
