-- Filters over long answers: how much memory they take, what they cost, and that what is left is right
-- for whatever documents in whatever pieces.
-- Alone: it compares how long answers take.

local cjson = require "cjson"
local daemon = require "spec.support.daemon"
local flood = require "spec.support.flood"
local folder = require "spec.support.folder"
local front = require "spec.support.front"
local loop = require "spec.support.loop"
local message = require "spec.support.message"

-- AddressSanitizer keeps what is freed, and takes its time.
local is_release = daemon.memory_factor == 1

describe("a filter of much", function()
  local measured
  setup(function() measured = flood.start() end)
  teardown(function() measured:stop() end)

  -- A container has 1,896 bytes, an event 1,220.
  local containers = is_release and 55400 or 5540

  for _, how in ipairs { "only", "redact", "both" } do
    it("takes less than 8 MiB for a list of 100 MiB: " .. how, function()
      local took = measured:drain("/containers/json?how=" .. how .. "&n=" .. containers)
      assert.is_true(took.bytes > containers * 1500, took.bytes .. " bytes")
      assert.is_true(took.peak < 8192 or not is_release, took.peak .. " KiB")
    end)
  end

  it("leaves out what it should of a long stream", function()
    local all = measured:drain("/events?n=10000")
    local some = measured:drain("/events?n=10000&how=only")
    assert.is_true(some.bytes > all.bytes * 0.85 and some.bytes < all.bytes * 0.95)
  end)

  if is_release then
    it("does not make 64 MiB of events many times slower", function()
      local seconds = {}
      -- The best of some rounds, since the machine does other things as well.
      for _ = 1, 4 do
        for _, how in ipairs { "none", "redact", "both" } do
          local took = measured:drain("/events?n=55000&how=" .. how)
          seconds[how] = math.min(seconds[how] or math.huge, took.seconds)
        end
      end
      local report = ("%.3f s as it is, %.3f s with redact, %.3f s with both"):format(seconds.none,
        seconds.redact, seconds.both)
      assert.is_true(seconds.redact < 8 * seconds.none, report)
      assert.is_true(seconds.both < 15 * seconds.none, report)
    end)
  end
end)

describe("a filtered answer", function()
  local policy = folder.write(folder.new() .. "/shown.lua", [[
local moonward = require "moonward"
return function()
  return moonward.allow {
    only = function(item) return item.labels.show == "yes" end,
    redact = { "Secret", { "Config.Env", keep = { "TZ" } } },
  }
end
]])
  local head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
  local to

  setup(function() to = front.start { "-policy=" .. policy } end)
  teardown(function() to:stop() end)

  local function chunk(text)
    return ("%x\r\n%s\r\n"):format(#text, text)
  end

  -- Sends the text in random pieces, each a chunk.
  local function in_pieces(text)
    return function(conn)
      message.read_request(conn, 5)
      conn:send(head)
      local at = 1
      while at <= #text do
        local piece = text:sub(at, at + math.random(0, 1 << math.random(0, 8)))
        conn:send(chunk(piece))
        at = at + #piece
        if math.random(20) == 1 then
          loop.sleep(0.001)
        end
      end
      conn:send "0\r\n\r\n"
    end
  end

  it("has its first element before the last has come", function()
    local client_has_it
    to.upstream:use(function(conn)
      message.read_request(conn, 5)
      conn:send(head .. chunk '[{"Id":"first","Labels":{"show":"yes"}},{"Id":"second"')
      client_has_it = loop.until_true(function() return client_has_it end, 5)
      conn:send(chunk ',"Labels":{"show":"yes"}}]' .. "0\r\n\r\n")
    end)
    local conn = to:connect()
    conn:send(front.request "GET /containers/json")
    client_has_it = conn:read_until("first", 5) ~= nil
    assert.is_true(client_has_it, "not before the second")
    assert.is_truthy(conn:read_until('second","Labels":{"show":"yes"}}]', 5))
    conn:close()
  end)

  local function random_of(list)
    return list[math.random(#list)]
  end

  local function space()
    return random_of { "", "", "", " ", "\n", "\t ", "\r\n" }
  end

  local scalars = {
    "1700000000123456789", "-0.5e+7", "1.0", '"\\u005d"', '"[{\\"\\\\"', "[]", "{}", "true", "null",
  }

  local function random_value(depth)
    local kind = random_of(depth > 3 and { "scalar" } or { "scalar", "[%s]", "{%s}" })
    if kind == "scalar" then
      return random_of(scalars)
    end
    local parts = {}
    for i = 1, math.random(0, 3) do
      parts[i] = (kind == "{%s}" and ('"k%d":'):format(i) or "") .. space() .. random_value(depth + 1)
    end
    return kind:format(table.concat(parts, "," .. space()))
  end

  local secrets = {
    { '"x"', '""' }, { '"\\"]}"', '""' }, { '""', '""' }, { "12", "0" }, { "true", "false" }, { "null", "null" },
    { '[1,{"a":"]"}]', "[]" }, { '{"a":[]}', "{}" }, { '"a","Secret":"b"', '"","Secret":""' },
  }
  local environments = {
    { '["A=1","TZ=UTC","B=]"]', '["TZ=UTC"]' }, { '["A=1"]', "[]" }, { "null", "null" }, { '["TZ"]', '["TZ"]' },
  }

  -- A container as an engine may write it, and what shall be left of it; nil: nothing.
  local function random_container()
    local show = random_of { "yes", "no" }
    local labels = ('{"other":"x","show"%s:%s"%s"}'):format(space(), space(), show)
    local secret, env, other = random_of(secrets), random_of(environments), random_value(0)
    local members = {
      { '"Labels"', labels, labels },
      { '"Secret"', secret[1], secret[2] },
      { '"Config"', '{"Env":' .. env[1] .. "}", '{"Env":' .. env[2] .. "}" },
      { '"Other"', other, other },
      { '"Secre\\u0074"', '"escaped"', '""' },
    }
    local written, left = {}, {}
    for i, member in ipairs(members) do
      local key = space() .. member[1] .. space() .. ":" .. space()
      written[i], left[i] = key .. member[2], key .. member[3]
    end
    local form = "{%s" .. space() .. "}"
    return form:format(table.concat(written, ",")), show == "yes" and form:format(table.concat(left, ",")) or nil
  end

  for _, seed in ipairs { 1, 2, 3, 4 } do
    it("is what is left of random documents in random pieces, seed " .. seed, function()
      math.randomseed(seed)
      for _ = 1, is_release and 40 or 5 do
        local written, left = {}, {}
        for i = 1, math.random(0, 12) do
          written[i], left[#left + 1] = random_container()
        end
        to.upstream:use(in_pieces("[" .. table.concat(written, ",") .. "]\n"))
        local response = to:ask(front.request "GET /containers/json")
        assert.equal("[" .. table.concat(left, ",") .. "]\n", response.body)
        assert.is_true(response.whole)
        assert.equal(#left, #cjson.decode(response.body))
      end
    end)
  end
end)
