-- Bodies that the engine reads otherwise than who judges them (threats.md 2). Bind mounts are allowed
-- from /srv only, so a policy looks into these bodies.

local daemon = require "spec.support.daemon"
local front = require "spec.support.front"
local message = require "spec.support.message"

local words = daemon.flatten(daemon.allow_all, "-allowbindmountfrom=/srv", "-maxbody=64k", "-minapi=1.24")
local json = { "Content-Type: application/json" }
local long_s, kelvin = "\197\191", "\226\132\170"

local function create(body)
  return front.request("POST /v1.41/containers/create", json, body)
end

-- A body that no two JSON readers may see differently, or that is no JSON: 400.
local ambiguous = {
  ["a key twice"] = '{"HostConfig":{"Binds":["/etc:/e"]},"HostConfig":{}}',
  ["a key twice, the dangerous one last"] = '{"HostConfig":{},"HostConfig":{"Binds":["/etc:/e"]}}',
  ["a key twice, in two cases"] = '{"HostConfig":{"Binds":["/etc:/e"]},"hostconfig":{}}',
  ["a key twice, by an escape"] = '{"\\u0048ostConfig":{"Binds":["/etc:/e"]},"HostConfig":{}}',
  ["a key twice, by a long s"] = '{"Ho' .. long_s .. 'tConfig":{"Binds":["/etc:/e"]},"HostConfig":{}}',
  ["a key twice, by a Kelvin sign"] = '{"HostConfig":{"NetworkMode":"a","Networ' .. kelvin .. 'Mode":"host"}}',
  ["a key twice, deep inside"] = '{"HostConfig":{"Mounts":[{"Type":"volume","Type":"bind","Source":"/"}]}}',
  ["a bind, key with a long s"] = '{"Ho' .. long_s .. 'tConfig":{"Bind' .. long_s .. '":["/etc:/e"]}}',
  ["a bind, key with an escaped long s"] = '{"Ho\\u017ftConfig":{"Bind\\u017f":["/etc:/e"]}}',
  ["null after a value"] = '{"HostConfig":{"Binds":["/etc:/e"]},"HostConfig":null}',
  ["a slice that keeps its old elements"] = '{"HostConfig":{"Mounts":[{"Type":"bind","Source":"/"}],"Mounts":[{}]}}',
  ["a second document"] = '{"HostConfig":{}}{"HostConfig":{"Binds":["/etc:/e"]}}',
  ["garbage after the document"] = '{"HostConfig":{}}}anything',
  ["a NUL after the document"] = '{"HostConfig":{}}\0',
  ["a byte order mark"] = '\239\187\191{"HostConfig":{}}',
  ["UTF-16"] = "\255\254{\0}\0",
  ["a comment"] = '{"HostConfig":{}/**/}',
  ["a trailing comma"] = '{"HostConfig":{},}',
  ["single quotes"] = "{'HostConfig':{}}",
  ["a raw NUL in a key"] = '{"HostConfig\0":{}}',
  ["invalid UTF-8"] = '{"Host\255Config":{}}',
  ["a lone surrogate"] = '{"Image":"\\ud800"}',
  ["an unknown escape"] = '{"Image":"\\x41"}',
  ["a number with a leading zero"] = '{"HostConfig":{"Memory":067}}',
  ["a number with a plus"] = '{"HostConfig":{"Memory":+1}}',
  ["NaN"] = '{"HostConfig":{"Memory":NaN}}',
  ["a document cut short"] = '{"HostConfig":{"Binds":["/etc:/e"]}',
  ["nesting over 64"] = '{"a":' .. ("["):rep(70) .. ("]"):rep(70) .. "}",
  ["nesting over 10000"] = '{"a":' .. ("["):rep(11000) .. ("]"):rep(11000) .. "}",
}

-- A body that is plain, and mounts what it must not: 403.
local mounts = {
  ["a bind"] = '{"HostConfig":{"Binds":["/etc:/e"]}}',
  ["a bind of a folder with a longer name"] = '{"HostConfig":{"Binds":["/srvx:/e"]}}',
  ["a bind that climbs out"] = '{"HostConfig":{"Binds":["/srv/../etc:/e"]}}',
  ["a bind with doubled slashes"] = '{"HostConfig":{"Binds":["//etc:/e"]}}',
  ["a bind, keys in other cases"] = '{"hostconfig":{"BINDS":["/etc:/e"]}}',
  ["a bind, key with escapes"] = '{"\\u0048ostConfig":{"\\u0042inds":["\\/etc:/e"]}}',
  ["a bind at the top level (engines up to 26)"] = '{"Binds":["/etc:/e"]}',
  ["a bind at the top level with HostConfig null"] = '{"Binds":["/etc:/e"],"HostConfig":null}',
  ["a mount"] = '{"HostConfig":{"Mounts":[{"Type":"bind","Source":"/etc","Target":"/e"}]}}',
  ["a mount in capitals"] = '{"HostConfig":{"MOUNTS":[{"TYPE":"bind","SOURCE":"/etc","Target":"/e"}]}}',
  ["a mount at the top level"] = '{"Mounts":[{"Type":"bind","Source":"/etc","Target":"/e"}]}',
  ["volumes of another container"] = '{"HostConfig":{"VolumesFrom":["other"]}}',
  ["a volume that is a bind"] = '{"HostConfig":{"Mounts":[{"Type":"volume","Target":"/e","VolumeOptions":{"DriverConfig":'
    .. '{"Options":{"type":"none","o":"bind","device":"/etc"}}}}]}}',
  ["a volume that is an overlay of host folders"] = '{"HostConfig":{"Mounts":[{"Type":"volume","Target":"/e","VolumeOptions":'
    .. '{"DriverConfig":{"Options":{"type":"overlay","o":"lowerdir=/etc:/var","device":"overlay"}}}}]}}',
  ["a volume that is a disk"] = '{"HostConfig":{"Mounts":[{"Type":"volume","Target":"/e","VolumeOptions":'
    .. '{"DriverConfig":{"Options":{"type":"ext4","device":"/dev/vda"}}}}]}}',
}

local harmless = {
  ["no mounts"] = '{"Image":"busybox","Cmd":["true"],"HostConfig":{"Memory":1048576}}',
  ["an allowed bind"] = '{"HostConfig":{"Binds":["/srv/data:/d:ro"]}}',
  ["a named volume"] = '{"HostConfig":{"Binds":["data:/d"]}}',
  ["labels that differ by case"] = '{"Labels":{"a":"1","A":"2"},"HostConfig":{}}',
  ["spaces and escapes"] = ' \t\r\n{"Image":"a\\/b\\u002f\\"","HostConfig":{} } \n',
  ["a big integer"] = '{"HostConfig":{"Memory":9007199254740993,"Binds":[]}}',
  ["empty lists and objects"] = '{"Env":[],"Labels":{},"HostConfig":{"Binds":[]}}',
}

describe("with bind rules, a create body", function()
  local to

  setup(function() to = front.get("binds", words) end)

  -- The message as such is fine here, so the connection may go on.
  local function is_refused(bytes, status)
    to.upstream:drop()
    local response = to:ask(bytes)
    assert.equal(status, response and response.status, response and response.body)
    assert.is_truthy(response.body:find('"moonward: ', 1, true), response.body)
    to.upstream:settle()
    assert.equal("", to.upstream:seen())
  end

  for name, body in pairs(ambiguous) do
    it("is refused with 400: " .. name, function() is_refused(create(body), 400) end)
  end

  for name, body in pairs(mounts) do
    it("is refused with 403: " .. name, function() is_refused(create(body), 403) end)
  end

  for name, body in pairs(harmless) do
    it("arrives as it was sent: " .. name, function()
      local seen = to:forwards(create(body), "POST /v1.41/containers/create", assert)
      assert.equal(body, seen:match("\r\n\r\n(.*)$"))
    end)
  end

  it("is refused the same when it comes in chunks, cut anywhere", function()
    to.upstream:drop()
    local body = mounts["a bind"]
    for cut = 1, #body - 1 do
      local first, second = body:sub(1, cut), body:sub(cut + 1)
      local response = to:ask(front.request("POST /containers/create", { json[1], "Transfer-Encoding: chunked" })
        .. ("%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n"):format(#first, first, #second, second))
      assert.equal(403, response and response.status)
    end
    assert.equal("", to.upstream:seen())
  end)

  it("is refused by every route that can mount", function()
    local volume = '{"Name":"v","DriverOpts":{"type":"none","o":"bind","device":"/etc"}}'
    local service = '{"TaskTemplate":{"ContainerSpec":{"Mounts":[{"Type":"bind","Source":"/etc","Target":"/e"}]}}}'
    for path, body in pairs({
      ["/containers/create"] = mounts["a bind"],
      ["/v1.41/containers/create?name=x"] = mounts["a bind"],
      ["/containers/x/update"] = mounts["a bind"],
      ["/containers/x/start"] = '{"Binds":["/etc:/he:ro"]}',
      ["/v1.24/containers/x/start"] = '{"Binds":["/etc:/he:ro"]}',
      ["/services/create"] = service,
      ["/services/x/update?version=1"] = service,
      ["/volumes/create"] = volume,
      ["/v1.41/volumes/create"] = volume:gsub("DriverOpts", "driveropts"),
      ["/%63ontainers/create"] = mounts["a bind"],
    }) do
      is_refused(front.request("POST " .. path, json, body), 403)
    end
  end)

  it("larger than -maxbody is 413, never passed unread", function()
    local padded = '{"Pad":"' .. ("x"):rep(70000) .. '","HostConfig":{"Binds":["/etc:/e"]}}'
    to:refuses(create(padded), 413, assert)
    to:refuses(front.request("POST /containers/create", { json[1], "Transfer-Encoding: chunked" })
      .. ("%x\r\n%s\r\n0\r\n\r\n"):format(#padded, padded), 413, assert)
  end)

  it("larger than -maxbody passes where nobody looks at it", function()
    local body = ("x"):rep(1000000)
    to.upstream:use(function(conn, record)
      conn.unrecorded = true
      record.got = #message.read_request(conn).body
      conn:send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    end)
    local response = to:ask(front.request("POST /images/load", { "Content-Type: application/x-tar" }, body))
    assert.equal(200, response and response.status)
    assert.equal(#body, to.upstream.connections[1].got)
    to.upstream:use()
  end)

  it("cut short by the client never reaches the engine", function()
    local conn = to:connect()
    conn:send(create(mounts["a bind"]):sub(1, -5))
    conn:close()
    conn = to:connect()
    conn:send(create(harmless["no mounts"]):sub(1, -5))
    conn:finish()
    conn:read_all(2)
    conn:close()
    to.upstream:settle(0.1)
    assert.equal("", to.upstream:seen())
  end)
end)

describe("a form as body, which would override the query,", function()
  local to

  setup(function() to = front.get("open", daemon.allow_all) end)

  local multipart = "--b\r\nContent-Disposition: form-data; name=\"id\"\r\n\r\nx\r\n--b--\r\n"

  for _, case in ipairs({
    { "POST /containers/x/rename?name=rs-good", "application/x-www-form-urlencoded", "name=rs-evil" },
    { "POST /containers/x/kill?signal=TERM", "application/x-www-form-urlencoded; charset=utf-8", "signal=KILL" },
    { "POST /containers/prune", "APPLICATION/X-WWW-FORM-URLENCODED", "filters={}" },
    { "POST /images/create?fromImage=a", " application/x-www-form-urlencoded ;a=b", "fromSrc=http://evil" },
    { "PUT /containers/x/archive?path=/tmp", "application/x-www-form-urlencoded", "path=/etc" },
    { "PATCH /x?a=b", "application/x-www-form-urlencoded", "a=c" },
    { "POST /build?remote=a", "application/x-www-form-urlencoded", ("&"):rep(4096) .. "remote=http://evil" },
    { "POST /build", "multipart/form-data; boundary=b", multipart },
    { "POST /build/cancel?id=a", "Multipart/Form-Data; boundary=b", multipart },
    { "POST /build/cancel?id=a", "multipart/mixed; boundary=b", multipart },
  }) do
    it(("is refused: %s, %s"):format(case[1], case[2]), function()
      to:refuses(front.request(case[1], { "Content-Type: " .. case[2] }, case[3]), 400, assert)
    end)
    it(("is refused in chunks: %s, %s"):format(case[1], case[2]), function()
      to:refuses(front.request(case[1], { "Content-Type: " .. case[2], "Transfer-Encoding: chunked" })
        .. ("%x\r\n%s\r\n0\r\n\r\n"):format(#case[3], case[3]), 400, assert)
    end)
  end

  it("is refused in its first byte already, whatever comes later", function()
    local conn = to:connect()
    conn:send("POST /build?remote=a HTTP/1.1\r\nHost: d\r\nContent-Type: application/x-www-form-urlencoded\r\n"
      .. "Content-Length: 50\r\n\r\n&")
    local response = message.read_response(conn, 5)
    assert.equal(400, response and response.status)
    conn:close()
    to.upstream:settle()
    assert.equal("", to.upstream:seen())
  end)

  for _, coding in ipairs({ "gzip", "deflate", "br", "zstd", "x-unknown", "gzip, identity" }) do
    it("is no better when it claims to be compressed: " .. coding, function()
      to:refuses(front.request("POST /containers/create", { json[1], "Content-Encoding: " .. coding }, "{}"), 400, assert)
    end)
  end

  for _, kind in ipairs({ "application/json", "application/x-tar", "application/json; charset=utf-8",
    "application/octet-stream" }) do
    it("is not what this is, so it passes: " .. kind, function()
      to:forwards(front.request("POST /build?t=x", { "Content-Type: " .. kind }, "{}"), "POST /build?t=x", assert)
    end)
  end
end)
