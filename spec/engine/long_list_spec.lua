-- An owner whose containers' labels make the engine's list longer than any limit is in nobody's way.

local engine = require "spec.support.engine"
local folder = require "spec.support.folder"
local json = require "cjson"
local owners = require "spec.support.owners"
local process = require "spec.support.process"

local it = engine.it(it, pending)

describe("with an owner of long labels", function()
  local proxy, made, others

  -- The engine writes this sign, of three bytes, as six: \u2028.
  local function create(name, signs)
    local place = folder.new()
    local body = folder.write(place .. "/body", json.encode {
      Image = "busybox", Cmd = { "true" }, Labels = { x = ("\u{2028}"):rep(signs) },
    })
    process.shell("chmod 755 " .. place)
    made[#made + 1] = proxy:must("a", "POST /containers/create?name=" .. name, "@" .. body).Id
  end

  if not engine.unavailable() then
    setup(function()
      proxy, made = owners.start(), {}
      for i = 1, 12 do
        create("long" .. i, 160000)
      end
      create("longest", 300000)
      others = proxy:must("b", "POST /containers/create?name=others", { Image = "busybox", Cmd = { "sleep", "100" } }).Id
    end)
    teardown(function()
      for _, id in ipairs(made) do
        proxy:ask("operator", "DELETE /containers/" .. id .. "?force=1")
      end
      proxy:ask("operator", "DELETE /containers/" .. others .. "?force=1")
      proxy:stop()
    end)
  end

  it("the engine's list is longer than 8 MiB", function()
    local length = process.shell("curl -s --unix-socket " .. engine.get().socket
      .. " 'http://d/v1.41/containers/json?all=1' | wc -c")
    assert.is_true(tonumber(length) > 8 << 20, length)
  end)

  it("the other one counts, lists, sees its network and the disks", function()
    local info = proxy:must("b", "GET /info")
    assert.equal(1, info.Containers)
    local list = proxy:must("b", "GET /containers/json?all=1")
    assert.equal(1, #list)
    assert.equal(others, list[1].Id)
    assert.equal(1, #proxy:must("b", "GET /system/df").Containers)
    local network = proxy:must("b", "POST /networks/create", { Name = "others" }).Id
    proxy:must("b", "POST /networks/" .. network .. "/connect", { Container = others })
    assert.equal("others", proxy:must("b", "GET /networks/others").Name)
    proxy:must("b", "POST /containers/" .. others:sub(1, 10) .. "/start")
    assert.is_truthy(proxy:must("b", "GET /networks/others").Containers[others])
    proxy:must("b", "DELETE /containers/others?force=1")
    proxy:must("b", "DELETE /networks/others")
    others = proxy:must("b", "POST /containers/create?name=others", { Image = "busybox", Cmd = { "true" } }).Id
  end)

  it("the other one has its events", function()
    local since = os.time() - 1
    proxy:must("b", "POST /containers/others/start")
    local _, _, head = proxy:ask("b", ("GET /events?since=%d&until=%d"):format(since, os.time()))
    assert.is_truthy(head:find("^HTTP/1.1 200"), head)
  end)

  it("the owner counts all but the one that is too long to be read", function()
    assert.equal(12, proxy:must("a", "GET /info").Containers)
    assert.is_truthy(proxy.proxy:log():find("an element of the engine's list counts as hidden", 1, true))
  end)
end)
