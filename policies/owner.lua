-- owner: each client sees and touches only what it has created. Containers, volumes, networks, builds and
-- commits are stamped with a label, and what has not the client's stamp does not exist for it.
--
-- Who is the owner: the stamp on the client's own container (so what an owner creates acts for it; the
-- operator may give several containers the same), else that container's name, else the user on a Unix
-- socket. A client that is none of these is refused, unless -owner names one for all; then listen on a Unix
-- socket, since whoever reaches a TCP listener is that owner, the engine too, which fetches what builds name.
--
-- Requests may have no power over the host but what -allowpower lists, in the words of no-host-power. For
-- compose files that is often -allowpower=restart-policy,port=8000-8999.
--
-- What clients notice: a named volume has to be created before a container mounts it, as compose does, for
-- nobody could stamp it later. `docker build` needs DOCKER_BUILDKIT=0, and its base image has to be pulled
-- before (it stands by its id in the Dockerfile that the engine gets); what ADD may fetch is said by
-- -allowpower=remote=https://example.com/*. `docker load`, `docker save`, swarm and plugins are denied.
-- What is shared, and what cannot be hidden: lualib/moonward/own.lua.
local calls = require "moonward.calls"
local moonward = require "moonward"
local own = require "moonward.own"

local policy = {
  summary = "Each client sees and touches only what it has created, and gets no power over the host but what"
    .. " is listed. Whoever can set the label by other ways than this proxy can claim what is stamped.",
  options = {
    { name = "owner", env = "MOONWARD_OWNER", help = "One owner for all clients, instead of who they are." },
    {
      name = "ownerlabel", env = "MOONWARD_OWNERLABEL", default = "moonward.owner",
      help = "Label of the stamp.",
    },
    {
      name = "allowpower", env = "MOONWARD_ALLOWPOWER", env_family = true, kind = "list",
      help = "Powers over the host to let through: bind=/srv, port=8000-8999, ...; commas between.",
    },
    own.local_base(),
  },
}

-- Set by start.
local settings

function policy.start(options)
  local powers = { table.unpack(own.powers) }
  for _, power in ipairs(options.allowpower) do
    powers[#powers + 1] = power
  end
  settings = own.settings(options.ownerlabel, powers, options)
  if options.owner ~= "" then
    moonward.takes_all(options.owner)
  else
    moonward.watch_containers()
  end
end

function policy.decide(client, request, options)
  if request:is(table.unpack(calls.greeting)) then
    return moonward.allow() -- whoever asks: it tells nothing of anybody
  end
  local owner = options.owner ~= "" and options.owner or own.owner_of(client, options.ownerlabel)
  if not owner then
    return moonward.deny("it is not known who asks, and so what they own", {
      hint = "ask from a container or over a Unix socket, or start moonward with -owner",
    })
  end
  return own.decide(request, owner, settings)
end

return policy
