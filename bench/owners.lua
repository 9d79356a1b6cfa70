-- What owner and agent cost beside a policy that lets everything pass: CPU time of the worker for one
-- request, and what it asks the engine for that, over one Unix connection that stays open. The engine is a
-- table of answers.
--
--   REQUESTS=100 ROUNDS=6 lua5.4 bench/owners.lua
package.path = "./?.lua;./lualib/?.lua;" .. package.path
package.cpath = "build/spec/?.so;build/release/?.so;" .. package.cpath

local daemon = require "spec.support.daemon"
local folder = require "spec.support.folder"
local message = require "spec.support.message"
local stream = require "spec.support.stream"
local upstream = require "spec.support.upstream"

local REQUESTS = tonumber(os.getenv("REQUESTS") or 100)
local ROUNDS = tonumber(os.getenv("ROUNDS") or 6)
local WARM_UP = 50
local ID = ("0123456789abcdef"):rep(4)
local LABELS = '"Labels":{"moonward.owner":"agent:me","com.docker.compose.project":"shop"}'

-- Eight of them, as a small stack has.
local function list(item)
  return "[" .. (item .. ","):rep(7) .. item .. "]"
end

local container = ('{"Id":"%s","Name":"/web","Image":"sha256:%s","State":{"Status":"running","Running":true},'
  .. '"Config":{"Image":"busybox","Env":["A=b"],"Cmd":["sh"],%s},"HostConfig":{"NetworkMode":"bridge"},'
  .. '"NetworkSettings":{"Networks":{}},"Mounts":[]}'):format(ID, ID, LABELS)
local image = ('{"Id":"sha256:%s","RepoTags":["busybox:latest"],"RepoDigests":[],"Labels":null,'
  .. '"Config":{"Labels":null}}'):format(ID)
local volume = ('{"Name":"data","Driver":"local","Mountpoint":"/x","Scope":"local",%s}'):format(LABELS)

-- The answers by method and path, without version and query; those that are missing are 404.
local answers = {
  ["GET /containers/json"] = { 200, list(('{"Id":"%s","Names":["/web"],"Image":"busybox",'
    .. '"ImageID":"sha256:%s","Command":"sh","State":"running","Status":"Up",%s}'):format(ID, ID, LABELS)) },
  ["GET /containers/web/json"] = { 200, container },
  ["GET /containers/" .. ID .. "/json"] = { 200, container },
  ["POST /containers/web/start"] = { 204 }, ["POST /containers/" .. ID .. "/start"] = { 204 },
  ["POST /containers/create"] = { 201, '{"Id":"' .. ID .. '","Warnings":[]}' },
  ["POST /containers/web/exec"] = { 201, '{"Id":"' .. ID .. '"}' },
  ["POST /containers/" .. ID .. "/exec"] = { 201, '{"Id":"' .. ID .. '"}' },
  ["GET /images/json"] = { 200, list(image) }, ["GET /images/busybox/json"] = { 200, image },
  ["GET /images/busybox:latest/json"] = { 200, image },
  ["GET /images/sha256:" .. ID .. "/json"] = { 200, image },
  ["GET /networks"] = { 200, list('{"Name":"shop","Id":"' .. ID .. '","Driver":"bridge",' .. LABELS .. "}") },
  ["POST /volumes/create"] = { 201, volume }, ["GET /volumes/data"] = { 200, volume },
}

local requests = {
  { "GET", "/_ping" }, { "GET", "/containers/json" }, { "GET", "/containers/web/json" },
  { "POST", "/containers/web/start" },
  { "POST", "/containers/create", '{"Image":"busybox","Cmd":["sh"],"HostConfig":{"NetworkMode":"bridge"}}' },
  { "POST", "/containers/web/exec", '{"Cmd":["id"],"AttachStdout":true}' }, { "GET", "/images/json" },
  { "GET", "/networks" }, { "POST", "/volumes/create", '{"Name":"data"}' },
}

local asked = 0

local function serve(conn)
  while true do
    local request = message.read_request(conn, 60)
    if not request then
      return conn:close()
    end
    asked = asked + 1
    local method, path = request.first:match "^(%u+) ([^ ?]+)"
    local answer = path == "/_ping" and { 200, "OK" } or answers[method .. " " .. path:gsub("^/v[%d.]+", "")]
      or { 404, '{"message":"no such thing"}' }
    conn:send(("HTTP/1.1 %d X\r\nContent-Type: application/json\r\n"):format(answer[1])
      .. (answer[2] and "Content-Length: " .. #answer[2] .. "\r\n\r\n" .. answer[2] or "\r\n"))
  end
end

-- Seconds that a process has been on a CPU.
local function cpu(pid)
  return tonumber(folder.read("/proc/" .. pid .. "/schedstat"):match "^%d+") / 1e9
end

local function send(conn, request, times)
  local method, path, body = table.unpack(request)
  local target = path == "/_ping" and path or "/v1.41" .. path
  local fields = body and "Content-Type: application/json\r\nContent-Length: " .. #body .. "\r\n" or ""
  local bytes = ("%s %s HTTP/1.1\r\nHost: d\r\n%s\r\n%s"):format(method, target, fields, body or "")
  for _ = 1, times do
    local response = message.ask(conn, bytes, 10)
    if not response or response.status >= 300 then
      error(path .. ": " .. (response and response.status .. " " .. response.body or "no answer"))
    end
  end
end

-- Microseconds and questions for one request by way: all ways in turns, and the best of the rounds, so that
-- what else the machine does counts for little.
local function measure(ways, request)
  local best, questions = {}, {}
  for i, way in ipairs(ways) do
    best[i] = math.huge
    send(way.conn, request, WARM_UP)
  end
  for _ = 1, ROUNDS do
    for i, way in ipairs(ways) do
      local start, before = cpu(way.worker), asked
      send(way.conn, request, REQUESTS)
      best[i] = math.min(best[i], (cpu(way.worker) - start) / REQUESTS * 1e6)
      questions[i] = (asked - before) / REQUESTS - 1
    end
  end
  return best, questions
end

local socket = folder.new() .. "/engine.sock"
local served = upstream.start(socket, serve)
local ways = {
  { "default", daemon.allow_all }, { "owner", "-policy=owner", "-owner=agent:me" },
  { "agent", "-policy=agent", "-agent=me" },
}
for _, way in ipairs(ways) do
  way.running = daemon.start(daemon.flatten("-socketpath=" .. socket, "-workers=1", "-loglevel=ERROR",
    table.unpack(way, 2)))
  way.worker, way.conn = way.running:workers()[1], assert(stream.connect(way.running.unix))
end

print(("microseconds of CPU for one request, and questions (best of %d times %d)"):format(ROUNDS, REQUESTS))
print(("%-26s %9s %16s %16s"):format("", "default", "owner", "agent"))
for _, request in ipairs(requests) do
  local best, questions = measure(ways, request)
  local row = { ("%-26s"):format(request[1] .. " " .. request[2]) }
  for i in ipairs(ways) do
    row[#row + 1] = ("%9.0f"):format(best[i]) .. (i > 1 and ("  (%2.0f)"):format(questions[i]) or "")
  end
  print(table.concat(row, " "))
end
for _, way in ipairs(ways) do
  way.running:stop()
end
served:stop()
