-- Answers and bodies that a policy changes, in exact bytes.

local folder = require "spec.support.folder"
local front = require "spec.support.front"
local loop = require "spec.support.loop"
local message = require "spec.support.message"
local upstream = require "spec.support.upstream"

local policy = folder.write(folder.new() .. "/shown.lua", [[
local moonward = require "moonward"
return function(_, request)
  if request:is("container.create") then
    return moonward.allow { edit = function(json)
      json.Labels = json.Labels or {}
      json.Labels.owner = "me"
    end }
  end
  return moonward.allow { only = function(item)
    assert(item.labels.show ~= "broken", "a broken one")
    return item.labels.show == "yes"
  end }
end
]])

local function engine_says(head, body)
  return "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Type: application/json\r\n" .. head
    .. (body and "Content-Length: " .. #body .. "\r\n\r\n" .. body or "\r\n")
end

local to

setup(function() to = front.start { "-policy=" .. policy, "-loglevel=info" } end)
teardown(function() to:stop() end)

describe("an answer that is filtered", function()
  local list = '[{"Labels":{"show":"yes"},"n":1.0},{"Labels":{"show":"no"}}]\n'
  -- line, headers, what the engine says, status, body
  local cases = {
    { "comes without what is hidden", "GET /containers/json", engine_says("", list), 200,
      '[{"Labels":{"show":"yes"},"n":1.0}]\n' },
    { "of one hidden object is the engine's 404", "GET /containers/web/json",
      engine_says("", '{"Config":{"Labels":{}}}\n'), 404, '{"message":"No such container: web"}\n' },
    { "of one object is shown", "GET /containers/web/json",
      engine_says("", '{"Config":{"Labels":{"show":"yes"}}}\n'), 200, '{"Config":{"Labels":{"show":"yes"}}}\n' },
    { "is the engine's error as it is", "GET /containers/web/json",
      (engine_says("", '{"message":"No such container: web"}\n'):gsub("200 OK", "404 Not Found")), 404,
      '{"message":"No such container: web"}\n' },
    { "is not passed when it is compressed", "GET /containers/json",
      engine_says("Content-Encoding: gzip\r\n", list), 502, "compressed" },
    { "is not passed when it is no JSON", "GET /containers/json",
      (engine_says("", list):gsub("application/json", "text/plain")), 502, "not JSON" },
    { "is not passed when it begins wrong", "GET /containers/json", engine_says("", '{"a":1}'), 502,
      "can't be filtered" },
    { "is not passed when it is cut short before it shows anything", "GET /containers/web/json",
      engine_says("Content-Length: 30\r\n") .. '{"Config":{', 502, "cut it short", true },
    { "is not passed when its chunks are broken", "GET /containers/json",
      engine_says "Transfer-Encoding: chunked\r\n" .. "x\r\n", 502, "broke the framing" },
    { "is not passed when the filter fails at the only object", "GET /containers/web/json",
      engine_says("", '{"Config":{"Labels":{"show":"broken"}}}\n'), 502, "could not be judged" },
  }
  for _, case in ipairs(cases) do
    it(case[1], function()
      to.upstream:use(upstream.answer_with(case[3], case[6]))
      local response = to:ask(front.request(case[2]))
      assert.equal(case[4], response.status)
      if case[4] == 502 then
        assert.is_truthy(response.body:find(case[5], 1, true), response.body)
      else
        assert.equal(case[5], response.body)
        assert.equal("1.41", response.headers["api-version"])
      end
    end)
  end

  it("asks the engine for all of it, in plain", function()
    to.upstream:use(upstream.answer_with(engine_says("", "[]")))
    to:ask(front.request("GET /containers/json", {
      "Accept-Encoding: gzip", "Range: bytes=0-1", "If-None-Match: x", "If-Modified-Since: y", "Accept: text/plain",
    }))
    local seen = to.upstream:seen():lower()
    for _, name in ipairs { "accept", "range", "if-" } do
      assert.is_nil(seen:find("\n" .. name, 1, true), seen)
    end
  end)

  -- Engines from 29.3 on answer /events so, for API 1.52 and later.
  for _, form in ipairs { "application/jsonl", "application/x-ndjson", "application/JSONL; charset=utf-8" } do
    it("is read as " .. form, function()
      local head = "Transfer-Encoding: chunked\r\n\r\n"
      local said = engine_says(head):gsub("application/json", form):gsub("\r\n\r\n\r\n", "\r\n\r\n")
      local event = '{"Type":"container","Actor":{"Attributes":{"show":"%s"}}}\n'
      local body = event:format("yes") .. event:format("no")
      to.upstream:use(upstream.answer_with(said .. ("%x\r\n%s\r\n0\r\n\r\n"):format(#body, body)))
      local response = to:ask(front.request("GET /v1.52/events"))
      assert.equal(200, response.status)
      assert.equal(form, response.headers["content-type"])
      assert.equal(event:format("yes"), response.body)
    end)
  end

  it("is not read as application/json-seq", function()
    local said = engine_says("", '\x1e{"Type":"container"}\n'):gsub("application/json", "application/json-seq")
    to.upstream:use(upstream.answer_with(said))
    local response = to:ask(front.request("GET /v1.52/events"))
    assert.equal(502, response.status)
    assert.is_truthy(response.body:find("not JSON", 1, true), response.body)
  end)

  -- what the client accepts, what the engine is told
  local accepted = {
    { { "Accept: application/json-seq", "Accept: application/x-ndjson" }, "application/x-ndjson" }, -- moby's client
    { { "Accept: application/json-seq, application/jsonl ;q=0.9 , */*" }, "application/jsonl ;q=0.9" },
    { { "Accept: application/json" }, "application/json" },
    { { "Accept: */*" }, nil },
    { { "Accept: application/json-seq" }, nil },
    { { "Accept: application/jsonly, ,text/html" }, nil },
  }
  for _, case in ipairs(accepted) do
    it("asks for a form that a filter reads, of " .. table.concat(case[1], " and "), function()
      to.upstream:use(upstream.answer_with(engine_says("", "[]")))
      to:ask(front.request("GET /containers/json", case[1]))
      assert.equal(case[2], to.upstream:seen():match("\n[Aa]ccept: ([^\r]*)\r"))
    end)
  end

  it("ends where the filter fails, and never as if it were whole", function()
    local first, rest = '[{"Labels":{"show":"yes"}}', ',{"Labels":{"show":"broken"}},{"Labels":{},"secret":1}]'
    to.upstream:use(function(conn)
      message.read_request(conn, 5)
      conn:send(engine_says("Content-Length: " .. #first + #rest .. "\r\n") .. first)
      loop.sleep(0.2)
      conn:send(rest)
    end)
    local response = to:ask(front.request("GET /containers/json"))
    assert.equal(200, response.status)
    assert.is_false(response.whole)
    assert.equal(first, response.body)
    local log = to.daemon.process:shows("filter failed", 2)
    assert.is_truthy(log, "no line in the log")
    assert.is_truthy(log:find("shown.lua:10: a broken one", 1, true), log)
  end)

  it("is a stream that shows each event at once", function()
    local sent
    to.upstream:use(function(conn)
      message.read_request(conn, 5)
      sent = conn
      conn:send(engine_says "Transfer-Encoding: chunked\r\n")
      loop.sleep(30)
    end)
    local conn = to:connect()
    conn:send(front.request("GET /events"))
    local head = conn:read_until("\r\n\r\n", 5)
    assert.is_truthy(head and head:find("200 OK", 1, true), head)
    for i, show in ipairs { "yes", "no", "yes" } do
      local event = ('{"Type":"container","n":%d,"Actor":{"Attributes":{"show":"%s"}}}\n'):format(i, show)
      sent:send(("%x\r\n%s\r\n"):format(#event, event))
      if show == "yes" then
        assert.is_truthy(conn:read_until('"n":' .. i, 5), "event " .. i)
      end
    end
    conn:close()
  end)
end)

describe("a body that is edited", function()
  for _, case in ipairs {
    { "with a length", { }, '{"Image":"a"}', '{"Image":"a","Labels":{"owner":"me"}}' },
    { "that has labels", { }, '{"labels":{"a":"b"}, "Image":"a"}', '{"labels":{"a":"b","owner":"me"},"Image":"a"}' },
    { "that has the label", { }, '{ "Labels":{"owner":"me"}}', '{ "Labels":{"owner":"me"}}' },
    { "in another's name", { }, '{ "Labels":{"owner":"you"}}', '{"Labels":{"owner":"me"}}' },
  } do
    it("goes on with its new length: " .. case[1], function()
      to.upstream:use()
      local response = to:ask(front.request("POST /containers/create", { "Content-Type: application/json" }, case[3]))
      assert.equal(200, response.status)
      local head, body = to.upstream:seen():match("^(.-\r\n\r\n)(.*)$")
      assert.equal(case[4], body)
      assert.is_truthy(head:lower():find("content-length: " .. #case[4] .. "\r\n", 1, true), head)
    end)
  end

  it("that came in chunks goes on with a length", function()
    to.upstream:use()
    local response = to:ask("POST /containers/create HTTP/1.1\r\nHost: docker\r\nContent-Type: application/json\r\n"
      .. 'Transfer-Encoding: chunked\r\n\r\n5\r\n{"Ima\r\n8\r\nge":"a"}\r\n0\r\n\r\n')
    assert.equal(200, response.status)
    local seen = to.upstream:seen()
    assert.is_truthy(seen:find('\r\n\r\n{"Image":"a","Labels":{"owner":"me"}}', 1, true), seen)
    assert.is_nil(seen:lower():find("transfer-encoding", 1, true), seen)
  end)
end)
