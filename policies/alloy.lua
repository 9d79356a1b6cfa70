-- alloy: what Grafana Alloy's discovery.docker and loki.source.docker call, and with options what other parts
-- of it do: discovery.dockerswarm, prometheus.exporter.cadvisor, the docker detector.
--
-- The environment of containers is left out, also for env_metadata_allowlist of the exporter; if it needs
-- some, give that exporter the policy cadvisor, on a listener of its own.
--
-- Read from Alloy 1.18.0 and Prometheus 3.14, whose discovery it uses: ping, list and inspect of containers,
-- the list of networks, logs; then lists of services, tasks and nodes; info.
local calls = require "moonward.calls"
local client = require "moonward.client"

return client.policy {
  summary = "Alloy lists and inspects containers, without their environment, lists networks, and reads logs;"
    .. " with options, the swarm and the engine's info.",
  always = { calls.containers, calls.logs, "network.list" },
  options = {
    {
      name = "alloyswarm", env = "MOONWARD_ALLOY_SWARM", kind = "switch",
      help = "Services, tasks and nodes, for discovery.dockerswarm.",
      allows = { "service.list", "task.list", "node.list" },
    },
    {
      name = "alloyinfo", env = "MOONWARD_ALLOY_INFO", kind = "switch",
      help = "The engine's info, for prometheus.exporter.cadvisor and the docker detector.",
      allows = { calls.info },
    },
  },
}
