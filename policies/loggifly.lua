-- loggifly: what LoggiFly calls to watch what containers write, and with -loggiflyactions what its actions
-- do.
--
-- It takes part only in containers that it is told of; with -loggiflylabel=loggifly.monitor=true the others
-- do not exist for it, nor for its actions.
--
-- Read from LoggiFly 2.0.1: ping, version, info, list, inspect, events and logs of containers; services and
-- nodes of a swarm; start, stop, restart, wait.
local calls = require "moonward.calls"
local client = require "moonward.client"

local labelled = client.labelled "loggiflylabel"

-- With a label set, actions are for those that have it.
local function may_act(request, options)
  return options.loggiflylabel == "" or not request.target or labelled(request.target, options),
    "it has no label " .. options.loggiflylabel
end

return client.policy {
  summary = "LoggiFly lists, inspects and follows containers, without their environment, and reads their"
    .. " logs; with options, it starts and stops them.",
  always = { calls.info, calls.containers, calls.events, calls.logs },
  options = {
    {
      name = "loggiflylabel", env = "MOONWARD_LOGGIFLY_LABEL", label = true,
      help = "Label of the containers to watch, as loggifly.monitor=true; empty: all.",
      allows = { { calls.containers, calls.events, calls.logs, only = labelled } },
    },
    {
      name = "loggiflyactions", env = "MOONWARD_LOGGIFLY_ACTIONS", kind = "switch",
      help = "Starts, stops and restarts containers, for its actions.",
      allows = {
        { "container.start", "container.stop", "container.restart", "container.wait", when = may_act },
      },
    },
    {
      name = "loggiflyswarm", env = "MOONWARD_LOGGIFLY_SWARM", kind = "switch",
      help = "A container's service and node, for a swarm.", allows = { "service.inspect", "node.inspect" },
    },
  },
}
