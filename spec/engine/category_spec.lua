-- The docker command through tecnativa and linuxserver, and through HAProxy with the originals' rules: each says the
-- same. And through godoxy.

local cases = require "spec.support.category_cases"
local daemon = require "spec.support.daemon"
local engine = require "spec.support.engine"
local haproxy = require "spec.support.haproxy"
local originals = require "spec.support.category_originals"
local process = require "spec.support.process"

local it = engine.it(it, pending)

local function docker(host, words)
  return process.run(daemon.flatten("docker", words), { env = engine.env(host), timeout = 30 })
end

-- In this order: the container runs in the end.
local commands = {
  { "ps", "--format", "{{.Names}}", "--filter", "name=category-web" },
  { "inspect", "--format", "{{.Name}}", "category-web" },
  { "logs", "category-web" },
  -- HAProxy 2.6 takes Upgrade off a request that has a body; later ones, which are in the images, do not.
  { "exec", "category-web", "echo", "inside", here_only = true },
  { "cp", "category-web:/etc/passwd", "-" },
  { "stop", "-t", "0", "category-web" },
  { "start", "category-web" },
  { "restart", "-t", "0", "category-web" },
  { "run", "--rm", "busybox", "echo", "hello" },
  { "images", "--format", "{{.Repository}}", "busybox" },
  { "events", "--since", "1", "--until", "2" },
}

-- The variables that are on, and the numbers of the commands that go through.
local configurations = {
  { "tecnativa", "EVENTS PING VERSION CONTAINERS", "1 2 11" },
  { "tecnativa", "PING IMAGES CONTAINERS EXEC POST", "1 2 6 7 8 10" },
  { "tecnativa", "PING IMAGES CONTAINERS EXEC POST ALLOW_ARCHIVE ALLOW_ATTACH ALLOW_EXEC ALLOW_LOGS",
    "1 2 3 4 5 6 7 8 9 10" },
  { "linuxserver", "PING CONTAINERS ALLOW_LOGS ALLOW_RESTARTS", "1 2 3 6 8" },
  { "linuxserver", "PING CONTAINERS EXEC POST", "1 2 4 6 7 8 9" },
}

describe("docker through", function()
  setup(function()
    if not engine.unavailable() then
      docker(engine.get().straight, { "rm", "-f", "category-web" })
      docker(engine.get().straight, { "run", "-d", "--name", "category-web", "busybox", "sleep", "1000" })
    end
  end)
  teardown(function()
    if not engine.unavailable() then
      docker(engine.get().straight, { "rm", "-f", "category-web" })
    end
  end)

  for _, row in ipairs(configurations) do
    local name, on, allowed = table.unpack(row)
    it(("%s with %s does what it does through HAProxy"):format(name, on), function()
      local env, found = { "EVENTS=0", "VERSION=0" }, {}
      for _, variable in ipairs(cases.words(on)) do
        env[#env + 1] = variable .. "=1"
      end
      local theirs = haproxy.start(originals[name], engine.get().socket, env)
      local ours = daemon.start({ "-policy=" .. name, "-socketpath=" .. engine.get().socket }, { env = env })
      for i, command in ipairs(commands) do
        local there, here = docker(theirs.address, command), docker(ours.unix, command)
        if not command.here_only then
          local about = table.concat(command, " ") .. "\nthere: " .. there.stderr .. "\nhere: " .. here.stderr
          assert.equal(there.code, here.code, about)
          assert.equal(there.stdout, here.stdout, about)
        end
        found[#found + 1] = here.code == 0 and tostring(i) or nil
      end
      theirs:stop()
      ours:stop()
      assert.equal(allowed, table.concat(found, " "))
    end)
  end

  it("godoxy pings with GET after all, and exec, attach and restart work", function()
    local ours = daemon.start({ "-policy=godoxy", "-socketpath=" .. engine.get().socket },
      { env = { "CONTAINERS=1", "EXEC=1", "POST=1", "GODOXY_ALLOW_RESTARTS=true", "ALLOW_START=1" } })
    local found = {}
    for i, command in ipairs(commands) do
      found[#found + 1] = docker(ours.unix, command).code == 0 and tostring(i) or nil
    end
    ours:stop()
    assert.equal("1 2 3 4 5 7 8 9 11", table.concat(found, " "))
  end)
end)

