-- no-host-power: denies every request that asks for power over the host, its neighbours or the engine,
-- but for the powers listed in -allowpower; all other requests are allowed. Made to stand beside
-- another policy, which says what may be asked at all:
--
--   moonward -policy default -allowPOST='/v1\..*/containers/.*' -policy no-host-power \
--     -allowpower=bind=/srv -allowpower=port=8000-8999,volume,restart-policy
--
-- Alone it allows reads, and writes to any container there is. Beside a policy that has no opinion
-- (nil) on some requests, add -allowrest=false: then this one has none either, and only denies.
--
-- An entry of -allowpower is a power, or power=pattern; several with commas between. What a pattern
-- means depends on the power (docs/powers.md lists them all):
--
--   bind=/srv                     that directory and what is in it; likewise device=/dev/fuse
--   capability=NET_*              a glob, with or without CAP_, in any case
--   port=8080  port=8000-8999     ports of the host on any address; port=127.0.0.1:* on that one;
--                                 port=0 is "any free one"
--   volume=web_*  network=*_net   globs over the name
--   sysctl=net.*  annotation=x=*  globs over key=value
--   privileged                    no pattern: there is nothing to choose from
--
-- Without a pattern any value will do. A pattern cannot hold a comma; then leave it out.
--
-- What it reads and what it does not: lualib/moonward/create.lua. Above all: a request that uses an
-- existing container, volume or network gets the powers that it already has; and what a Dockerfile has
-- the engine fetch (ADD, and triggers of its base images) is not looked at: docs/security.md lists what
-- it can say. An allowed directory should hold nothing that clients can write: a symbolic link in it
-- leads anywhere.
local moonward = require "moonward"
local power_rules = require "moonward.power_rules"

local policy = {
  summary = "Denies power over the host but for what is listed, and allows the rest; made to stand beside"
    .. " another policy.",
  options = {
    {
      name = "allowpower", env = "MOONWARD_ALLOWPOWER", env_family = true, kind = "list",
      help = "Powers to let through: bind=/srv, capability=NET_ADMIN, port=8080, ...; commas between.",
    },
    {
      name = "allowrest", env = "MOONWARD_ALLOWREST", kind = "switch", default = true,
      help = "Allow what asks for no other power; false: leave that to the other policies.",
    },
  },
}

-- Set by start: says why a request is refused.
local refusal_of

function policy.start(options)
  refusal_of = power_rules.read(options.allowpower, "allowpower")
end

function policy.decide(_, request, options)
  local reason, more = refusal_of(request)
  if reason then
    return moonward.deny(reason, more)
  end
  return options.allowrest and moonward.allow() or nil
end

return policy
