-- Objects that are too long for a filter to look at: one of them spoils nobody's answer.

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

  for name, policy in pairs { only = only, redact = redact } do
    it("is left out of a list, for " .. name, function()
      local response = ask(policy, "/containers/json", { ["/containers/json"] = "[" .. with_long .. "]" })
      assert.equal(200, response.status)
      assert.is_true(response.whole)
      assert.equal("[" .. short .. "]", response.body)
      is_said()
    end)
  end

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
    assert.equal('{"LayersSize":1,"Containers":[' .. short .. "]}", response.body)
    is_said()
  end)

  it("is refused where it is all that was asked for", function()
    local response = ask(only, "/containers/c2/json", { ["/containers/c2/json"] = long })
    assert.equal(502, response.status)
    assert.is_truthy(response.body:find("an item is too long to be looked at", 1, true), response.body)
  end)
end)
