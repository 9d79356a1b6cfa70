-- A reload is new workers: all serve the bytes that were tried, whatever is wrong changes nothing, and
-- nobody is cut off or kept waiting. And no policy, however it hangs, holds up the supervisor.
-- Alone: it changes files while a child of moonward reads them.

local daemon = require "spec.support.daemon"
local folder = require "spec.support.folder"
local front = require "spec.support.front"
local loop = require "spec.support.loop"
local message = require "spec.support.message"
local sys = require "spec.support.sys"

local ping = front.request("GET /_ping")

-- Pure, so that what is remembered of the old one would show. It says its name in denials. What 'top' does
-- runs when it is loaded, what 'decide' does for /x.
local function policy(name, top, decide)
  return ([[
local moonward = require "moonward"
local lpeg = require "lpeg"
local grammar = lpeg.P{ "S", S = lpeg.P"a" * lpeg.V"S" * "b" + lpeg.P"a" * lpeg.V"S" * "c" + "a" }
local function hang() return grammar:match("%s") end
local unused = hang
%s
return {
  summary = "A policy for a spec.", pure = true,
  decide = function(client, request)
    if request.path == "/_ping" or request:is("container.logs") then
      return moonward.allow()
    end
    %s
    return moonward.deny("%s")
  end,
}
]]):format(("a"):rep(60), top or "", decide or "", name)
end

-- Takes a while, and so leaves time to do something meanwhile.
local slow = "for i = 1, 60000000 do unused = i end"
local hang = "hang()"

describe("a reload", function()
  local path, to

  -- At once, so that nobody reads half of it.
  local function write(...)
    os.rename(folder.write(path .. ".new", policy(...)), path)
  end

  local function start(words, options)
    path = folder.new() .. "/changing.lua"
    write("first")
    to = front.start(daemon.flatten("-policy=" .. path, "-policyinstructions=1000000000", "-policytime=20000",
      "-policyhang=21000", words or {}), options)
  end

  after_each(function()
    if to then
      local result = to:stop()
      assert.is_falsy((result.stdout .. result.stderr):find("Sanitizer", 1, true), result.stderr)
      to = nil
    end
  end)

  local function reason(timeout)
    local response = to:ask(front.request("GET /x"), timeout)
    return response and response.body:match("moonward: ([^\"]*)")
  end

  local function reloads(count)
    return loop.until_true(function()
      return select(2, to.daemon:log():gsub('msg="policies reloaded"', "")) >= (count or 1)
    end, 20)
  end

  -- The names of the sets that the log has, in their order.
  local function sets()
    local found = {}
    for set in to.daemon:log():gmatch(" set=(%x+)\n") do
      found[#found + 1] = set
    end
    return found
  end

  -- A request whose answer the engine has begun and not ended.
  local function open_stream()
    local engine_side
    to.upstream:use(function(conn)
      message.read_request(conn)
      conn:send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n")
      engine_side = conn
      conn:read_all(60)
    end)
    local conn = to:connect()
    conn:send(front.request("GET /containers/x/logs?follow=1"))
    assert.is_truthy(conn:read_until("first\r\n", 5))
    return conn, engine_side
  end

  it("gives all workers the same bytes, although the file changes meanwhile", function()
    start({ "-workers=2" }, { workers = 2 })
    write("second", slow)
    to.daemon:signal("HUP")
    -- The child that tries it has read the file and runs it.
    assert.is_truthy(loop.until_true(function() return #to.daemon:workers() == 3 end, 5))
    loop.sleep(0.25)
    assert.equal("first", reason())
    write("third", slow)
    assert.is_truthy(reloads(), to.daemon:log())
    assert.is_truthy(loop.until_true(function() return #to.daemon:workers() == 2 end, 5)) -- the old ones are gone
    for _ = 1, 40 do
      assert.equal("second", reason())
    end
    sys.kill(to.daemon:workers()[1], "KILL") -- the one in its place, too
    assert.is_truthy(to.daemon:logs("a worker died and will be replaced"))
    loop.until_true(function() return #to.daemon:workers() == 2 end, 5)
    for _ = 1, 40 do
      assert.equal("second", reason(10))
    end
  end)

  it("has a name for each set in the log, which is that of its bytes", function()
    start()
    to.daemon:signal("HUP")
    assert.is_truthy(reloads(1), to.daemon:log())
    write("other")
    to.daemon:signal("HUP")
    assert.is_truthy(reloads(2), to.daemon:log())
    local found = sets()
    assert.equal(3, #found)
    assert.equal(found[1], found[2])
    assert.are_not.equal(found[1], found[3])
  end)

  it("lets a stream go on, and its worker ends with it", function()
    start({ "-shutdowngracetime=20" })
    local old = to.daemon:workers()[1]
    local conn, engine_side = open_stream()
    write("second")
    to.daemon:signal("HUP")
    assert.is_truthy(reloads(), to.daemon:log())
    -- The old worker may take one more connection before it hears of it.
    assert.is_truthy(loop.until_true(function() return reason() == "second" end, 5))
    engine_side:send("4\r\nlast\r\n0\r\n\r\n")
    assert.equal("4\r\nlast\r\n0\r\n\r\n", conn:read(14, 5))
    conn:close()
    assert.is_truthy(loop.until_true(function() return not sys.kill(old, "NONE") end, 5))
  end)

  it("answers who has connected before it and asks after it", function()
    start()
    local conn = to:connect()
    loop.sleep(0.1) -- the old worker has it
    write("second")
    to.daemon:signal("HUP")
    assert.is_truthy(reloads(), to.daemon:log())
    conn:send(ping)
    local response = message.read_response(conn, 5)
    assert.equal(200, response and response.status)
    assert.is_true(conn:closes(3))
    conn:close()
  end)

  it("ends a stream that outlives -shutdowngracetime", function()
    start({ "-shutdowngracetime=1" })
    local conn = open_stream()
    to.daemon:signal("HUP")
    assert.is_truthy(reloads(), to.daemon:log())
    assert.is_true(conn:closes(4))
    conn:close()
  end)

  it("comes ten times in a row, and nobody is refused", function()
    start({ "-workers=2", "-shutdowngracetime=2" }, { workers = 2 })
    local asked, over = 0, false
    local asking = loop.spawn(function()
      while not over do
        local response = to:ask(ping, 5)
        assert(response and response.status == 200, "request " .. asked .. " got no answer")
        asked = asked + 1
      end
    end)
    for i = 1, 10 do
      write("number " .. i)
      to.daemon:signal("HUP")
      loop.sleep(0.05)
    end
    assert.is_truthy(loop.until_true(function() return reason() == "number 10" end, 20), to.daemon:log())
    over = true
    loop.sleep(0.2)
    loop.cancel(asking)
    assert.is_true(asked > 5, asked .. " requests")
    assert.is_truthy(loop.until_true(function() return #to.daemon:workers() == 2 end, 10))
    assert.is_nil(to.daemon:log():match("[^\n]*level=ERROR[^\n]*"))
  end)

  it("of something broken changes nothing, for workers that start later either", function()
    start()
    folder.write(path, "return {\n  broken\n  here = function(\n}\n")
    to.daemon:signal("HUP")
    assert.is_truthy(to.daemon:logs({ "reload failed; the old policies stay", "changing.lua:" }), to.daemon:log())
    sys.kill(to.daemon:workers()[1], "KILL")
    assert.is_truthy(to.daemon:logs("a worker died and will be replaced"))
    assert.equal("first", reason(10))
  end)

  for _, case in ipairs({
    { "a name of a method", 'if request:iz("container.list") then return moonward.allow() end', "iz" },
    { "a function that policies do not have", "local now = os.time()", "os" },
    { "an operation", 'if request:is("container.lst") then return moonward.allow() end', "container.lst" },
  }) do
    it("of a policy that errs when it is asked, by " .. case[1] .. " that does not exist, is refused", function()
      start()
      write("second", nil, case[2])
      to.daemon:signal("HUP")
      local line = to.daemon:logs({ "reload failed; the old policies stay", "changing.lua:13", case[3] }, 5)
      assert.is_truthy(line, to.daemon:log())
      assert.equal("first", reason())
    end)
  end

  for _, case in ipairs({
    { "another listener", "listen", "127.0.0.1:1", "other listeners (127.0.0.1:1 instead of " },
    { "another number of workers", "workers", "3", "another number of -workers (3 instead of 1)" },
    { "a health check", "allowhealthcheck", "true", "another value of -allowhealthcheck" },
  }) do
    it("of a policy whose option sets " .. case[1] .. " is refused: that takes a restart", function()
      local at = "unix://" .. folder.new() .. "/listener.sock"
      local function write_with(values)
        local options = ""
        for _, name in ipairs({ "allowhealthcheck", "listen", "workers" }) do
          options = options .. ('{ name = "of-the-policy-%s", sets = "%s", default = "%s", help = "." },'):format(name,
            name, values[name] or ({ allowhealthcheck = "false", listen = at, workers = "1" })[name])
        end
        local text = policy("first"):gsub("decide =", "options = {" .. options .. "},\n  decide =")
        os.rename(folder.write(path .. ".new", text), path)
      end
      path = folder.new() .. "/changing.lua"
      write_with({})
      to = front.start({ "-policy=" .. path }, { listen = false, await = at })
      to.daemon.unix = at
      write_with({ [case[2]] = case[3] })
      to.daemon:signal("HUP")
      assert.is_truthy(to.daemon:logs({ "reload failed; the old policies stay", case[4] }), to.daemon:log())
      assert.equal("first", reason())
      write_with({}) -- without a change there is nothing to refuse
      to.daemon:signal("HUP")
      assert.is_truthy(reloads(), to.daemon:log())
    end)
  end

  it("of a policy that hangs when it is loaded is refused; till then everything else goes on", function()
    start({ "-policytime=500", "-policyhang=3000" })
    write("second", hang)
    to.daemon:signal("HUP")
    loop.sleep(0.3)
    assert.equal("first", reason())
    sys.kill(to.daemon:workers()[1], "KILL")
    assert.is_truthy(to.daemon:logs("a worker died and will be replaced"), to.daemon:log())
    assert.equal("first", reason(10))
    assert.is_truthy(to.daemon:logs({ "reload failed; the old policies stay: a policy hung", "changing.lua:4" }, 20),
      to.daemon:log())
    write("third")
    to.daemon:signal("HUP")
    assert.is_truthy(loop.until_true(function() return reason() == "third" end, 10), to.daemon:log())
  end)

  it("of a policy that hangs does not keep the proxy from stopping", function()
    start()
    write("second", hang)
    to.daemon:signal("HUP")
    loop.sleep(0.3)
    local before = sys.now()
    assert.equal(0, to.daemon:stop("TERM", 10).code)
    assert.is_true(sys.now() - before < 5)
  end)

  -- Stops the next child that is none of those, once the one that tries the policies has ended, or is
  -- none of this.
  local function stop_next_worker(known, after_trial)
    local is_known, trial = {}, nil
    for _, pid in ipairs(known) do
      is_known[pid] = true
    end
    return loop.until_true(function()
      for _, pid in ipairs(to.daemon:workers()) do
        if not is_known[pid] and after_trial and not trial then
          trial = pid
        elseif not is_known[pid] and pid ~= trial then
          sys.kill(pid, "STOP")
          return pid
        end
      end
    end, 20)
  end

  it("does not wait for ever for a worker that does not come up", function()
    start()
    local old = to.daemon:workers()
    write("second", slow)
    to.daemon:signal("HUP")
    local stopped = assert(stop_next_worker(old, true))
    to.daemon:signal("HUP") -- has to wait
    loop.sleep(0.5)
    assert.equal("first", reason())
    assert.is_nil(to.daemon:logs("policies reloaded", 0))
    write("third")
    assert.is_truthy(to.daemon:logs({ "reload failed; the old policies stay",
      "a new worker ended before it served: it did not serve in time" }, 60), to.daemon:log())
    assert.is_truthy(loop.until_true(function() return reason() == "third" end, 10), to.daemon:log())
    assert.is_nil(folder.read("/proc/" .. stopped .. "/stat"))
  end)

  it("is not held up by a worker that takes a dead one's place and does not come up", function()
    start({ "-workers=2" }, { workers = 2 })
    write("second", slow)
    to.daemon:signal("HUP")
    assert.is_truthy(reloads(), to.daemon:log())
    local workers = to.daemon:workers()
    loop.until_true(function()
      workers = to.daemon:workers()
      return #workers == 2
    end, 10)
    sys.kill(workers[1], "KILL")
    assert(stop_next_worker(workers))
    assert.equal("second", reason())
    assert.is_truthy(to.daemon:logs({ "a worker died and will be replaced", "it did not serve in time" }, 60),
      to.daemon:log())
    write("third")
    to.daemon:signal("HUP")
    assert.is_truthy(reloads(2), to.daemon:log())
    assert.is_truthy(loop.until_true(function() return reason() == "third" end, 10), to.daemon:log())
  end)

  it("comes while a policy waits for the engine, and the last request under the old ones is denied", function()
    start({ "-shutdowngracetime=5" })
    write("second", nil, 'if client.labels.x == "y" then return moonward.allow() end')
    to.daemon:signal("HUP")
    assert.is_truthy(reloads(1), to.daemon:log())
    to.upstream:use(function(conn)
      local request = message.read_request(conn)
      loop.sleep(0.7)
      if request.path:find("/_ping", 1, true) then
        conn:send("HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: 2\r\nConnection: close\r\n\r\nOK")
      elseif request.path:find("/events", 1, true) then
        conn:send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        conn:read_all(60)
      else
        conn:send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n[]")
      end
    end)
    local conn = to:connect()
    conn:send(front.request("GET /x"))
    loop.sleep(0.3)
    to.daemon:signal("HUP")
    assert.is_truthy(reloads(2), to.daemon:log())
    local response = message.read_response(conn, 10)
    assert.equal(403, response and response.status)
    conn:close()
    assert.is_truthy(loop.until_true(function() return #to.daemon:workers() == 1 end, 10))
    assert.is_falsy(to.daemon:log():find("a worker died", 1, true), to.daemon:log())
  end)
end)

describe("a policy that hangs", function()
  local path

  setup(function()
    path = folder.new()
    folder.write(path .. "/load.lua", policy("x", hang))
    folder.write(path .. "/decide.lua", policy("x", nil, hang))
  end)

  local limits = { "-policytime=100", "-policyhang=300" }
  local load = "-policy=" .. "%s/load.lua"
  for _, case in ipairs({
    { "when it is loaded stops the start", { load } },
    { "when it is loaded ends check", { "check", load } },
    { "when it is loaded ends help", { "help", load } },
    { "when it is loaded ends -help", { "-help", load } },
    { "when it is loaded ends explain", { "explain", "GET", "/x", load } },
    { "when it is loaded ends compare", { "compare", load, "-with", load }, both = true },
    { "when it is loaded ends policies", { "policies", "-policydir=%s" } },
    { "when it decides ends explain", { "explain", "GET", "/x", "-policy=%s/decide.lua" }, "decide" },
    { "when it decides ends check", { "check", "-policy=%s/decide.lua" }, "decide" },
  }) do
    it(case[1] .. ", with its name and the line", function()
      local words = {}
      for _, word in ipairs(case[2]) do
        words[#words + 1] = (word:gsub("%%s", path))
        if case.both and word == load then
          words = daemon.flatten(words, limits)
        end
      end
      local result = daemon.run(daemon.flatten(words, case.both and {} or limits), { timeout = 20 })
      local name = case[3] or "load"
      assert.equal(1, result.code, result.stdout .. result.stderr)
      assert.is_truthy(result.stderr:find("policy [^ ]*" .. name .. "[^ ]* hangs at [^ ]*" .. name .. ".lua:4:"),
        result.stderr)
    end)
  end
end)
