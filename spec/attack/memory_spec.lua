-- What moonward holds for others occupies little more than what was sent, in every direction and state,
-- however small the pieces come; and it is given back.

local daemon = require "spec.support.daemon"
local folder = require "spec.support.folder"
local front = require "spec.support.front"
local loop = require "spec.support.loop"
local message = require "spec.support.message"
local sys = require "spec.support.sys"

local connections = 40
local pieces = 200 -- single bytes on each

-- KiB, of which the bytes themselves are 8. A piece of memory of 8 KiB for each of them makes 62 MiB.
local most = 4096

-- More than the sockets on the way to a reader that does not read take, so that moonward holds the rest.
local full = ("x"):rep(300000)

local function chunk(content)
  return ("%x\r\n%s\r\n"):format(#content, content)
end
local switching = "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
local attach = front.request("POST /containers/x/attach", { "Connection: Upgrade", "Upgrade: tcp" })

local curious = folder.write(folder.new() .. "/curious.lua", [[
local moonward = require "moonward"
return function(client, request)
  if request:is("container.create") then
    return moonward.allow { rule = request.json and "a body" }
  elseif request:is("container.start") then
    return moonward.allow { rule = request.target.id }
  elseif request:is("system.events") then
    return moonward.allow { only = function(event) return event.Type ~= "hidden" end }
  elseif request:is("system.info") then
    return moonward.deny("no")
  end
  return moonward.allow()
end
]])

describe("single bytes take no more memory than they are worth:", function()
  local to, sides

  before_each(function()
    to = front.start({ "-policy=" .. curious, "-loglevel=ERROR", "-shutdowngracetime=0" },
      { env = daemon.measured })
    for _ = 1, 50 do -- warm, so that what grows below is what is held
      to:ask(front.request("GET /x"))
    end
    sides = {}
  end)
  after_each(function() to:stop() end)

  -- The engine reads a request's head, answers so, and does nothing more.
  local function engine_answers(answer)
    to.upstream:use(function(conn)
      conn.unrecorded = true
      message.read_request_head(conn)
      conn:send(answer)
      sides[#sides + 1] = conn
      loop.sleep(600)
    end)
  end

  local function clients(first)
    local all = {}
    for i = 1, connections do
      all[i] = to:connect(to.daemon.unix)
      all[i]:send(first)
    end
    return all
  end

  -- One of 'units' after the other to each of them. An answer of moonward's own in between shows that it
  -- has read what came before, so that each unit is read apart.
  local function trickle(writers, units)
    local pace = to:connect(to.daemon.unix)
    local question = front.request("GET /info")
    for _, unit in ipairs(units) do
      for _, conn in ipairs(writers) do
        sys.write(conn.fd, unit, 1)
      end
      sys.write(pace.fd, question, 1)
      sys.poll({ pace.fd }, { "r" }, 5)
      assert.is_truthy(sys.read(pace.fd, 65536):find("403", 1, true))
    end
    pace:close()
  end

  local function times(n, ...)
    local units = {}
    for _ = 1, n do
      table.move({ ... }, 1, select("#", ...), #units + 1, units)
    end
    return units
  end

  local function bytes_of(text)
    local units = {}
    for i = 1, #text do
      units[i] = text:sub(i, i)
    end
    return units
  end

  local function engine_sides()
    assert.is_truthy(loop.until_true(function() return #sides == connections end, 10), #sides .. " connections")
    return sides
  end

  -- Sends the units and looks at how much more memory the worker then has. 'first' comes before
  -- that, and does not count.
  local function grows(writers, units, first)
    for _, conn in ipairs(first and writers or {}) do
      assert(conn:send(first) == #first)
    end
    loop.sleep(first and 0.3 or 0)
    local before = to.daemon:rss()
    trickle(writers, units)
    loop.sleep(0.1)
    local grown = to.daemon:rss() - before
    assert.is_true(grown < most * daemon.memory_factor, ("grew by %d KiB"):format(grown))
  end

  it("a head that does not end", function()
    grows(clients(""), bytes_of("GET /containers/json HTTP/1.1\r\nHost: docker\r\nX-Long: " .. ("x"):rep(pieces)))
  end)

  it("a body that a policy waits for", function()
    local all = clients(front.request("POST /containers/create", { "Content-Length: 1000000" }))
    grows(all, bytes_of('{"Image":"' .. ("x"):rep(pieces)))
  end)

  it("a body in chunks that a policy waits for", function()
    local all = clients(front.request("POST /containers/create", { "Transfer-Encoding: chunked" }))
    grows(all, times(pieces, "1\r\n", "x", "\r\n"))
  end)

  it("a body before an engine that does not read", function()
    engine_answers("")
    local all = clients(front.request("POST /images/load", { "Content-Length: 1000000" }))
    engine_sides()
    grows(all, times(pieces, "x"), full)
  end)

  it("a body in chunks before an engine that does not read", function()
    engine_answers("")
    local all = clients(front.request("POST /images/load", { "Transfer-Encoding: chunked" }))
    engine_sides()
    grows(all, times(pieces, "1\r\n", "x", "\r\n"), chunk(full))
  end)

  it("requests behind one that is not answered yet", function()
    engine_answers("")
    local all = clients(front.request("POST /containers/x/wait"))
    engine_sides()
    grows(all, times(pieces, "G"))
  end)

  for name, answer in pairs {
    ["with a length"] = "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n",
    ["until the end"] = "HTTP/1.1 200 OK\r\n\r\n",
    ["in chunks"] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
  } do
    it("an answer before a client that does not read, " .. name, function()
      engine_answers(answer)
      clients(front.request("GET /containers/x/logs"))
      if name == "in chunks" then
        grows(engine_sides(), times(pieces, "1\r\n", "x", "\r\n"), chunk(full))
      else
        grows(engine_sides(), times(pieces, "x"), full)
      end
    end)
  end

  it("a filtered answer before a client that does not read", function()
    engine_answers("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    clients(front.request("GET /events"))
    local first = ('{"Type":"%s"}\n'):format(("x"):rep(2000)):rep(150)
    grows(engine_sides(), times(pieces, '{"Type":"shown"}\n'), first)
  end)

  it("a filtered answer whose item does not end", function()
    engine_answers("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    clients(front.request("GET /events"))
    grows(engine_sides(), bytes_of('{"Type":"' .. ("x"):rep(pieces)))
  end)

  it("a tunnel to a client that does not read", function()
    engine_answers(switching)
    clients(attach)
    grows(engine_sides(), times(pieces, "x"), full)
  end)

  it("a tunnel to an engine that does not read", function()
    engine_answers(switching)
    local all = clients(attach)
    engine_sides()
    grows(all, times(pieces, "x"), full)
  end)

  it("answers to moonward's own questions", function()
    engine_answers("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n")
    clients(front.request("POST /containers/x/start"))
    grows(engine_sides(), bytes_of('{"Id":"' .. ("x"):rep(pieces)))
  end)

  it("answers to requests that are sent without reading one", function()
    to.upstream:use()
    local all = clients("")
    local request = front.request("GET /containers/json")
    local before = to.daemon:rss()
    for _ = 1, 10 do
      for _, conn in ipairs(all) do
        conn:send(request:rep(100), 0.001)
      end
      loop.sleep(0.05)
    end
    local grown = to.daemon:rss() - before
    -- 1,000 answers of some 70 bytes for each, less what the kernel took, and requests.
    assert.is_true(grown < 12 * 1024 * daemon.memory_factor, ("grew by %d KiB"):format(grown))
  end)
end)

describe("memory is given back", function()
  it("after a burst", function()
    local to = front.start(daemon.flatten(daemon.allow_all, "-shutdowngracetime=0"), { env = daemon.measured })
    finally(function() to:stop() end)
    for _ = 1, 50 do
      to:ask(front.request("GET /x"))
    end
    to.upstream:use(function(conn)
      conn.unrecorded = true
      message.read_request_head(conn)
      loop.sleep(600)
    end)
    local before = to.daemon:rss()
    local all, body = {}, ("x"):rep(400000) -- about half of it in the kernel
    for i = 1, 120 do
      all[i] = to:connect(to.daemon.unix)
      all[i]:send(front.request("POST /images/load", { "Content-Length: 1000000000" }) .. body)
    end
    local held = to.daemon:rss() - before
    assert.is_true(held > 10000, ("the burst held only %d KiB"):format(held))
    -- Some stay, so that what is given back lies between what is not.
    for i = 1, 120 do
      if i % 8 > 0 then
        all[i]:close()
      end
    end
    local kept = held / 8 + 4096
    local back = loop.until_true(function() return to.daemon:rss() - before < kept * daemon.memory_factor end, 12)
    assert.is_truthy(back, ("held %d KiB, and %d KiB later"):format(held, to.daemon:rss() - before))
  end)
end)
