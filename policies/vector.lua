-- vector: what Vector's source docker_logs calls.
--
-- With -vectorlabel, containers without the label do not exist for it; it fits include_labels with one label.
--
-- Read from Vector 0.58.0: list, inspect and events of containers, logs; older ones ask for the version.
local calls = require "moonward.calls"
local client = require "moonward.client"

local labelled = client.labelled "vectorlabel"

return client.policy {
  summary = "Vector lists, inspects and follows containers, without their environment, and reads their logs;"
    .. " with an option, only of those with a label.",
  always = { calls.containers, calls.events, calls.logs },
  options = {
    {
      name = "vectorlabel", env = "MOONWARD_VECTOR_LABEL", label = true,
      help = "Label of the containers to read, as vector.enable=true; empty: all.",
      allows = { { calls.containers, calls.events, calls.logs, only = labelled } },
    },
  },
}
