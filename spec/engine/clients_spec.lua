-- Real clients through their policies, in front of a real engine: each does what its row lists, and is denied
-- what lies outside, with the Docker SDK for Python; spec/engine/clients has the flows.

local daemon = require "spec.support.daemon"
local engine = require "spec.support.engine"
local process = require "spec.support.process"

-- Debian's Python, whatever others are on this machine: it has the SDK.
local python = "/usr/bin/python3"

local function has_sdk()
  return process.run({ "sh", "-c", python .. " -c 'import docker'" }).code == 0
end

local it = engine.it(it, pending)
if not engine.unavailable() and not has_sdk() then
  it = function(name)
    pending(name .. " (needs python3-docker)", function() end)
  end
end

-- policy and script, options ("SOCKET" is moonward's own, "DIR" a directory); the script if it is called otherwise
local cases = {
  { "agent", { "-agent=ai", "-agentdir=DIR", "-localbase" } },
  { "authentik", { "-allowpower=network=authentik" } },
  { "autoheal" },
  { "docker-volume-backup", { "-backupexec" } },
  { "gitlab-runner" },
  { "nextcloud-aio" },
  { "ofelia", { "-ofeliarun", "-allowpower=network" } },
  { "sablier" },
  { "sablier", { "-sablierpause", "-sablierscale" }, "sablier_more" },
  { "testcontainers", { "-ryuksocket=SOCKET" } },
  { "watchtower", { "-watchtowerlabelled", "-allowpower=host-namespace=cgroup" } },
  { "woodpecker" },
}

describe("the policy", function()
  for _, case in ipairs(cases) do
    local policy, options = case[1], case[2] or {}
    local script = case[3] or policy:gsub("-", "_")
    it(("%s%s is enough for its client, and for nothing else"):format(policy, case[3] and " with all options" or ""), function()
      local straight = engine.get()
      local listen = straight.folder .. "/" .. script .. ".sock"
      local words = { "-listen=unix://" .. listen, "-socketpath=" .. straight.socket, "-policy=" .. policy }
      for _, option in ipairs(options) do
        words[#words + 1] = option:gsub("SOCKET", listen):gsub("DIR", straight.folder .. "/agent")
      end
      local moonward = daemon.start(words, { listen = false, await = "unix://" .. listen })
      local result = process.run({ python, "-B", ("spec/engine/clients/%s.py"):format(script) },
        { env = { "DOCKER_HOST=unix://" .. listen, "STRAIGHT=" .. straight.straight,
          "AGENTDIR=" .. straight.folder .. "/agent" }, timeout = 90 })
      moonward:stop()
      assert.equal(0, result.code, result.stdout .. result.stderr .. moonward:log():sub(-3000))
    end)
  end
end)
