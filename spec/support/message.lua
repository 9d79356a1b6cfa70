--- Reads HTTP messages off a stream, for the specs' own clients and servers. It is strict about
-- nothing: what is asserted is in the specs.

local message = {}

local function read_head(conn, timeout)
  local head = conn:read_until("\r\n\r\n", timeout)
  if not head then
    return nil
  end
  local first, rest = head:match("^(.-)\r\n(.*)$")
  local headers = {}
  for name, value in rest:gmatch("([^\r\n:]+):[ \t]*([^\r\n]*)") do
    headers[name:lower()] = value
  end
  return { head = head, first = first, headers = headers }
end

local function read_chunks(conn, timeout)
  local parts = {}
  while true do
    local line = conn:read_until("\r\n", timeout)
    local size = line and tonumber(line:match("^%x+"), 16)
    if not size then
      return table.concat(parts), nil, false
    end
    if size == 0 then
      local trailers = {}
      while true do
        local field = conn:read_until("\r\n", timeout)
        if not field or field == "\r\n" then
          return table.concat(parts), table.concat(trailers), field ~= nil
        end
        trailers[#trailers + 1] = field
      end
    end
    local chunk = conn:read(size, timeout)
    parts[#parts + 1] = chunk
    if #chunk < size or conn:read(2, timeout) ~= "\r\n" then
      return table.concat(parts), nil, false
    end
  end
end

local function read_body(conn, m, timeout, until_close)
  local length = tonumber(m.headers["content-length"])
  if (m.headers["transfer-encoding"] or ""):lower() == "chunked" then
    m.body, m.trailers, m.whole = read_chunks(conn, timeout)
  elseif length then
    m.body = conn:read(length, timeout)
    m.whole = #m.body == length
  elseif until_close then
    m.body, m.whole = conn:read_all(timeout)
  else
    m.body, m.whole = "", true
  end
  return m
end

--- The next request: {method, target, first, head, headers, body, whole}; nil when none comes.
---@param go_on? string said before the body is read, to a client that expects it
function message.read_request(conn, timeout, go_on)
  local m = message.read_request_head(conn, timeout)
  if m and m.headers.expect and go_on then
    conn:send(go_on)
  end
  return m and read_body(conn, m, timeout, false)
end

--- Its head only; the body stays in the stream.
function message.read_request_head(conn, timeout)
  local m = read_head(conn, timeout)
  if m then
    m.method, m.target = m.first:match("^(%S+) (%S+)")
  end
  return m
end

--- The next response: {status, first, head, headers, body, trailers, whole}; nil when none comes.
---@param asked? string the method that was asked, since HEAD has no body
function message.read_response(conn, timeout, asked)
  local m = read_head(conn, timeout)
  if not m then
    return nil
  end
  m.status = tonumber(m.first:match("^HTTP/1%.[01] (%d%d%d)"))
  if not m.status or asked == "HEAD" or m.status < 200 or m.status == 204 or m.status == 304 then
    m.body, m.whole = "", true
    return m
  end
  return read_body(conn, m, timeout, true)
end

--- Sends one request and returns the response.
function message.ask(conn, bytes, timeout)
  conn:send(bytes, timeout)
  return message.read_response(conn, timeout, bytes:match("^%u+"))
end

return message
