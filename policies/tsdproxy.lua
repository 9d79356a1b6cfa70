-- tsdproxy: what TSDProxy calls to put containers into a tailnet, by their labels.
--
-- It knows the default bridge by that network's options, so options of networks are shown; containers that
-- are not labelled for it do not exist for it with -tsdproxylabel=tsdproxy.enable=true.
--
-- Read from TSDProxy 3.0.0-beta.3: list, inspect and events of containers, the list of networks, inspect of
-- a container's service.
local calls = require "moonward.calls"
local client = require "moonward.client"

local labelled = client.labelled "tsdproxylabel"
local finds = { network = "it finds the default bridge by its options" }

return client.policy {
  summary = "TSDProxy lists, inspects and follows containers, without their environment, lists networks,"
    .. " and looks at services; with an option, only containers with a label.",
  always = { calls.containers, calls.events, "service.inspect", { "network.list", shows = finds } },
  options = {
    {
      name = "tsdproxylabel", env = "MOONWARD_TSDPROXY_LABEL", label = true,
      help = "Label of the containers to show, as tsdproxy.enable=true; empty: all.",
      allows = { { calls.containers, calls.events, only = labelled } },
    },
  },
}
