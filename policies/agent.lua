-- agent: the Docker of an AI agent, or of a CI job that runs what strangers write. It sees and touches
-- only what it has created itself, mounts nothing of the host but what lies below one directory, gets no
-- other power over it, and no environment in answers. It is the policy owner with less.
--
-- Who the agent is: -agent names one for all that ask here; without it, it is known as in owner, by its
-- container or its user, and two agents do not see each other. With -agent, listen on a Unix socket, as
-- examples/agent does: whoever reaches a TCP listener is the agent, the engine too, which fetches what
-- builds name.
--
-- -agentdir=/srv/agent lets it mount that directory and what is in it, under the same path as on the host.
-- Whoever can write there can put a symbolic link there, and the engine follows it anywhere. Mounted with
-- nosymfollow (Linux 5.10 and later) no link in it works any more, for containers neither; without that,
-- an agent that means harm reaches all of the host:
--
--   mount --bind /srv/agent /srv/agent && mount -o remount,bind,nosymfollow /srv/agent
--
-- Environments are taken out of inspects and histories, so that secrets do not get about by mistake. What a
-- container prints itself is not looked at: an agent that runs an image reads what is in it.
local calls = require "moonward.calls"
local moonward = require "moonward"
local own = require "moonward.own"
local paths = require "moonward.paths"
local secrets = require "moonward.secrets"

local policy = {
  summary = "An AI agent's or a CI job's Docker: only what it has created, binds only below a directory, no"
    .. " power over the host, no environment in answers.",
  options = {
    { name = "agent", env = "MOONWARD_AGENT", help = "One name for all that ask, instead of who they are." },
    {
      name = "agentdir", env = "MOONWARD_AGENTDIR", kind = "list", env_family = true,
      help = "Directories of the host that it may mount, and what is in them; commas between.",
    },
    {
      name = "allowpower", env = "MOONWARD_ALLOWPOWER", env_family = true, kind = "list",
      help = "Powers that its containers may have besides: port=8000-8999, ...; commas between.",
    },
    own.local_base(),
  },
}

-- What is shown of its own containers; the rest that can hold secrets is left out.
local typed = "the agent has typed it itself"
local shows = { command = typed, healthcheck = typed }

-- Set by start.
local settings

function policy.start(options)
  local powers = {}
  for _, list in ipairs { own.powers, options.allowpower } do
    for _, power in ipairs(list) do
      powers[#powers + 1] = power
    end
  end
  for _, directory in ipairs(options.agentdir) do
    if not paths.is_absolute(directory) or paths.clean(directory) == "/" then
      error("agentdir: expected a directory such as /srv/agent, got '" .. directory .. "'", 0)
    end
    powers[#powers + 1] = "bind=" .. directory
  end
  settings = own.settings("moonward.owner", powers, options, shows)
  if options.agent ~= "" then
    moonward.takes_all(options.agent)
  else
    moonward.watch_containers()
  end
end

function policy.decide(who, request, options)
  if request:is(table.unpack(calls.greeting)) then
    return moonward.allow() -- whoever asks: it tells nothing of anybody
  end
  local owner = options.agent ~= "" and "agent:" .. options.agent or own.owner_of(who, settings.label)
  if not owner then
    return moonward.deny("nobody knows whose agent asks", {
      hint = "ask from a container or over a Unix socket, or start moonward with -agent",
    })
  elseif request:is "container.top" and #request:values "ps_args" > 0 then
    return moonward.deny("arguments of ps may show environments", { hint = "docker top without arguments" })
  elseif secrets.hidden_whole(request.operation, shows) and not request:is "image.export_many" then
    return moonward.deny "an image has its environment in it"
  end
  return own.decide(request, owner, settings)
end

return policy
