-- moonward's own questions to the engine: one goes over the connection of the one before, unless anything at
-- all is odd about it.

local folder = require "spec.support.folder"
local front = require "spec.support.front"
local loop = require "spec.support.loop"
local message = require "spec.support.message"

local ID = ("a1"):rep(32)

-- Of containers it says which name the engine gives them, or why it cannot; everything else passes.
local policy = folder.write(folder.new() .. "/named.lua", [[
local moonward = require "moonward"
return function(_, request)
  if request:is("container.inspect") then
    local fine, target = pcall(function() return request.target end)
    return moonward.deny(fine and "it is " .. target.name or target)
  end
  return moonward.allow()
end
]])

local function answer(body, more)
  return ("HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\n%sContent-Length: %d\r\n\r\n%s"):format(more or "", #body, body)
end

local function container(name, more)
  return answer(('{"Id":"%s","Name":"/%s"}'):format(ID, name), more)
end

-- An engine whose containers are called as they are asked for. 'odd' is called with each question about one:
-- the connection, its name, how many there were, and how many of them on this connection. True: it has
-- answered; END: the connection ends.
local END = {}

local function engine(odd)
  local count = 0
  return function(conn)
    local here = 0
    while true do
      local request = message.read_request(conn, 60)
      if not request then
        return
      end
      local name = request.target:match "/containers/(%w+)/json"
      count, here = count + (name and 1 or 0), here + (name and 1 or 0)
      local done = name and odd and odd(conn, name, count, here)
      if done == END then
        return
      elseif not done then
        conn:send(name and container(name) or answer "OK")
      end
    end
  end
end

describe("a question to the engine", function()
  local to

  setup(function()
    to = front.start { "-policy=" .. policy, "-workers=1" }
    to:ask(front.request "GET /containers/first/json") -- the first question asks for the version, too
  end)
  teardown(function() to:stop() end)

  local function request(name)
    return front.request("GET /containers/" .. name .. "/json")
  end

  -- What the policy says of a container.
  local function said(name)
    local response = to:ask(request(name))
    return response and response.body:match '"moonward: (.-)"}' or to.daemon:log()
  end

  -- How many questions about containers each connection carried that the engine has seen, in their order.
  local function carried()
    local counts = {}
    for i, record in ipairs(to.upstream.connections) do
      counts[i] = select(2, record.bytes:gsub("GET [^ ]*/containers/%w+/json ", ""))
    end
    return counts
  end

  -- Where 'odd' comes with the second question, on the connection that the first one left.
  local function at_second(odd)
    return function(conn, name, count, here)
      if count == 2 then
        assert.equal(2, here)
        return odd(conn, name)
      end
    end
  end

  -- what the engine does; what the policy says of containers one, two and three; how many questions went over
  -- each connection
  local all = { "it is one", "it is two", "it is three" }
  local nothing = "the engine could not be asked: the engine closed the connection without an answer"
  local cut = "the engine could not be asked: the engine's answer was cut short"
  for name, case in pairs {
    ["goes over the connection of the one before"] = { nil, all, { 3 } },
    ["gets a new one where the engine says so"] = {
      function(conn, name) return conn:send(container(name, "Connection: close\r\n")) or true end, all, { 1, 1, 1 },
    },
    ["gets a new one when the other was closed meanwhile"] = {
      function(conn, name)
        conn:send(container(name))
        return END
      end, all, { 1, 1, 1 },
    },
    ["is asked again on a new one when that closes without a word"] = {
      at_second(function() return END end), all, { 2, 2 },
    },
    ["is asked again but once"] = {
      function(_, _, count) return (count == 2 or count == 3) and END end,
      { all[1], nothing, all[3] }, { 2, 1, 1 },
    },
    ["is not asked again on a new connection that closes without a word"] = {
      function(_, _, count) return count == 1 and END end, { nothing, all[2], all[3] }, { 1, 2 },
    },
    ["is not asked again once there is a byte of an answer"] = {
      at_second(function(conn)
        conn:send "H"
        return END
      end), { all[1], nothing, all[3] }, { 2, 1 },
    },
    ["is not asked again once there is a part of an answer"] = {
      at_second(function(conn, name)
        conn:send(container(name):sub(1, -2))
        return END
      end), { all[1], cut, all[3] }, { 2, 1 },
    },
    ["is never answered by what came behind another answer"] = {
      function(conn, name, count)
        return conn:send(container(name) .. (count == 1 and container "wrong" or "")) or true
      end, all, { 1, 2 },
    },
    ["is never answered by what came while nobody asked"] = {
      function(conn, name, count)
        conn:send(container(name))
        loop.sleep(0.02)
        return conn:send(count == 1 and container "wrong" or "") or true
      end, all, { 1, 2 },
    },
    ["is never answered by what came behind the end of chunks"] = {
      function(conn, name, count)
        local body = container(name):match "\r\n\r\n(.*)"
        return conn:send(("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n%s"):format(
          #body, body, count == 1 and container "wrong" or "")) or true
      end, all, { 1, 2 },
    },
  } do
    it(name, function()
      to.upstream:use(engine(case[1]))
      for i, container_name in ipairs { "one", "two", "three" } do
        assert.equal(case[2][i], said(container_name))
        to.upstream:settle(0.05) -- what comes while nobody asks has come
      end
      assert.same(case[3], carried())
    end)
  end

  it("gets one of its own while another waits for its answer", function()
    to.upstream:use(engine(function(_, name)
      return name == "slow" and loop.sleep(0.3) or nil
    end))
    assert.equal("it is one", said "one")
    local slow = to:connect()
    slow:send(request "slow")
    loop.until_true(function() return to.upstream:seen():find("/containers/slow/", 1, true) end, 5)
    assert.equal("it is two", said "two")
    assert.is_truthy(message.read_response(slow, 5).body:find("it is slow", 1, true))
    slow:close()
    assert.same({ 2, 1 }, carried())
  end)

  it("never goes over a connection that carried a client's request", function()
    to.upstream:use(engine())
    for _ = 1, 3 do
      assert.equal(200, to:ask(front.request "GET /version").status)
      assert.equal("it is one", said "one")
    end
    local with_question = 0
    for _, record in ipairs(to.upstream.connections) do
      local is_question = record.bytes:find("/containers/", 1, true) ~= nil
      with_question = with_question + (is_question and 1 or 0)
      assert.is_false(is_question and record.bytes:find("/version", 1, true) ~= nil, record.bytes)
    end
    assert.equal(1, with_question)
  end)
end)
