-- Several requests on one connection, slow ones, too many, too large; and the same input cut anywhere.

local daemon = require "spec.support.daemon"
local folder = require "spec.support.folder"
local front = require "spec.support.front"
local loop = require "spec.support.loop"
local message = require "spec.support.message"
local sys = require "spec.support.sys"

local post = "POST /containers/x/start HTTP/1.1\r\nHost: d\r\n"

-- Answers each request with its target, slowly when the target says so.
local function tell_target(conn)
  while true do
    local request = message.read_request(conn, 3600, "HTTP/1.1 100 Continue\r\n\r\n")
    if not request then
      return
    end
    if request.target:find("slow", 1, true) then
      loop.sleep(0.15)
    end
    local body = request.target .. "|" .. request.body
    conn:send(("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s"):format(#body, body))
  end
end

describe("requests on one connection", function()
  local to

  setup(function() to = front.get("open", daemon.allow_all) end)
  before_each(function() to.upstream:use(tell_target) end)

  it("are answered one after the other", function()
    local conn = to:connect()
    for i = 1, 20 do
      assert.equal("/a" .. i .. "|", message.ask(conn, front.request("GET /a" .. i)).body)
    end
    conn:close()
  end)

  it("are answered in their order when they come all at once", function()
    local conn = to:connect()
    local all = {}
    for i = 1, 20 do
      all[i] = front.request("POST /" .. (i % 3 == 1 and "slow" or "fast") .. i, nil, "body" .. i)
    end
    conn:send(table.concat(all))
    for i = 1, 20 do
      local response = message.read_response(conn, 5)
      assert.equal(("/%s%d|body%d"):format(i % 3 == 1 and "slow" or "fast", i, i), response and response.body)
    end
    conn:close()
  end)

  it("end with the first that is refused; what came after it is not read", function()
    local conn = to:connect()
    conn:send(front.request("GET /good") .. front.request("GET /../bad") .. front.request("GET /after"))
    assert.equal(200, message.read_response(conn, 5).status)
    assert.equal(400, message.read_response(conn, 5).status)
    assert.is_true(conn:closes(5))
    conn:close()
    to.upstream:settle()
    assert.is_falsy(to.upstream:seen():find("after", 1, true))
  end)

  it("end when the client says so", function()
    local conn = to:connect()
    conn:send(front.request("GET /a", { "Connection: close" }) .. front.request("GET /after"))
    assert.equal("/a|", message.read_response(conn, 5).body)
    assert.is_true(conn:closes(5))
    conn:close()
    assert.is_falsy(to.upstream:seen():find("after", 1, true))
  end)

  it("may end with a half-closed connection, and the answer still comes", function()
    local conn = to:connect()
    conn:send(front.request("GET /slow"))
    conn:finish()
    assert.equal("/slow|", message.read_response(conn, 5).body)
    conn:close()
  end)

  it("wait for 100 Continue, whoever says it", function()
    local conn = to:connect()
    conn:send(post .. "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n")
    local first = message.read_response(conn, 5)
    assert.equal(100, first and first.status)
    conn:send("hello")
    assert.equal("/containers/x/start|hello", message.read_response(conn, 5).body)
    conn:close()
  end)

  it("do not wait for 100 Continue after a refusal", function()
    local conn = to:connect()
    conn:send("POST /../x HTTP/1.1\r\nHost: d\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
    assert.equal(400, message.read_response(conn, 5).status)
    conn:close()
  end)

  for name, bytes in pairs({
    ["GET"] = front.request("GET /v1.41/containers/json?all=1", { "User-Agent: Docker-Client/20.10 (linux)" }),
    ["POST with a length"] = post .. "Content-Type: application/json\r\nContent-Length: 5\r\n\r\nhello",
    ["POST in chunks"] = post .. "Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\nX: y\r\n\r\n",
  }) do
    it("mean the same cut anywhere: " .. name, function()
      local whole = to:ask(bytes).body
      for cut = 1, #bytes - 1 do
        local conn = to:connect()
        conn:send(bytes:sub(1, cut))
        loop.sleep(0.001)
        conn:send(bytes:sub(cut + 1))
        local response = message.read_response(conn, 5)
        assert.equal(whole, response and response.body, "cut after " .. cut)
        conn:close()
      end
    end)

    it("mean the same byte by byte: " .. name, function()
      local whole = to:ask(bytes).body
      local conn = to:connect()
      for i = 1, #bytes do
        conn:send(bytes:sub(i, i))
        if i % 8 == 0 then
          loop.sleep(0)
        end
      end
      assert.equal(whole, message.read_response(conn, 5).body)
      conn:close()
    end)
  end

  it("that are half a message wait, and are not answered", function()
    local whole = front.request("GET /x")
    for cut = 1, #whole - 1, 7 do
      local conn = to:connect()
      conn:send(whole:sub(1, cut))
      assert.is_nil(conn:closes(0.02))
      conn:close()
    end
  end)
end)

describe("a limit:", function()
  local to
  local second = "unix://" .. folder.new() .. "/second.sock"

  setup(function()
    to = front.start(daemon.flatten(daemon.allow_all, "-allowfrom=127.0.0.0/8", "-maxhead=8k", "-maxheaders=40", "-headtimeout=1",
      "-idletimeout=2", "-responsetimeout=2", "-maxconnections=12", "-maxperclient=6", "-maxbody=2k",
      "-listen=" .. second))
  end)
  teardown(function() to:stop() end)
  after_each(function() to.upstream:use() end)

  it("a head larger than -maxhead is 431", function()
    to:refuses(front.request("GET /x", { "X: " .. ("x"):rep(9000) }), 431, assert)
    to:refuses("GET /" .. ("x"):rep(9000) .. " HTTP/1.1\r\nHost: d\r\n\r\n", 431, assert)
    to:refuses("GET /" .. ("x"):rep(9000), 431, assert)
  end)

  it("a message about a limit names its option", function()
    local long = { "X: " .. ("x"):rep(9000) }
    local many, pairs_of_query = {}, {}
    for i = 1, 60 do
      many[i], pairs_of_query[i] = "X-" .. i .. ": 1", "a" .. i
    end
    for bytes, option in pairs {
      [front.request("GET /x", long)] = "-maxhead", [front.request("GET /x", many)] = "-maxheaders",
      [front.request("GET /v1.12/x")] = "-minapi",
      [front.request("GET /x?" .. table.concat(pairs_of_query, "&"))] = "-maxheaders",
    } do
      local response = to:ask(bytes)
      assert.is_truthy(response.body:find("(" .. option .. ")", 1, true), response.body)
    end
  end)

  it("more headers than -maxheaders are 431", function()
    local headers = {}
    for i = 1, 60 do
      headers[i] = "X: " .. i
    end
    to:refuses(front.request("GET /x", headers), 431, assert)
  end)

  it("a head that is not there after -headtimeout is 408, however it trickles", function()
    local before = sys.now()
    local conn = to:connect()
    local text = "GET /x HTTP/1.1\r\nHost: d\r\nX: " .. ("y"):rep(60)
    for i = 1, #text do
      conn:send(text:sub(i, i))
      loop.sleep(0.05)
      if conn:closes(0) ~= nil then
        break
      end
    end
    local response = message.read_response(conn, 3)
    assert.is_true(response == nil or response.status == 408, response and response.head)
    assert.is_true(conn:closes(2))
    local took = sys.now() - before
    assert.is_true(took > 0.8 and took < 2.5, "after " .. took .. " s")
    conn:close()
    assert.equal("", to.upstream:seen())
  end)

  it("-headtimeout is for one head, not for all that come on a connection", function()
    local denying = front.start({ "-headtimeout=1" })
    local conn = denying:connect()
    conn:send("GET /x HT")
    for i = 1, 4 do
      loop.sleep(0.4)
      conn:send("TP/1.1\r\nHost: d\r\n\r\nGET /x HT")
      local response = message.read_response(conn, 3)
      assert.equal(405, response and response.status, "request " .. i)
    end
    conn:close()
    denying:stop()
  end)

  it("a connection that says nothing is closed too", function()
    local conn = to:connect()
    assert.is_truthy(conn:closes(4) ~= nil)
    conn:close()
  end)

  it("an engine that does not answer is 504 after -responsetimeout", function()
    to.upstream:use(function(conn)
      message.read_request(conn)
      conn:read_all(10)
    end)
    local response = to:ask(front.request("GET /x"), 5)
    assert.equal(504, response and response.status)
  end)

  it("more connections than -maxperclient are 503, and room is made again", function()
    local held = {}
    for i = 1, 6 do
      held[i] = to:connect()
      assert.equal(200, message.ask(held[i], front.request("GET /x")).status)
    end
    local extra = to:connect()
    local response = message.read_response(extra, 3)
    assert.equal(503, response and response.status)
    assert.is_truthy(response.body:find('"moonward: ', 1, true))
    assert.is_true(extra:closes(3))
    extra:close()
    for _, conn in ipairs(held) do
      conn:close()
    end
    loop.sleep(0.1)
    assert.equal(200, to:ask(front.request("GET /x")).status)
  end)

  local function close_all(conns)
    for _, conn in pairs(conns) do
      conn:close()
    end
    loop.sleep(0.1)
  end

  it("a full share on one Unix listener leaves the same user's on another one", function()
    local held = {}
    for i = 1, 6 do
      held[i] = to:connect(to.daemon.unix)
      assert.equal(200, message.ask(held[i], front.request("GET /x")).status)
    end
    local extra = to:connect(to.daemon.unix)
    assert.equal(503, message.read_response(extra, 3).status)
    extra:close()
    for _, address in ipairs { second, to.daemon.tcp } do
      local other = to:connect(address)
      assert.equal(200, message.ask(other, front.request("GET /x")).status)
      other:close()
    end
    close_all(held)
  end)

  it("another address still has its share, until there are -maxconnections", function()
    local held = {}
    to.upstream:use(function(conn)
      message.read_request(conn)
      conn:read_all(10)
    end)
    for i = 1, 12 do
      held[i] = assert(front.stream.connect(to.daemon.tcp, "127.0.0." .. (2 + i % 3)))
      held[i]:send(front.request("POST /containers/x/wait"))
    end
    loop.until_true(function() return #to.upstream.connections == 12 end)
    local extra = assert(front.stream.connect(to.daemon.tcp, "127.0.0.9"))
    local response = message.read_response(extra, 3)
    assert.equal(503, response and response.status)
    extra:close()
    close_all(held)
  end)

  it("who is over its share, and stays although it is refused, takes nobody's place", function()
    local held = {}
    to.upstream:use(function(conn)
      local request = message.read_request(conn)
      if request and request.target:find("/wait", 1, true) then
        conn:read_all(10)
      else
        conn:send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK")
      end
    end)
    for i = 1, 6 do
      held[i] = assert(front.stream.connect(to.daemon.tcp, "127.0.0.2"))
      held[i]:send(front.request("POST /containers/x/wait"))
    end
    loop.until_true(function() return #to.upstream.connections == 6 end)
    for i = 7, 40 do
      held[i] = assert(front.stream.connect(to.daemon.tcp, "127.0.0.2"))
    end
    assert.equal(503, message.read_response(held[7], 3).status)
    local other = assert(front.stream.connect(to.daemon.tcp, "127.0.0.9"))
    local response = message.ask(other, front.request("GET /x"))
    assert.equal(200, response and response.status)
    other:close()
    close_all(held)
  end)

  it("when there are -maxconnections, the longest idle one of whoever has most is closed", function()
    local held = {}
    for i = 1, 12 do
      held[i] = assert(front.stream.connect(to.daemon.tcp, "127.0.0." .. (i <= 5 and 2 or i <= 11 and 3 or 4)))
      assert.equal(200, message.ask(held[i], front.request("GET /x")).status)
    end
    assert.equal(200, message.ask(held[6], front.request("GET /x")).status)
    local extra = assert(front.stream.connect(to.daemon.tcp, "127.0.0.9"))
    assert.equal(200, message.ask(extra, front.request("GET /x")).status)
    assert.is_true(held[7]:closes(1))
    for i, conn in ipairs(held) do
      if i ~= 7 then
        assert.equal(200, message.ask(conn, front.request("GET /x")).status, "connection " .. i)
      end
    end
    assert.is_truthy(to.daemon:logs { "too many connections: idle ones of whoever has most are closed", "client=127.0.0.3" })
    extra:close()
    close_all(held)
  end)
end)

describe("a long head", function()
  local to

  setup(function() to = front.start(daemon.flatten(daemon.allow_all, "-maxbodies=8m")) end)
  teardown(function() to:stop() end)

  it("passes as the engine takes it: forty registries' logins, and up to 1 MiB", function()
    for _, size in ipairs { 120000, 1000000 } do
      local response = to:ask(front.request("POST /build", { "X-Registry-Config: " .. ("x"):rep(size) }))
      assert.equal(200, response and response.status)
      assert.is_true(#to.upstream:seen() > size)
      to.upstream:drop()
    end
  end)

  it("has a target of at most 64 KiB, which rules are matched with", function()
    to:refuses(front.request("GET /" .. ("x"):rep(70000)), 414, assert)
  end)

  it("counts as a body does: one client cannot have the memory", function()
    local before, conns, refused = to.daemon:rss(), {}, 0
    for i = 1, 40 do
      conns[i] = to:connect()
      conns[i]:send("GET /x HTTP/1.1\r\nHost: d\r\nX: " .. ("x"):rep(900000))
    end
    loop.sleep(0.5)
    for _, conn in ipairs(conns) do
      local response = message.read_response(conn, 0.02)
      refused = refused + (response and response.status == 503 and 1 or 0)
    end
    local grown = to.daemon:rss() - before
    assert.is_true(refused > 25, refused .. " were refused")
    assert.is_true(grown < 24 * 1024 * daemon.memory_factor, grown .. " KiB more")
    for _, conn in ipairs(conns) do
      conn:close()
    end
  end)
end)

describe("a request that cannot be read", function()
  local to

  setup(function() to = front.start(daemon.allow_all) end)
  teardown(function() to:stop() end)

  for name, case in pairs {
    ["shows its method and its target, escaped"] = { 'GET /a\\b"c\t\27 HTTP/1.1\r\nHost: d\r\n\r\n',
      { "method=GET", [[path="/a\\b\"c\t\u001b"]] } },
    ["shows its method and its target before a bad field"] = { "DELETE /images/x HTTP/1.1\r\nHost: d\r\nA B: c\r\n\r\n",
      { "method=DELETE", "path=/images/x " } },
    ["shows no query, which may hold secrets"] = { "POST /b?password=secret HTTP/1.1\r\n\r\n", { "method=POST", "path=/b " } },
    ["shows the beginning of what is long"] = { "GET /" .. ("y"):rep(300) .. " HTTP/9\r\n\r\n",
      { "path=/" .. ("y"):rep(195) .. "... " } },
  } do
    it(name .. " in the log", function()
      to:ask(case[1])
      local line = to.daemon:logs(case[2])
      assert.is_truthy(line, to.daemon:log())
      assert.is_truthy(line:find("verdict=refuse", 1, true))
      assert.is_nil(line:find("secret", 1, true))
    end)
  end
end)
