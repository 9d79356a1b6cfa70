--- A client that never connected, as the options of a command paint it: -from, -listener, -label, -container.
local core = require "moonward.core"
local setups = require "moonward.command.setups"

local client = {}

local MOST_LABELS = 64

local function complain(format, ...)
  setups.stop(2, string.format(format, ...))
end

--- The listener of that name; "": the first.
---@param setup table
---@param name string
---@return table
function client.listener(setup, name)
  for _, listener in ipairs(setup.listeners) do
    if name == "" or listener.name == name then
      return listener
    end
  end
  complain('-listener: no listener is called "%.99s"; the first one is "%s"', name, setup.listeners[1].name)
end

-- A list of { key, value }; nil if there is none.
local function read_labels(texts)
  if #texts > MOST_LABELS then
    complain("-label: at most %d labels", MOST_LABELS)
  end
  local labels = {}
  for i, text in ipairs(texts) do
    local key, value = string.match(text, "^([^=]+)=(.*)$")
    labels[i] = key and { key = key, value = value }
      or complain('-label: expected name=value, got "%.99s"', text)
  end
  return labels[1] and labels or nil
end

-- The engine's answer about the container; nil: none was named.
local function ask_container(tools, n, name, labels)
  if name == "" then
    return nil
  elseif labels then
    complain "-container has labels of its own; leave out -label"
  elseif not string.find(name, "^[%w_-][%w_.-]*$") or #name > 255 then
    -- Nothing that a path could be read in another way for.
    complain('-container: expected a name or an id, got "%.99s"', name)
  end
  local status, body, code = tools.ask(n, "/containers/" .. name .. "/json")
  if not status then
    setups.stop(code, body)
  elseif status ~= 200 then
    complain('-container: the engine answers %d when asked for "%.99s": %.99s', status, name,
      (string.gsub(body, "\0", " ")))
  end
  return body
end

-- Where a client of a TCP listener comes from.
local function find_address(tools, n, from, container)
  if container and not from.given then
    local address = setups.need(tools.container_address(n, container))
    return address ~= "" and address
      or complain "-container: it has no address now; -from says from where it asks"
  end
  return core.address(from.value) and from.value
    or complain('-from: expected an IP address, got "%.99s"', from.value)
end

--- The client of set-up n, painted by the options of set-up 'from', as judge() wants it.
---@param tools table
---@param n integer
---@param from integer
---@return table
function client.paint(tools, n, from)
  local own = setups.by_key(tools.describe(from).own)
  local listener = client.listener(tools.describe(n), own.listener.value)
  local labels = read_labels(own.label.values)
  local container = ask_container(tools, n, own.container.value, labels)
  local painted = { listener = listener.name, labels = labels, container = container, unix = listener.unix }
  if not listener.unix then
    painted.address = find_address(tools, n, own.from, container)
  elseif own.from.given then
    complain("-from: the listener %s is a Unix socket, whose clients have no address", listener.name)
  end
  return painted
end

--- What a set-up says to a request of that client; see judge() in core/command/script_judge.c.
---@param tools table
---@param n integer
---@param request { method: string, path: string, body: string, headers: string[]?, answer: string? }
---@param painted table
---@return table
function client.ask(tools, n, request, painted)
  local head, given = { request.method .. " " .. request.path .. " HTTP/1.1" }, {}
  for _, line in ipairs(request.headers or {}) do
    head[#head + 1] = line
    given[string.lower(string.match(line, "^[^:]*"))] = true
  end
  if not given.host then
    head[#head + 1] = "Host: docker"
  end
  if request.body ~= "" and not given["content-type"] then
    head[#head + 1] = "Content-Type: application/json"
  end
  if request.body ~= "" and not given["content-length"] then
    head[#head + 1] = "Content-Length: " .. #request.body
  end
  local text = table.concat(head, "\r\n") .. "\r\n\r\n"
  return setups.need(tools.judge(n, text, request.body, painted, request.answer))
end

return client
