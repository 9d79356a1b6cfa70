-- caddy-docker-proxy: what lucaslorentz/caddy-docker-proxy calls to make a Caddyfile of labels.
--
-- Of the swarm's configs it sees those with the label caddy, which it reads as parts of a Caddyfile; configs
-- may hold anything, and the others stay hidden. Set CADDY_DOCKER_LABEL_PREFIX here too if it is set there.
local calls = require "moonward.calls"
local client = require "moonward.client"

local function is_caddyfile(config, options)
  return config.labels[options.caddylabel] ~= nil
end

return client.policy {
  summary = "caddy-docker-proxy lists, inspects and follows containers and networks, without environments.",
  always = {
    calls.info, calls.networks, calls.containers,
    { calls.events, events = { "container", "service", "config" } },
  },
  options = {
    {
      name = "caddyswarm", env = "MOONWARD_CADDY_SWARM", kind = "switch",
      help = "Services, tasks, and configs with the label.",
      allows = {
        "service.list", "task.list",
        {
          "config.list", "config.inspect", only = is_caddyfile,
          shows = { data = "configs with the label are parts of a Caddyfile" },
        },
      },
    },
    {
      name = "caddylabel", env = "CADDY_DOCKER_LABEL_PREFIX", default = "caddy",
      help = "Label of the configs to show.",
    },
  },
}
