-- promtail: what Promtail's docker_sd_configs call to find containers and read what they write.
--
-- Read from Promtail 3.7: ping, list and inspect of containers, the list of networks (their names become
-- labels), logs. Its successor is Alloy, with a policy of its own.
local calls = require "moonward.calls"
local client = require "moonward.client"

return client.policy {
  summary = "Promtail lists and inspects containers, without their environment, lists networks, and reads"
    .. " logs.",
  always = { calls.containers, calls.logs, "network.list" },
}
