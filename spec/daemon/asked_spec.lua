-- What was asked, and what came of it, as policies, clients and the log see it in the less usual cases.

local cjson = require "cjson"
local folder = require "spec.support.folder"
local front = require "spec.support.front"
local loop = require "spec.support.loop"
local message = require "spec.support.message"
local upstream = require "spec.support.upstream"

local policy = folder.write(folder.new() .. "/asked.lua", [[
local moonward = require "moonward"
return function(client, request)
  if request:is("container.create") then
    local before = request:header("x-twice")
    local body = request.json
    return moonward.deny(("%s|%s|%s|%s"):format(before, request:header("x-twice"), request:header("x-last"),
      request:header("expect")))
  elseif request:is("container.inspect") then
    return moonward.allow { redact = { "Config.Env" } }
  elseif request:is("container.list", "system.events") then
    return moonward.allow { only = function(item)
      return item.Show and request:header("x-last") == "w" and request:header("accept-encoding") == "gzip"
    end }
  end
  return moonward.allow()
end
]])

local viewing = folder.write(folder.new() .. "/viewing.lua", [[
local moonward = require "moonward"
return function()
  return moonward.view { container = function() return true end, image = true, network = true, volume = true }
end
]])

describe("what was asked", function()
  local to

  setup(function() to = front.start { "-policy=" .. policy, "-logjson", "-bodytimeout=1" } end)
  teardown(function() to:stop() end)
  after_each(function() to.upstream:use() end)

  local function entry(path)
    local line = to.daemon:logs({ path, "verdict" })
    assert.is_truthy(line, to.daemon:log())
    return cjson.decode(line)
  end

  it("is the same after the body was read", function()
    local conn = to:connect()
    conn:send(front.request("POST /containers/create", { "Expect: 100-continue", "X-Twice: v",
      "Content-Type: application/json", "Content-Length: 2", "X-Last: w" }))
    assert.is_truthy(conn:read_until("100 Continue\r\n\r\n", 5))
    conn:send("{}")
    local response = message.read_response(conn, 5)
    assert.is_truthy(response.body:find("v|v|w|100-continue", 1, true), response.body)
    conn:close()
  end)

  it("is the same while the answer is filtered", function()
    to.upstream:use(upstream.answer_with(
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n[{\"Show\":true}]"))
    local response = to:ask(front.request("GET /containers/json", { "Accept-Encoding: gzip", "X-Last: w" }))
    assert.equal('[{"Show":true}]', response.body)
    assert.is_nil(to.upstream:seen():lower():find("accept-encoding", 1, true))
  end)

  describe("and a client that leaves in its body before anybody judged", function()
    it("is abandoned, and neither denied nor refused", function()
      local conn = to:connect()
      conn:send(front.request("POST /containers/create?name=left", { "Content-Type: application/json",
        "Content-Length: 100" }) .. "{")
      loop.sleep(0.1)
      conn:close()
      local found = entry("name=left")
      assert.equal("abandoned", found.verdict)
      assert.equal("abandoned request", found.msg)
      assert.equal("asked", found.policy)
      assert.equal(0, found.status)
    end)
  end)

  for name, case in pairs {
    ["a chunk whose size is no number"] = { "zz\r\n", 400, "chunk" },
    ["a body that does not come"] = { "", 408, "-bodytimeout" },
  } do
    it("and is refused for its body says why, and which policy waited: " .. name, function()
      local path = "/containers/create?name=b" .. case[2]
      local conn = to:connect()
      conn:send(front.request("POST " .. path, { "Content-Type: application/json", "Transfer-Encoding: chunked" })
        .. case[1])
      assert.equal(case[2], message.read_response(conn, 5).status)
      local found = entry(path)
      assert.equal("refuse", found.verdict)
      assert.equal(case[2], found.status)
      assert.equal("asked", found.policy)
      assert.is_truthy(found.reason:find(case[3], 1, true), found.reason)
      conn:close()
    end)
  end
end)

describe("where a filter stands", function()
  local to

  setup(function() to = front.start { "-policy=" .. policy, "-logjson" } end)
  teardown(function() to:stop() end)
  after_each(function() to.upstream:use() end)

  local object = '{"Id":"x","Config":{"Env":["SECRET=1","SECRET=2"]}}'
  local own = "Etag: \"abc\"\r\nLast-Modified: Mon, 01 Jan 2024 00:00:00 GMT\r\nAccept-Ranges: bytes\r\n"
    .. "Content-MD5: x\r\nDigest: x\r\nX-Secret: SECRET\r\nLink: SECRET\r\n"

  local function answer(first, headers, body)
    return ("HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n%s"):format(first, headers, #body, body)
  end

  it("bytes_out counts what the client gets", function()
    to.upstream:use(upstream.answer_with(answer("200 OK", "Content-Type: application/json\r\n", object)))
    local response = to:ask(front.request("GET /containers/counted/json"))
    assert.is_true(#response.body < #object)
    local found = cjson.decode(to.daemon:logs("/counted/"))
    assert.equal(#response.body, found.bytes_out)
  end)

  it("bytes_out counts our own words, too", function()
    to.upstream:use(upstream.answer_with(answer("200 OK", "Content-Type: application/json\r\n", "[broken")))
    local response = to:ask(front.request("GET /containers/broken/json"))
    assert.equal(502, response.status)
    assert.equal(#response.body, cjson.decode(to.daemon:logs("/broken/json")).bytes_out)
  end)

  it("only headers pass that are on a list, and none that describes the engine's bytes", function()
    to.upstream:use(upstream.answer_with(answer("200 SECRET", own .. "Api-Version: 1.41\r\nOstype: linux\r\n"
      .. "Content-Type: application/json\r\n", object)))
    local response = to:ask(front.request("GET /containers/x/json"))
    assert.equal("1.41", response.headers["api-version"])
    assert.equal("linux", response.headers.ostype)
    assert.equal("application/json", response.headers["content-type"])
    assert.equal("HTTP/1.1 200 OK", response.first)
    for _, name in ipairs { "etag", "last-modified", "accept-ranges", "content-md5", "digest", "x-secret", "link" } do
      assert.is_nil(response.headers[name], name)
    end
    assert.is_nil((response.head .. response.body):find("SECRET", 1, true))
  end)

  it("the head of an answer without a body passes so as well", function()
    to.upstream:use(upstream.answer_with("HTTP/1.1 304 SECRET\r\n" .. own .. "\r\n"))
    local conn = to:connect()
    conn:send(front.request("GET /containers/x/json"))
    local head = conn:read_until("\r\n\r\n", 5)
    assert.is_nil(head:find("SECRET", 1, true), head)
    conn:close()
  end)

  it("what is not filtered keeps its headers", function()
    to.upstream:use(upstream.answer_with(answer("200 OK", own, "x")))
    assert.equal("SECRET", to:ask(front.request("GET /containers/x/top")).headers["x-secret"])
  end)

  it("no interim head passes but the one that a client waits for", function()
    to.upstream:use(upstream.answer_with("HTTP/1.1 103 Early Hints\r\nLink: SECRET\r\n\r\n"
      .. "HTTP/1.1 100 SECRET\r\nX-Secret: SECRET\r\n\r\n"
      .. answer("200 OK", "Content-Type: application/json\r\n", object)))
    local conn = to:connect()
    conn:send(front.request("GET /containers/x/json", { "Connection: close" }))
    local all = conn:read_all(5)
    assert.equal("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n", all:match("^.-200 OK\r\n"))
    assert.is_nil(all:find("SECRET", 1, true), all)
    conn:close()
  end)

  it("a connection that becomes a stream of bytes does not pass", function()
    to.upstream:use(upstream.answer_with("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nSECRET",
      true))
    assert.equal(502, to:ask(front.request("GET /events", { "Connection: Upgrade", "Upgrade: tcp" })).status)
  end)

  local json = "Content-Type: application/json\r\n"
  for name, case in pairs {
    ["the engine's"] = { answer("404 Not Found", json, '{"message":"No such container: x"}\n'), 404 },
    ["podman's"] = { answer("500 x", json, '{"cause":"a","message":"b","response":500}'), 500 },
    ["an object"] = { answer("404 Not Found", json, object), 502 },
    ["an error with more"] = { answer("500 x", json, '{"message":"b","Env":"SECRET"}'), 502 },
    ["a message that is no text"] = { answer("500 x", json, '{"message":{"a":"SECRET"}}'), 502 },
    ["two, one of another form"] = { answer("500 x", json, '{"message":"a"}{"Env":"SECRET"}'), 502 },
    ["a list"] = { answer("400 x", json, '["SECRET"]'), 502 },
    ["text"] = { answer("400 Bad Request", "Content-Type: text/plain\r\n", "SECRET"), 400 },
    ["a redirect"] = { answer("302 Found", "Location: /SECRET\r\nContent-Type: text/html\r\n", "<SECRET>"), 502 },
  } do
    for _, path in ipairs { "/containers/x/json", "/events" } do
      it(("only an error of the engine's form passes: %s, %s"):format(name, path), function()
        to.upstream:use(upstream.answer_with(case[1]))
        local response = to:ask(front.request("GET " .. path))
        assert.equal(case[2], response.status)
        assert.is_nil((response.head .. response.body):find("SECRET", 1, true), response.body)
      end)
    end
  end
end)

-- As golang.org/x/net/websocket writes it, past net/http.
describe("an attach/ws without a handshake gets the engine's own 400", function()
  local inspected = cjson.encode {
    Id = ("0"):rep(64), Name = "/x", Image = "sha256:" .. ("0"):rep(64), Config = { Labels = {} },
    State = { Status = "running" }, NetworkSettings = { Networks = {} },
  }
  local to
  after_each(function() to:stop() end)

  local function ask(words)
    to = front.start(words)
    to.upstream:use(function(conn)
      if message.read_request(conn).target:find("/json", 1, true) then
        conn:send("HTTP/1.1 200 OK\r\nContent-Length: " .. #inspected .. "\r\n\r\n" .. inspected)
      else
        conn:send("HTTP/1.1 400 Bad Request\r\n\r\nnot websocket protocol")
      end
    end)
    return to:ask(front.request("GET /containers/x/attach/ws"))
  end

  it("as it is", function()
    local response = ask { "-policy=" .. policy }
    assert.equal(400, response.status)
    assert.equal("not websocket protocol", response.body)
  end)

  it("without its words, in a view", function()
    local response = ask { "-policy=" .. viewing }
    assert.equal(400, response.status)
    assert.is_truthy(response.body:find("moonward: the engine refuses", 1, true), response.body)
  end)
end)
