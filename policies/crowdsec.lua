-- crowdsec: what CrowdSec's docker acquisition calls to read logs.
--
-- With -crowdseclabel it reads those of labelled containers and the others do not exist for it:
-- "crowdsec.enable=true" fits `use_container_labels: true`.
local calls = require "moonward.calls"
local client = require "moonward.client"

local labelled = client.labelled "crowdseclabel"

return client.policy {
  summary = "CrowdSec lists, inspects and follows containers, without their environment, and reads their"
    .. " logs; with an option, only of those with a label.",
  always = {
    calls.info, calls.containers, calls.logs,
    { calls.events, events = { "container", "service" } },
  },
  options = {
    {
      name = "crowdseclabel", env = "MOONWARD_CROWDSEC_LABEL", label = true,
      help = "Label of the containers to read, as crowdsec.enable=true; empty: all.",
      allows = {
        { calls.containers, calls.logs, calls.events, only = labelled },
      },
    },
    {
      name = "crowdsecswarm", env = "MOONWARD_CROWDSEC_SWARM", kind = "switch",
      help = "Services of the swarm and their logs.",
      allows = { "service.logs", "service.list", "service.inspect" },
    },
  },
}
