--- What the policies of programs share that manage an engine for people: Dockge, Komodo, Arcane and others.
--- They create containers, so they are held by the powers over the host that these may have, and by nothing
--- else: all containers, images, networks and volumes are theirs.
---
---   options = {
---     manager.build "dockge", manager.exec "dockge",
---     client.commonpower(manager.powers), client.allowpower(),
---   },
local calls = require "moonward.calls"

local manager = {}

--- Powers that ordinary compose files ask for: other containers, ports and volumes are in reach, but not the
--- host. For client.commonpower.
manager.powers = "address,alias,dns,extra-host,mac-address,network,port,restart-policy,ulimit,volume"

local function switch(program, word, help, allows)
  return {
    name = program .. word, env = "MOONWARD_" .. string.upper(program) .. "_" .. string.upper(word),
    kind = "switch", help = help, allows = allows,
  }
end

--- Builds, by BuildKit too, where no rule looks into: images that it runs may have the host's network.
---@param program string
---@return moonward.client.Option
function manager.build(program)
  local option = switch(program, "build", "Builds images, by BuildKit too, which no rule looks into.", {
    "image.build", "build.session", "build.grpc",
  })
  option.powers = function()
    return { "build-session", "build-grpc" }
  end
  return option
end

--- Shells and commands in containers.
---@param program string
---@return moonward.client.Option
function manager.exec(program)
  return switch(program, "exec", "Runs commands and shells in containers, and attaches to them.", {
    calls.exec, calls.attach,
  })
end

--- Removes what nobody uses.
---@param program string
---@return moonward.client.Option
function manager.prune(program)
  return switch(program, "prune", "Removes what is unused: containers, images, networks, volumes, caches.", {
    calls.prune,
  })
end

--- Copies files into and out of containers, volumes and binds.
---@param program string
---@return moonward.client.Option
function manager.files(program)
  local option = switch(program, "files", "Copies files into and out of containers and their volumes.", {
    calls.files,
  })
  option.powers = function()
    return { "archive" }
  end
  return option
end

--- Changes services, configs and secrets of a swarm, and shows what configs hold.
---@param program string
---@return moonward.client.Option
function manager.swarm(program)
  local option = switch(program, "swarm", "The swarm's services, configs and secrets; nodes with a power.", {
    calls.swarm, calls.swarm_writes, "service.logs", "task.logs", "secret.list", "secret.inspect",
    "swarm.inspect",
    { "config.list", "config.inspect", shows = { data = "its page for a config shows and edits it" } },
  })
  option.powers = function()
    return { "swarm-secret" } -- of GET /swarm, where the tokens are left out
  end
  return option
end

--- Shows environments and command lines.
---@param program string
---@return moonward.client.Option
function manager.environment(program)
  local asked = "who sets -" .. program .. "environment wants to see it"
  return switch(program, "environment", "Environments and command lines, which may hold passwords.", {
    { calls.details, shows = { build = asked, command = asked, environment = asked, healthcheck = asked } },
  })
end

--- A directory of the host that what it creates may mount. A symbolic link in it leads anywhere, so whoever
--- can write there, from a container too, reaches all of the host.
---@param name string
---@param env string
---@param help string
---@return moonward.client.Option
function manager.directory(name, env, help)
  return {
    name = name, env = env, help = help,
    powers = function(path)
      return { "bind=" .. path }
    end,
  }
end

--- For `shows`: the program makes containers anew from what it was shown.
---@param why string
---@return table<string, string>
function manager.remakes(why)
  return {
    command = why, environment = why, healthcheck = why, logging = why, network = why, volume = why,
  }
end

return manager
