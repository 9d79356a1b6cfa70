-- Request targets that mean something else to the engine than to who judges them (threats.md 1).

local daemon = require "spec.support.daemon"
local front = require "spec.support.front"

-- GET of each must be refused, though the policy allows everything.
local refused = {
  ["an encoded slash in a container's name"] = {
    "/containers/rs-a%2fjson", "/containers%2frs-a%2fjson", "/containers/a%2Fb/json",
    "/v1.41%2f_ping", "/networks/a%2fb", "/volumes/a%2fb", "/exec/a%2fb/json",
  },
  ["an encoded slash that leads out of an image's name"] = {
    "/images/a%2f..%2f..%2fcontainers%2fjson", "/images/a%2f%2fb/json", "/images/.%2fb/json",
    "/images/..%2fb/json",
  },
  ["a path that is not clean"] = {
    "//_ping", "/./_ping", "/x/../_ping", "/../_ping", "/_ping/.", "/_ping/..", "/x//y", "/_ping//",
    "/%2e/_ping", "/x/%2e%2e/_ping", "/x/.%2E/_ping", "/v1.41/%2e%2e/_ping", "/v1.41/..%2f_ping",
    "/v1.41//_ping", "/%2f_ping", "/%2F%2F_ping", "/.", "/..",
  },
  ["a target with a scheme or an authority"] = {
    "http://x/_ping", "HTTP://x/_ping", "foo://x/_ping", "unix:///_ping", "http:///_ping", "http:/_ping",
    "x:/_ping", "http://u:p@x/_ping", "http://x:99999999/_ping", "http://x", "http:_ping",
    "http://d//_ping", "https://docker/containers/json", "docker:2375", "*", "_ping", "?x", "",
  },
  ["characters that some readers cut at"] = {
    "/_ping;x", "/_ping;/../x", "/_ping#f", "/_ping?a#f", "/_ping\\", "/_ping%5c",
    "/_ping%5C..%5Cinfo", "/containers/a\\..\\b/json",
  },
  ["control characters, raw and encoded"] = {
    "/_ping%00", "/_ping%0a", "/_ping%0d", "/_ping%0d%0aX:y", "/_ping%1f", "/_ping%7f", "/_ping%09",
    "/_ping\1", "/_ping\127", "/_ping\0", "/_ping\11", "/_ping\255", "/caf\195\169", "/_ping%", "/_ping%2",
    "/_ping%zz", "/_ping%u0041", "/_ping%%41", "/%", "/%g0", "/_ping x", "/_ping\tx",
  },
  ["an API version that engines read in two ways"] = {
    "/v01.41/_ping", "/v1.041/_ping", "/v00001.00041/_ping", "/v1.41./_ping", "/v1.41.0/_ping",
    "/v1.41.0.0.0.0/_ping", "/v1.4.1/_ping", "/v1..41/_ping", "/v1/_ping", "/v1./_ping",
    "/v1.41a/_ping", "/v%31.41%61/_ping", "/v1.99999999999999999999/_ping",
  },
  ["an API version below the lowest allowed"] = {
    "/v0.1/_ping", "/v1.0/_ping", "/v1.12/_ping", "/v1.23/_ping", "/v1.23/containers/x/start",
    "/%76%31.23/_ping",
  },
  ["a query that is read in two ways"] = {
    "/containers/json?all=1;b=2", "/containers/json?a%3=1", "/containers/json?%zz", "/containers/json?a=%",
    "/containers/json?name=a&name=b", "/containers/json?name=&name=x", "/containers/json?%6eame=a&name=b",
    "/containers/json?filters={}&filters={}", "/containers/json?a=%00", "/containers/json?a=\1",
    "/build?remote=a&remote=b", "/containers/json?a=b c", "/containers/json?a=\255",
    "/containers/json?na%0ame=x",
  },
}

-- What is sent, and the one form in which it must arrive.
local forwarded = {
  { "/_ping", "/_ping" },
  { "/%5fping", "/_ping" },
  { "/%5Fping", "/_ping" },
  { "/v1.41/_ping", "/v1.41/_ping" },
  { "/%76%31.41/_ping", "/v1.41/_ping" },
  { "/%63ontainers/rs%2Da/json", "/containers/rs-a/json" },
  { "/containers/x/%65xport", "/containers/x/export" },
  { "/images/a%2Fb/json", "/images/a/b/json" },
  { "/images/registry.example:5000/a/b:latest/json", "/images/registry.example:5000/a/b:latest/json" },
  { "/distribution/a%2fb/json", "/distribution/a/b/json" },
  { "/plugins/a%2fb/json", "/plugins/a/b/json" },
  { "/_PING", "/_PING" },
  { "/_ping%3bx", "/_ping%3Bx" },
  { "/_ping%3f%23", "/_ping%3F%23" },
  { "/containers/a%25b/json", "/containers/a%25b/json" },
  { "/networks/", "/networks/" },
  { "/containers/json?all=1&limit=3", "/containers/json?all=1&limit=3" },
  { "/containers/json?%61ll=%31", "/containers/json?all=1" },
  { "/containers/json?filters=%7b%22name%22:[%22a%22]%7d",
    "/containers/json?filters=%7B%22name%22%3A%5B%22a%22%5D%7D" },
  { "/images/get?names=a&names=b", "/images/get?names=a&names=b" },
  { "/containers/json?a=1+2", "/containers/json?a=1%202" },
}

describe("a request target", function()
  local to

  setup(function() to = front.get("open", daemon.allow_all) end)

  for kind, targets in pairs(refused) do
    it("is refused: " .. kind, function()
      for _, target in ipairs(targets) do
        to:refuses(front.request("GET " .. target), 400, assert)
      end
    end)
  end

  for _, case in ipairs(forwarded) do
    it("arrives in its one form: " .. case[1], function()
      local seen = to:forwards(front.request("GET " .. case[1]), "GET " .. case[2], assert)
      assert.equal(1, select(2, seen:gsub("\r\n\r\n", "")))
    end)
  end
end)

describe("a method", function()
  local to

  setup(function() to = front.get("open", daemon.allow_all) end)

  for _, line in ipairs({
    "get /_ping", "Get /_ping", "FOO /debug/pprof/cmdline", "PRI *", "CONNECT d:80", "CONNECT /x",
    "TRACE /_ping", "OPTIONS *", "M-SEARCH /x", "GET\t/_ping", "GET  /_ping", " GET /_ping", "GET /_ping ",
    "G\0ET /_ping", "PROPFIND /x", "GETT /_ping", "PURGE /x",
  }) do
    it(("is refused: %q"):format(line), function()
      to:refuses(front.request(line), 400, assert)
    end)
  end

  for _, method in ipairs({ "GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH" }) do
    it(method .. " passes where a policy allows it", function()
      to:forwards(front.request(method .. " /x"), method .. " /x", assert)
    end)
  end
end)
