--- A moonward with a recording upstream behind it, for specs that speak exact bytes.

local daemon = require "spec.support.daemon"
local folder = require "spec.support.folder"
local loop = require "spec.support.loop"
local message = require "spec.support.message"
local shared = require "spec.support.shared"
local stream = require "spec.support.stream"
local upstream = require "spec.support.upstream"

local front = {}
front.__index = front

--- One per name in a run; the options are those of the first call.
---@param name string
---@param words string[] more options for moonward
---@param options? table for daemon.start
function front.get(name, words, options)
  local held = shared.once("front." .. name, function() return front.start(words, options) end,
    function(self) self:stop() end)
  held.upstream:use()
  return setmetatable(held, front)
end

--- One of its own, to be stopped by the spec.
function front.start(words, options)
  local self = setmetatable({}, front)
  local path = folder.new() .. "/engine.sock"
  self.upstream = upstream.start(path)
  self.daemon = daemon.start(daemon.flatten("-socketpath=" .. path, words or daemon.allow_all), options)
  return self
end

function front:stop()
  local result = self.daemon:stop()
  self.upstream:stop()
  return result
end

function front:connect(address)
  return self.daemon:connect(address)
end

--- One request on a connection of its own; the response, or nil.
function front:ask(bytes, timeout)
  local conn = self:connect()
  local response = message.ask(conn, bytes, timeout or 5)
  conn:close()
  return response
end

--- A request with the lines that every request needs.
---@param line string "GET /_ping"
---@param headers? string[]
---@param body? string adds Content-Length
function front.request(line, headers, body)
  local lines = { line .. " HTTP/1.1", "Host: docker" }
  for _, header in ipairs(headers or {}) do
    lines[#lines + 1] = header
  end
  if body then
    lines[#lines + 1] = "Content-Length: " .. #body
  end
  return table.concat(lines, "\r\n") .. "\r\n\r\n" .. (body or "")
end

-- Bytes as they can be read in a message of a failed spec.
local function shown(bytes)
  return ("%q"):format(#bytes > 300 and bytes:sub(1, 300) .. "..." or bytes)
end

--- Asserts that these bytes are refused: the status, a JSON message, the connection closed, and
-- nothing of it at the upstream.
---@param self table
---@param bytes string
---@param status integer|integer[]
---@param assert table luassert
function front:refuses(bytes, status, assert)
  self.upstream:drop()
  local conn = self:connect()
  conn:send(bytes)
  local response = message.read_response(conn, 5)
  assert.is_truthy(response, "no answer to " .. shown(bytes))
  local about = ("to %s\nanswer: %s%s\nupstream saw: %s"):format(shown(bytes), response.head,
    shown(response.body), shown(self.upstream:seen()))
  assert.equal(status, response.status, about)
  assert.is_truthy(response.body:find('^{"message": ?"moonward: .+"}%s*$'), about)
  assert.is_true(conn:closes(5), "the connection stays open " .. about)
  conn:close()
  assert.equal("", self.upstream:seen(), about)
end

--- Asserts that these bytes reach the upstream as exactly one request, and gives what it saw of it.
---@param bytes string
---@param first string the request line it must see
---@param assert table luassert
function front:forwards(bytes, first, assert)
  self.upstream:drop()
  local response = self:ask(bytes)
  local about = ("to %s\nanswer: %s\nupstream saw: %s"):format(shown(bytes),
    response and response.head .. response.body or "none", shown(self.upstream:seen()))
  assert.equal(200, response and response.status, about)
  local seen = self.upstream:seen()
  assert.equal(first, seen:match("^(.-) HTTP/1%.1\r\n"), about)
  return seen
end

--- Waits until the upstream has a connection on which something came; that record.
function front:first_record(timeout)
  return loop.until_true(function()
    for _, record in ipairs(self.upstream.connections) do
      if #record.bytes > 0 then
        return record
      end
    end
  end, timeout or 5)
end

front.stream = stream

return front
