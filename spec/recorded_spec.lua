-- The recorded engine, which `make run` serves where there is no real one.

local daemon = require "spec.support.daemon"
local folder = require "spec.support.folder"
local loop = require "spec.support.loop"
local process = require "spec.support.process"
local stream = require "spec.support.stream"
local sys = require "spec.support.sys"

local it = process.run({ "sh", "-c", "command -v docker" }).code == 0 and it
  or function(name) pending(name .. " (needs docker)", function() end) end

describe("the recorded engine, through moonward,", function()
  local recorded, proxy

  setup(function()
    local path = folder.new() .. "/recorded.sock"
    recorded = process.start({ "tools/recorded-engine", path })
    assert(loop.until_true(function() return sys.stat(path) and stream.connect("unix://" .. path) end, 10),
      recorded.stderr())
    proxy = daemon.start(daemon.flatten("-socketpath=" .. path, daemon.allow_all))
  end)
  teardown(function()
    proxy:stop()
    recorded:kill("TERM")
    recorded:wait(5)
  end)

  for _, case in ipairs({
    { "version", "Server" },
    { "info", "Storage Driver" },
    { "ps", "shop-web-1" },
    { "ps -a", "backup" },
    { "images", "busybox" },
    { "inspect shop-db-1", "shop_default" },
    { "inspect -f {{.Name}} $(docker ps -aq | head -n 1)", "/backup" },
    { "logs $(docker ps -q | head -n 1)", "ready" },
    { "logs shop-web-1", "listening on port 80" },
    { "top shop-web-1", "httpd" },
    { "stats --no-stream shop-web-1", "shop-web-1" },
    { "network ls", "shop_default" },
    { "network inspect shop_default", "shop-db-1" },
    { "volume ls", "shop_data" },
    { "system df", "Images" },
    { "events --since 0 --until 1", "shop-web-1" },
    { "history busybox", "IMAGE" },
  }) do
    it("answers docker " .. case[1], function()
      local result = process.run({ "sh", "-c", "docker " .. case[1] },
        { env = { "DOCKER_HOST=" .. proxy.tcp }, timeout = 10 })
      assert.equal(0, result.code, result.stderr)
      assert.is_truthy(result.stdout:find(case[2], 1, true), result.stdout)
    end)
  end

  it("refuses what writes", function()
    local result = process.run({ "docker", "rm", "-f", "shop-web-1" },
      { env = { "DOCKER_HOST=" .. proxy.tcp }, timeout = 10 })
    assert.equal(1, result.code)
    assert.is_truthy(result.stderr:find("can only be read", 1, true), result.stderr)
  end)
end)
