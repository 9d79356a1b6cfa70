-- Policies that misbehave deny, and nobody else suffers.

local daemon = require "spec.support.daemon"
local folder = require "spec.support.folder"
local front = require "spec.support.front"
local loop = require "spec.support.loop"
local message = require "spec.support.message"
local sys = require "spec.support.sys"

local ping = front.request("GET /_ping")

-- /_ping is allowed; on /bad the policy does what 'body' says.
local function policy(body)
  return ([[
local moonward = require "moonward"
local lpeg = require "lpeg"
local policy = { summary = "A policy for a spec." }
local unused = lpeg
function policy.decide(client, request)
  if request.path == "/_ping" then
    return moonward.allow()
  end
%s
end
return policy
]]):format(body)
end

local misbehaving = {
  { "raises an error", 'error("oops")', "oops" },
  { "raises nil", "error(nil)" },
  { "raises a table", "error({})" },
  { "indexes nil", "return request.nothing.more", "nothing" },
  { "loops", "while true do end" },
  { "loops and catches what would end it", "while true do pcall(function() while true do end end) end" },
  { "recurses without end", "local function f() return 1 + f() end; return f()" },
  { "allocates without end", 'local t = {}; while true do t[#t + 1] = ("%d"):format(#t) .. client.address end' },
  { "builds one string without end", 'local s = "x"; while true do s = s .. s end' },
  { "returns a number", "return 1" },
  { "returns true", "return true" },
  { "returns an empty table", "return {}" },
  { "returns nothing", "" },
  { "returns what looks like a verdict", "return { allowed = true }" },
  { "reads a global that is not there", "return os.getenv('HOME')" },
}

describe("a policy that", function()
  local place

  setup(function() place = folder.new() end)

  for i, case in ipairs(misbehaving) do
    it(case[1] .. " denies, and others go on", function()
      local path = folder.write(("%s/p%d.lua"):format(place, i), policy(case[2]))
      local to = front.start({ "-policy=" .. path, "-policymemory=8m", "-policyinstructions=2000000" })
      local conn = to:connect()
      assert.equal(200, message.ask(conn, ping).status)
      local response = to:ask(front.request("GET /bad"), 10)
      assert.is_truthy(response, to.daemon:log())
      assert.is_true(response.status == 403 or response.status == 500, response.head)
      assert.is_truthy(response.body:find('"moonward: ', 1, true), response.body)
      assert.is_falsy(response.body:find(place, 1, true), "the client learns a path: " .. response.body)
      -- The same connection as before, and a new one.
      assert.equal(200, message.ask(conn, ping).status)
      assert.equal(200, to:ask(ping).status)
      conn:close()
      assert.is_falsy(to.upstream:seen():find("/bad", 1, true))
      local line = to.daemon:logs({ "/bad", "deny" })
      assert.is_truthy(line, to.daemon:log())
      if case[3] then
        assert.is_truthy(to.daemon:logs({ ("p%d.lua:"):format(i) }), to.daemon:log())
      end
      to:stop()
    end)
  end

  it("hangs inside C ends its worker; the request is not forwarded, and another worker goes on", function()
    local path = folder.write(place .. "/hang.lua", policy(([[
  local grammar = lpeg.P{ "S", S = lpeg.P"a" * lpeg.V"S" * "b" + lpeg.P"a" * lpeg.V"S" * "c" + "a" }
  grammar:match("%s")]]):format(("a"):rep(60))))
    local to = front.start({ "-policy=" .. path, "-policyhang=500", "-policytime=200" })
    local response = to:ask(front.request("GET /bad"), 10)
    assert.is_true(response == nil or response.status >= 400)
    assert.is_truthy(loop.until_true(function()
      local again = front.stream.connect(to.daemon.tcp)
      local answer = again and message.ask(again, ping, 1)
      return answer and answer.status == 200
    end, 5), to.daemon:log())
    assert.is_falsy(to.upstream:seen():find("/bad", 1, true))
    assert.is_truthy(to.daemon:logs("a worker died and will be replaced"), to.daemon:log())
    to:stop()
  end)

  it("is stopped in the middle of a decision is given its time all the same", function()
    local path = folder.write(place .. "/slow.lua", policy([[
  local n = 0
  for i = 1, 30000000 do n = n + i % 3 end
  return moonward.allow()]]))
    local to = front.start({ "-policy=" .. path, "-policyinstructions=1000000000", "-policytime=3000" })
    local worker = to.daemon:workers()[1]
    local conn = to:connect()
    conn:send(front.request("GET /busy"))
    loop.sleep(0.1)
    sys.kill(worker, "STOP")
    loop.sleep(3.5)
    sys.kill(worker, "CONT")
    local response = message.read_response(conn, 10)
    assert.equal(200, response and response.status, response and response.body)
    conn:close()
    to:stop()
  end)

  it("does not load stops the start, with file and line", function()
    for name, text in pairs({
      syntax = "return {\n  decide = function( end\n}\n",
      ["nothing"] = "local x = 1\n",
      ["a number"] = "return 7\n",
      ["an error"] = "\nerror('oops at load')\n",
    }) do
      local path = folder.write(place .. "/broken.lua", text)
      local result = daemon.run({ "check", "-policy=" .. path }, { timeout = 5 })
      assert.equal(1, result.code, name)
      assert.is_truthy((result.stdout .. result.stderr):find("broken.lua", 1, true), name .. ": " .. result.stderr)
    end
  end)
end)

describe("SIGHUP", function()
  local place, path, to

  local function write(body)
    folder.write(path, policy(body))
  end

  before_each(function()
    place = folder.new()
    path = place .. "/changing.lua"
    write('return moonward.deny("first")')
    to = front.start({ "-policy=" .. path })
  end)
  after_each(function() to:stop() end)

  local function reason()
    local response = to:ask(front.request("GET /x"))
    return response and response.body:match("moonward: ([^\"]*)")
  end

  it("loads changed policies, and ends connections that wait for a request under the old ones", function()
    local conn = to:connect()
    assert.equal(200, message.ask(conn, ping).status)
    assert.equal("first", reason())
    write('return moonward.deny("second")')
    to.daemon:signal("HUP")
    assert.is_truthy(loop.until_true(function() return reason() == "second" end, 5), to.daemon:log())
    assert.is_true(conn:closes(2))
    conn:close()
  end)

  it("keeps the old policies when the new ones are broken, and says file and line", function()
    folder.write(path, "return {\n  broken\n  here = function(\n}\n")
    to.daemon:signal("HUP")
    assert.is_truthy(to.daemon:logs({ "reload failed", "changing.lua:" }), to.daemon:log())
    assert.equal("first", reason())
    assert.is_truthy(loop.until_true(function() return #to.daemon:workers() == 1 end, 5))
  end)

  it("reaches a worker that starts later", function()
    write('return moonward.deny("second")')
    to.daemon:signal("HUP")
    assert.is_truthy(loop.until_true(function() return reason() == "second" end, 5))
    sys.kill(to.daemon:workers()[1], "KILL")
    assert.is_truthy(loop.until_true(function()
      local conn = front.stream.connect(to.daemon.tcp)
      local response = conn and message.ask(conn, front.request("GET /x"), 1)
      return response and response.body:find("second", 1, true)
    end, 5))
  end)
end)

describe("what moonward itself asks the engine", function()
  local inspecting = [[
local moonward = require "moonward"
return function(_, request)
  if request:is("image.inspect") then
    return moonward.deny("image " .. tostring(request.target and request.target.id))
  end
end
]]
  local image = '{"Id":"sha256:' .. ("a"):rep(64) .. '","Config":{}}'

  local function reply(conn, version, body)
    conn:send(("HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n%s"):format(
      version and "Api-Version: " .. version .. "\r\n" or "", #body, body))
  end

  -- The paths that an engine of this version is asked for by a request for an image.
  local function asked_by(target, version, refuses)
    local path = folder.write(folder.new() .. "/p.lua", inspecting)
    local to, paths = front.start { "-policy=" .. path }, {}
    to.upstream:use(function(conn)
      local request = message.read_request(conn, 3600)
      while request do
        paths[#paths + 1] = request.target
        if refuses and request.target:find(refuses, 1, true) then
          conn:send("HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\n{}")
        else
          reply(conn, version, request.target:find("_ping") and "OK" or image)
        end
        request = message.read_request(conn, 3600)
      end
    end)
    for _ = 1, 2 do
      to:ask(front.request("GET " .. target))
    end
    to:stop()
    return table.concat(paths, " ")
  end

  -- what the client asks for, the engine's version, what the engine is asked for by two such requests
  for _, case in ipairs {
    { "/v1.40/images/a/json", "1.41", "/_ping /v1.41/images/a/json /v1.41/images/a/json" },
    { "/images/a/json", "1.41", "/_ping /v1.41/images/a/json /v1.41/images/a/json" },
    { "/v1.40/images/a/json", "1.99", "/_ping /v1.51/images/a/json /v1.51/images/a/json" },
    { "/v1.40/images/a/json", nil, "/_ping /v1.40/images/a/json /v1.40/images/a/json" },
    { "/images/a/json", nil, "/_ping /images/a/json /images/a/json" },
  } do
    it(("carries a version: %s with an engine of %s"):format(case[1], case[2] or "none"), function()
      assert.equal(case[3], asked_by(case[1], case[2]))
    end)
  end

  it("is negotiated anew when the engine takes that version no more", function()
    assert.equal("/_ping /v1.41/images/a/json /_ping /v1.41/images/a/json",
      asked_by("/images/a/json", "1.41", "/v1.41/"))
  end)
end)
