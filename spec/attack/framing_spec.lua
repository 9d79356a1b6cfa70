-- Messages that two readers cut at different places (threats.md 3.1). The dangerous part is always a
-- second request, smuggled inside the first.

local daemon = require "spec.support.daemon"
local front = require "spec.support.front"
local message = require "spec.support.message"

local hidden = "DELETE /containers/smuggled HTTP/1.1\r\nHost: d\r\n\r\n"
local post = "POST /containers/x/start HTTP/1.1\r\nHost: d\r\n"

-- {name, bytes, status (400 if not given)}
local refused = {
  { "Content-Length and Transfer-Encoding",
    post .. "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" .. hidden },
  { "Transfer-Encoding and Content-Length",
    post .. "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" .. hidden },
  { "Content-Length: 0 and chunked (CVE-2024-41110)",
    post .. "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n" },
  { "an unreadable Content-Length and chunked", post .. "Content-Length: abc\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
  { "two different Content-Lengths", post .. "Content-Length: 0\r\nContent-Length: 50\r\n\r\n" .. hidden },
  { "two equal Content-Lengths", post .. "Content-Length: 4\r\nContent-Length: 4\r\n\r\nabcd" },
  { "chunked in HTTP/1.0", "POST /x HTTP/1.0\r\nHost: d\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" .. hidden },
  { "a folded Transfer-Encoding", post .. "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n" },
  { "a folded header", post .. "X: a\r\n b\r\n\r\n" },
  { "a folded header with a tab", post .. "X: a\r\n\tb\r\n\r\n" },
  { "an empty continuation line", post .. "X: a\r\n \r\n\r\n" },
  { "a first header that is folded", "GET /_ping HTTP/1.1\r\n Host: d\r\n\r\n" },
  { "bare LF everywhere", "GET /_ping HTTP/1.1\nHost: d\n\n" },
  { "bare LF after the request line", "GET /_ping HTTP/1.1\nHost: d\r\n\r\n" },
  { "bare LF after a header", "GET /_ping HTTP/1.1\r\nHost: d\nX: y\r\n\r\n" },
  { "bare LF as the empty line", "GET /_ping HTTP/1.1\r\nHost: d\r\n\n" },
  { "a bare CR in a header", "GET /_ping HTTP/1.1\r\nHost: d\r\nX: a\rContent-Length: 9\r\n\r\n" },
  { "CR CR LF", "GET /_ping HTTP/1.1\r\nHost: d\r\r\n\r\n" },
  { "NUL in a header", "GET /_ping HTTP/1.1\r\nHost: d\r\nX: a\0b\r\n\r\n" },
  { "a control character in a header", "GET /_ping HTTP/1.1\r\nHost: d\r\nX: a\1b\r\n\r\n" },
  { "DEL in a header", "GET /_ping HTTP/1.1\r\nHost: d\r\nX: a\127b\r\n\r\n" },
  { "a space before the colon", post .. "Content-Length : 4\r\n\r\nabcd" },
  { "a tab before the colon", post .. "Content-Length\t: 4\r\n\r\nabcd" },
  { "a space in a header's name", post .. "Content Length: 4\r\n\r\nabcd" },
  { "a header without a colon", post .. "Nothing\r\n\r\n" },
  { "a header without a name", post .. ": x\r\n\r\n" },
  { "a header's name in parentheses", post .. "(x): y\r\n\r\n" },
  { "a header's name beyond ASCII", post .. "X\195\169: y\r\n\r\n" },
  { "a header's name that ends with NBSP", post .. "Transfer-Encoding\160: chunked\r\n\r\n" },
  { "no Host", "GET /_ping HTTP/1.1\r\n\r\n" },
  { "two Hosts", "GET /_ping HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" },
  { "a Host with a slash", "GET /_ping HTTP/1.1\r\nHost: a/b\r\n\r\n" },
  { "a Host with a space", "GET /_ping HTTP/1.1\r\nHost: a b\r\n\r\n" },
  { "an empty line before the request", "\r\nGET /_ping HTTP/1.1\r\nHost: d\r\n\r\n" },
  { "HTTP/1.2", "GET /_ping HTTP/1.2\r\nHost: d\r\n\r\n", 505 },
  { "HTTP/1.9", "GET /_ping HTTP/1.9\r\nHost: d\r\n\r\n", 505 },
  { "HTTP/2.0", "GET /_ping HTTP/2.0\r\nHost: d\r\n\r\n", 505 },
  { "HTTP/0.9", "GET /_ping HTTP/0.9\r\nHost: d\r\n\r\n", 505 },
  { "HTTP/1.10", "GET /_ping HTTP/1.10\r\nHost: d\r\n\r\n" },
  { "HTTP/01.1", "GET /_ping HTTP/01.1\r\nHost: d\r\n\r\n" },
  { "http/1.1", "GET /_ping http/1.1\r\nHost: d\r\n\r\n" },
  { "HTTP/1", "GET /_ping HTTP/1\r\nHost: d\r\n\r\n" },
  { "HTTP/1.", "GET /_ping HTTP/1.\r\nHost: d\r\n\r\n" },
  { "HTTPS/1.1", "GET /_ping HTTPS/1.1\r\nHost: d\r\n\r\n" },
  { "a version with a space after it", "GET /_ping HTTP/1.1 \r\nHost: d\r\n\r\n" },
  { "no version", "GET /_ping\r\nHost: d\r\n\r\n" },
  { "HTTP/2 with prior knowledge", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", { 400, 505 } },
  { "a TLS greeting", "\22\3\1\2\0\1\0\1\252\3\3" .. ("x"):rep(40) },
  { "Expect of something else", post .. "Expect: foo\r\nContent-Length: 4\r\n\r\n", 417 },
  { "two Expects", post .. "Expect: 100-continue\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n", 417 },
  { "two Transfer-Encodings", post .. "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
  { "a second Transfer-Encoding that is empty", post .. "Transfer-Encoding: chunked\r\nTransfer-Encoding:\r\n\r\n0\r\n\r\n" },
  { "a body with Content-Encoding", post .. "Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd" },
  { "two Content-Types", post .. "Content-Type: application/json\r\n"
    .. "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\n\r\na=b" },
}

local bad_lengths = {
  "+4", "-0", "-1", "0x4", "1_0", "1e0", "4 4", "4,4", "4, 4", "0, 0", "4;", "4 ;", "\"4\"", "", " ", "4\0", "4\11",
  "18446744073709551616", "18446744073709551615", "9223372036854775808", "99999999999999999999999", "\217\164",
  "4\160", "four", "0b1", "4.0", "NaN",
}

-- Chunked bodies that must not be completed: {name, what follows the head}.
local bad_chunks = {
  { "a size that is not hexadecimal", "xyz\r\nhello\r\n0\r\n\r\n" },
  { "an empty size", "\r\nhello\r\n0\r\n\r\n" },
  { "a size of 17 digits", "00000000000000005\r\nhello\r\n0\r\n\r\n" },
  { "a size that overflows", "fffffffffffffffff\r\nhello\r\n" },
  { "0x in a size", "0x5\r\nhello\r\n0\r\n\r\n" },
  { "+ in a size", "+5\r\nhello\r\n0\r\n\r\n" },
  { "- in a size", "-5\r\nhello\r\n0\r\n\r\n" },
  { "a space before a size", " 5\r\nhello\r\n0\r\n\r\n" },
  { "an underscore in a size", "0_5\r\nhello\r\n0\r\n\r\n" },
  { "bare LF after a size", "5\nhello\r\n0\r\n\r\n" },
  { "bare CR after a size", "5\rhello\r\n0\r\n\r\n" },
  { "bare LF after the data", "5\r\nhello\n0\r\n\r\n" },
  { "no line end after the data", "5\r\nhello0\r\n\r\n" },
  { "more data than the size", "4\r\nhello\r\n0\r\n\r\n" },
  { "an extension, which readers end differently", "5;a=b\r\nhello\r\n0\r\n\r\n" },
  { "bare LF in an extension", "5;a\nb\r\nhello\r\n0\r\n\r\n" },
  { "bare CR in an extension", "5;a\rb\r\nhello\r\n0\r\n\r\n" },
  { "only an extension", ";\r\nhello\r\n0\r\n\r\n" },
  { "an extension without end", "5;" .. ("x"):rep(70000) },
  { "a trailer with a bare LF", "0\r\nA: b\n\r\n" },
  { "a trailer without a colon", "0\r\nnothing\r\n\r\n" },
  { "trailers without end", "0\r\n" .. ("A: b\r\n"):rep(20000) },
}

describe("a message that two readers cut at different places", function()
  local to

  setup(function() to = front.get("open", daemon.allow_all) end)

  for _, case in ipairs(refused) do
    it("is refused: " .. case[1], function()
      local status = case[3] or 400
      if type(status) == "table" then -- either answer is right, so take the one that comes
        local response = to:ask(case[2])
        status = (response.status == status[1] or response.status == status[2]) and response.status or 400
      end
      to:refuses(case[2], status, assert)
    end)
  end

  it("is refused: a Content-Length that is not a plain number", function()
    for _, length in ipairs(bad_lengths) do
      to:refuses(post .. "Content-Length: " .. length .. "\r\n\r\n" .. hidden, 400, assert)
    end
  end)

  it("is refused: a Transfer-Encoding that is not exactly chunked", function()
    for _, coding in ipairs({
      "", "identity", "gzip", "gzip, chunked", "chunked, gzip", "chunked, chunked", "chunked,", ",chunked", "xchunked",
      "chunkedx", "\"chunked\"", "'chunked'", "chunked;q=1", "chunked; x", "cow", "chunke", "chu nked", "\11chunked",
      "chunked\11", "\160chunked", "chunked\160", "\133chunked", "\226\132\170hunked", "chun\226\132\170ed", "chunked\0",
      "trailers", "deflate", "identity, chunked", "chunked identity", "[chunked]", "chunked\127",
    }) do
      to:refuses(post .. "Transfer-Encoding: " .. coding .. "\r\n\r\n0\r\n\r\n" .. hidden, 400, assert)
    end
  end)

  it("is refused: any odd byte around the words of Transfer-Encoding", function()
    for byte = 0, 255 do
      local c = string.char(byte)
      local odd = byte < 33 or byte > 126
      if odd and c ~= " " and c ~= "\t" and c ~= "\n" then
        for _, line in ipairs({
          "Transfer-Encoding" .. c .. ": chunked", c .. "Transfer-Encoding: chunked",
          "Transfer-Encoding:" .. c .. "chunked", "Transfer-Encoding: chunked" .. c,
        }) do
          -- A CR before the line's own CRLF, or a header with another name, is refused as well.
          local conn = to:connect()
          conn:send(post .. line .. "\r\n\r\n0\r\n\r\n" .. hidden)
          local answer = conn:read_until("\r\n", 5) or ""
          assert.is_truthy(answer:find("^HTTP/1.1 400 "), ("%q: %s"):format(line, answer))
          conn:close()
        end
      end
    end
    to.upstream:settle(0.1)
    assert.equal("", to.upstream:seen())
  end)

  for _, case in ipairs(bad_chunks) do
    it("never ends at the engine, bad chunks: " .. case[1], function()
      to.upstream:drop()
      local conn = to:connect()
      conn:send(post .. "Transfer-Encoding: chunked\r\n\r\n" .. case[2] .. hidden)
      local answer = conn:read_until("\r\n", 5) or ""
      assert.is_truthy(answer:find("^HTTP/1.1 400 "), answer)
      conn:read_all(1)
      assert.is_truthy(conn.ended, "the connection stays open")
      conn:close()
      to.upstream:settle()
      local seen = to.upstream:seen()
      assert.is_falsy(seen:find("smuggled", 1, true), seen)
      assert.is_falsy(seen:find("0\r\n\r\n", 1, true), "the body was completed: " .. seen)
      to.upstream:drop()
    end)
  end
end)

-- What is unusual but has one meaning passes, in the usual form.
describe("a message with one meaning", function()
  local to

  setup(function() to = front.get("open", daemon.allow_all) end)

  for _, case in ipairs({
    { "chunks become chunks of ours", post .. "Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", "hello" },
    { "CHUNKED in capitals", post .. "TRANSFER-ENCODING: CHUNKED\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "hello" },
    { "trailers are dropped",
      post .. "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Trailer: t\r\n\r\n", "hello", "Trailer" },
    { "a length with spaces around", post .. "Content-Length: \t 5 \t\r\n\r\nhello", "hello" },
    { "a length with zeros before", post .. "Content-Length: 0005\r\n\r\nhello", "hello", "0005" },
    { "a header beyond ASCII in its value", post .. "X-Name: \195\169\r\nContent-Length: 5\r\n\r\nhello", "hello" },
  }) do
    it("arrives as it was meant: " .. case[1], function()
      local body
      to.upstream:use(function(conn)
        local request = message.read_request(conn)
        body = request and request.body
        conn:send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
      end)
      local seen = to:forwards(case[2], "POST /containers/x/start", assert)
      assert.equal(case[3], body)
      assert.is_falsy(case[4] and seen:find(case[4], 1, true), seen)
      to.upstream:use()
    end)
  end

  it("loses the headers that are about one connection only", function()
    local seen = to:forwards(front.request("GET /_ping", {
      "Connection: keep-alive, X-Secret", "Keep-Alive: timeout=5", "Proxy-Connection: close", "TE: trailers",
      "Trailer: X", "Upgrade: h2c", "Proxy-Authorization: x", "HTTP2-Settings: AAMAAABkAAQAAP__", "X-Kept: yes",
    }), "GET /_ping", assert):lower()
    for _, name in ipairs({ "keep-alive", "proxy-connection", "\nte:", "trailer", "upgrade", "http2-settings" }) do
      assert.is_falsy(seen:find(name, 1, true), seen)
    end
    assert.is_truthy(seen:find("x-kept: yes", 1, true), seen)
  end)

  it("does not let Connection remove what frames or judges the message", function()
    local seen = to:forwards(front.request("POST /x", { "Connection: Content-Length, Host, Content-Type",
      "Content-Type: application/json" }, "{}"), "POST /x", assert):lower()
    assert.is_truthy(seen:find("content-length: 2\r\n", 1, true), seen)
    assert.is_truthy(seen:find("\r\nhost: ", 1, true), seen)
  end)

  it("may be HTTP/1.0 without Host, and is answered in kind", function()
    local conn = to:connect()
    conn:send("GET /_ping HTTP/1.0\r\n\r\n")
    local all, ended = conn:read_all(5)
    assert.is_truthy(ended)
    assert.is_truthy(all:find("^HTTP/1%.[01] 200 OK\r\n.*OK$"), all)
  end)
end)
