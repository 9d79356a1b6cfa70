--- A policy for specs of the command line, and moonward run with it.

local daemon = require "spec.support.daemon"
local folder = require "spec.support.folder"

--- `folder` holds the policy, `path` is its file.
local pinger = { folder = folder.new() }

-- A policy with an option of each sort that says yes, no and nonsense.
pinger.path = folder.write(pinger.folder .. "/pinger.lua", [[
local moonward = require "moonward"

local policy = {
  summary = "Lets people ping.",
  options = {
    { name = "label", env = "PINGER_LABEL", default = "x", help = "A label." },
    { name = "strict", env = "PINGER_STRICT", kind = "switch", default = false, help = "Be strict." },
    { name = "paths", env = "PINGER_PATH", env_family = true, kind = "list", help = "Paths." },
    { name = "engine", env = "ENGINE_SOCKET", sets = "socketpath", help = "Where the engine is." },
  },
}

function policy.decide(client, request, options)
  if client.labels.app == "web" or request:is("system.ping") then
    return moonward.allow()
  elseif request:is("container.create") then
    return moonward.deny("no image " .. tostring(request.json.Image))
  elseif request:is("image.list") then
    local addresses = moonward.resolve("localhost")
    return moonward.deny("localhost has " .. (#addresses > 0 and "addresses" or "none"))
  end
  return moonward.deny("pings only, " .. (client.address or "nobody") .. " on " .. client.listener)
end

return policy
]])

--- Runs moonward to its end.
---@param words string[]
---@param env? string[]
---@param stdin? string
function pinger.run(words, env, stdin)
  return daemon.run(words, { env = env, stdin = stdin, timeout = 20 })
end

--- A command line with a policy behind the name of the command.
---@param policy string
---@param words string[]
function pinger.with(policy, words)
  return daemon.flatten(words[1], "-policy=" .. policy, { table.unpack(words, 2) })
end

return pinger
