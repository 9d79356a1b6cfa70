-- Objects that are too long for a filter to look at: one of them spoils nobody's answer.

local daemon = require "spec.support.daemon"
local folder = require "spec.support.folder"
local front = require "spec.support.front"
local message = require "spec.support.message"

local dir = folder.new()
local only = folder.write(dir .. "/only.lua", [[
local moonward = require "moonward"
return function() return moonward.allow { only = function(item) return item.labels.show == "yes" end } end
]])
local redact = folder.write(dir .. "/redact.lua", [[
local moonward = require "moonward"
return function() return moonward.allow { redact = { "Labels.secret" } } end
]])
local view = folder.write(dir .. "/view.lua", [[
local moonward = require "moonward"
return function()
  local function shown(container) return container.labels.show == "yes" end
  return moonward.view { container = shown, image = true, network = true, volume = true }
end
]])

local function container(id, label)
  return ('{"Id":"%s","Names":["/%s"],"State":"running","Labels":{"show":"yes","x":"%s"},"SizeRw":1}'):format(id, id, label)
end

local long = container("c2", ("x"):rep(4300000))
local short = container("c1", "a") .. "," .. container("c3", "b")
local with_long = container("c1", "a") .. "," .. long .. "," .. container("c3", "b")

local function engine(answers)
  return function(conn)
    while true do
      local request = message.read_request(conn, 5)
      if not request then
        return
      end
      local body = answers[request.target:gsub("^/v[%d.]+", ""):gsub("%?.*", "")] or "[]"
      conn:send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body)
    end
  end
end

describe("an object that is too long for a filter", function()
  local to
  after_each(function() to:stop() end)

  local function ask(policy, path, answers)
    to = front.start { "-policy=" .. policy, "-loglevel=info" }
    to.upstream:use(engine(answers))
    return to:ask(front.request("GET " .. path), 20)
  end

  local function is_said()
    local line = to.daemon.process:shows("an item is left out", 2)
    assert.is_truthy(line, "no line in the log")
    assert.is_truthy(line:find("too long for a filter to look at", 1, true), line)
  end

  it("is left out of a list", function()
    local response = ask(only, "/containers/json", { ["/containers/json"] = "[" .. with_long .. "]" })
    assert.equal(200, response.status)
    assert.is_true(response.whole)
    assert.equal("[" .. short .. "]", response.body)
    is_said()
  end)

  -- What only empties values needs to hold nothing.
  local secrets = ',"secret":"' .. ("s"):rep(70000) .. '"}'
  local with_secrets, without = with_long:gsub('("x":"x+")}', "%1" .. secrets), with_long:gsub('("x":"x+")}', '%1,"secret":""}')

  it("is redacted in a list", function()
    local response = ask(redact, "/containers/json", { ["/containers/json"] = "[" .. with_secrets .. "]" })
    assert.equal(200, response.status)
    assert.is_true(response.whole)
    assert.is_true(response.body == "[" .. without .. "]")
    assert.is_falsy(to.daemon:log():find("left out", 1, true))
  end)

  it("is redacted where it is all that was asked for, and takes little memory", function()
    local much = ("x"):rep(64 << 20)
    local body = '{"Id":"c2","Labels":{"x":"' .. much .. '","secret":"' .. much .. '","y":"1"}}'
    local response = ask(redact, "/containers/c2/json", { ["/containers/c2/json"] = body })
    assert.equal(200, response.status)
    assert.is_true(response.body == '{"Id":"c2","Labels":{"x":"' .. much .. '","secret":"","y":"1"}}')
    local status = folder.read(("/proc/%d/status"):format(to.daemon:workers()[1]))
    local peak = math.tointeger(tonumber(status:match "VmHWM:%s+(%d+)"))
    assert.is_true(peak < 24576 * daemon.memory_factor, peak .. " KiB")
  end)

  it("is refused where it is no object and one was asked for", function()
    local response = ask(redact, "/containers/c2/json", { ["/containers/c2/json"] = "[" .. with_long .. "]" })
    assert.equal(502, response.status)
  end)

  it("is left out of events", function()
    local event = '{"Type":"container","Actor":{"Attributes":{"show":"yes","x":"%s"}}}\n'
    local events = event:format "a" .. event:format(("x"):rep(4300000)) .. event:format "b"
    local response = ask(only, "/events", { ["/events"] = events })
    assert.equal(event:format "a" .. event:format "b", response.body)
    is_said()
  end)

  it("is left out of the disk usage in a view", function()
    local response = ask(view, "/system/df", {
      ["/containers/json"] = "[" .. short .. "]",
      ["/system/df"] = '{"LayersSize":1,"Containers":[' .. with_long .. "]}",
    })
    assert.equal(200, response.status)
    assert.equal('{"Containers":[' .. short .. '],"LayersSize":1}', response.body)
    is_said()
  end)

  -- What is listed, before and behind it; and what that becomes.
  for form, case in pairs {
    ["old engines"] = { '{"LayersSize":1,"Containers":[%s],"Images":null}', '{"Containers":[%s],"Images":null,"LayersSize":1}' },
    ["API 1.52"] = { '{"ContainerUsage":{"ActiveCount":9,"Items":[%s],"Reclaimable":9,"TotalCount":9,"TotalSize":9}}',
      '{"ContainerUsage":{"Items":[%s],"ActiveCount":1,"Reclaimable":0,"TotalCount":1,"TotalSize":30000}}' },
  } do
    it("is not the disk usage of many in a view, as " .. form .. " tells it", function()
      local shown, hidden, kept, all = container("c1", ("x"):rep(100)), container("c2", ("x"):rep(100)), {}, {}
      for i = 1, 30000 do
        kept[i], all[2 * i - 1], all[2 * i] = shown, shown, hidden
      end
      local response = ask(view, "/system/df", {
        ["/containers/json"] = "[" .. shown .. "]",
        ["/system/df"] = case[1]:format(table.concat(all, ",")),
      })
      assert.equal(200, response.status)
      local before, behind = case[2]:match "^(.*)%%s(.*)$"
      assert.is_true(#response.body > 4 << 20)
      assert.equal(before, response.body:sub(1, #before))
      assert.equal(behind, response.body:sub(-#behind))
      assert.is_true(response.body == before .. table.concat(kept, ",") .. behind)
    end)
  end

  it("is refused where it is all that was asked for", function()
    local response = ask(only, "/containers/c2/json", { ["/containers/c2/json"] = long })
    assert.equal(502, response.status)
    local words = "the answer to container.inspect (/containers/c2/json) can't be filtered: it is longer than 4 MiB,"
      .. " and a policy's only or edit has to see all of it; make the object smaller, or allow this with nothing but redact"
    assert.is_truthy(response.body:find(words, 1, true), response.body)
  end)
end)
