-- Memory of a worker that holds 200 open streams: clients of /events, of which each gets a line and then
-- silence. Uses what the specs use.
package.path = "./?.lua;" .. package.path
package.cpath = "build/spec/?.so;" .. package.cpath

local daemon = require "spec.support.daemon"
local folder = require "spec.support.folder"
local loop = require "spec.support.loop"
local message = require "spec.support.message"
local upstream = require "spec.support.upstream"

local STREAMS = 200
local answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
  .. "3\r\n{}\n\r\n"

local socket = folder.new() .. "/engine.sock"
local engine = upstream.start(socket, function(conn)
  while message.read_request(conn, 3600) do
    conn:send(answer)
  end
end)
local proxy = daemon.start({ "-socketpath=" .. socket, "-allowGET=/events", "-loglevel=WARN" })
local before = proxy:rss()

local clients = {}
for i = 1, STREAMS do
  clients[i] = proxy:connect(proxy.tcp)
  clients[i]:send("GET /events HTTP/1.1\r\nHost: docker\r\n\r\n")
end
local open = 0
for _, client in ipairs(clients) do
  if loop.until_true(function() return client:fill(1) == false or client.held:find("{}", 1, true) end, 5) then
    open = open + 1
  end
end
print(("worker with %d open streams: %d KiB resident (%d KiB before)"):format(open, proxy:rss(), before))
proxy:stop("KILL")
engine:stop()
