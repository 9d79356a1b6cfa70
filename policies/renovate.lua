-- renovate: what Renovate calls with binarySource=docker, by the docker command: a container for each tool,
-- named renovate_sidecar. It touches no containers but those whose names begin with renovate_; with another
-- dockerChildPrefix, set -renovateprefix.
--
-- The containers mount Renovate's folder, in which repositories lie: set RENOVATE_BASE_DIR here as there.
-- What runs in them writes there, and a symbolic link leads anywhere on the host; so whoever writes a
-- repository that Renovate works on may be root on the host, unless that folder is mounted with
-- nosymfollow. binarySource=install needs no Docker at all. dockerCliOptions need -allowpower.
--
-- Read from Renovate at c2dd4f8 of 2026-08-22: docker pull, run --rm, ps, rm -f.
local calls = require "moonward.calls"
local client = require "moonward.client"
local manager = require "moonward.manager"

local prefix -- set by start

local function is_child(object)
  return string.sub(object.name or "", 1, #prefix) == prefix
end

local function is_named(request)
  return string.sub(request.query.name or "", 1, #prefix) == prefix, "its name does not begin with " .. prefix
end

return client.policy {
  summary = "Renovate runs tools in containers named renovate_*, with its folder mounted and no other power"
    .. " over the host.",
  options = {
    {
      name = "renovateprefix", env = "RENOVATE_DOCKER_CHILD_PREFIX", default = "renovate_",
      help = "What names of its containers begin with.",
    },
    manager.directory("renovatedir", "RENOVATE_BASE_DIR", "Renovate's folder on the host, to mount from."),
    client.allowpower(),
  },
  start = function(options)
    prefix = options.renovateprefix
    if prefix == "" then
      error("option renovateprefix: expected the beginning of names; with '' any container is Renovate's", 0)
    end
  end,
  always = {
    calls.info, calls.pull,
    { "container.create", when = is_named },
    { "container.list", only = is_child },
    {
      "container.start", "container.attach", "container.wait", "container.kill", "container.remove",
      when = client.target(is_child, "its name does not begin as Renovate's do"),
    },
  },
}
