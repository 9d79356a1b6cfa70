-- portainer-operator: Portainer as a tool: containers, stacks, images, networks and volumes may be made,
-- changed and removed, and shells opened. What is created gets no power over the host but those of
-- -commonpower and -allowpower; policies/no-host-power.lua says how they are written, docs/powers.md which
-- there are.
--
-- Whoever may use this Portainer owns all containers of the engine and what is in their volumes, and is
-- root on the host wherever one of them is privileged or mounts what it should not.
local calls = require "moonward.calls"
local client = require "moonward.client"

-- Portainer writes into each create the capabilities that containers have anyhow.
local usual = "capability=CHOWN,capability=DAC_OVERRIDE,capability=FOWNER,capability=FSETID,capability=KILL,"
  .. "capability=SETGID,capability=SETUID,capability=SETPCAP,capability=SETFCAP,capability=NET_BIND_SERVICE,"
  .. "capability=NET_RAW,capability=SYS_CHROOT,capability=MKNOD,capability=AUDIT_WRITE"

-- Portainer edits a container or a service by making it anew from what it was shown: what it does not see
-- would be gone. Steps of builds, tokens, proxies and what configs hold are in none of its forms.
local edits = "its form for a container or a service makes it anew from what it was shown"
local shown = {
  command = edits, environment = edits, healthcheck = edits, logging = edits,
  network = "the options of a container's networks go into its form, and a network's page lists them",
  volume = "the options of a service's mounts go into its form, and a volume's page lists them",
}

return client.policy {
  summary = "Portainer works on all containers, images, networks and volumes; what it creates has only the"
    .. " powers over the host that are listed.",
  powers = { usual, "swarm-secret" }, -- the second of GET /swarm, where the tokens are left out
  always = {
    { calls.overview, calls.details, events = true, shows = shown },
    { "image.export_many", shows = { environment = "an image without its configuration is none" } },
    calls.logs, "service.logs", "task.logs", "container.top",
    "config.list", "config.inspect", "swarm.inspect", "plugin.list",
    calls.lifecycle, calls.exec, calls.attach,
    "container.create", "container.update", "container.rename", "container.remove", "container.commit",
    "image.pull", "image.push", "image.tag", "image.load", "image.remove",
    "network.create", "network.connect", "network.disconnect", "network.remove",
    "volume.create", "volume.remove",
  },
  options = {
    client.commonpower "volume,network,port,alias,restart-policy,limits", client.allowpower(),
    {
      name = "portainerbuild", env = "MOONWARD_PORTAINER_BUILD", kind = "switch",
      help = "Builds images.",
      allows = { "image.build" },
    },
    {
      name = "portainerswarm", env = "MOONWARD_PORTAINER_SWARM", kind = "switch",
      help = "Changes services, configs and secrets of the swarm; nodes with the power swarm, too.",
      allows = {
        "service.create", "service.update", "service.remove", "config.create", "config.remove",
        "secret.create", "secret.remove", "node.update",
      },
    },
  },
}
