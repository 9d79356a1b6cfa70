-- dozzle: what Dozzle calls to show logs, usage and events, and with options what its buttons do.
--
-- -dozzleshell lets everybody who may use Dozzle run anything in any container, with that container's powers;
-- an exec that asks for more (privileged) is denied. -allowexec lets it run what is listed, and no other.
-- Dozzle can also update containers and deploy compose files; that is creating containers, and is denied.
local calls = require "moonward.calls"
local client = require "moonward.client"
local exec = require "moonward.exec"

return client.policy {
  summary = "Dozzle reads logs, usage and events of all containers, without their environment; with options,"
    .. " its actions and its shell.",
  always = {
    calls.info, calls.events, calls.containers, calls.logs, calls.stats,
  },
  options = {
    {
      name = "dozzleactions", env = "MOONWARD_DOZZLE_ACTIONS", kind = "switch",
      help = "Starts, stops, restarts and removes containers, as DOZZLE_ENABLE_ACTIONS offers.",
      allows = { "container.start", "container.stop", "container.restart", "container.remove" },
    },
    {
      name = "dozzleshell", env = "MOONWARD_DOZZLE_SHELL", kind = "switch",
      help = "A shell in any container, and attaching to it, as DOZZLE_ENABLE_SHELL offers.",
      allows = { "exec.create", "exec.start", "exec.resize", "container.attach" },
    },
    exec.option(function() return true end),
  },
}
