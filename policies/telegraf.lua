-- telegraf: what Telegraf's inputs docker and, with -telegraflogs, docker_log call.
--
-- Each setting of theirs that asks the engine for more has an option here: storage_objects -telegrafdisk,
-- gather_services -telegrafswarm, tag_env -telegrafenv with the same names.
--
-- Read from Telegraf 1.40.0: ping, info, list, inspect and stats of containers; then logs, system/df, lists
-- of services and tasks, and until 1.38 of nodes.
local calls = require "moonward.calls"
local client = require "moonward.client"

return client.policy {
  summary = "Telegraf lists and inspects containers, without their environment, and sees their usage; with"
    .. " options, logs, disks, the swarm and variables by name.",
  always = { calls.info, calls.containers, calls.stats },
  options = {
    {
      name = "telegraflogs", env = "MOONWARD_TELEGRAF_LOGS", kind = "switch",
      help = "What containers write, for the input docker_log.", allows = { calls.logs },
    },
    {
      name = "telegrafdisk", env = "MOONWARD_TELEGRAF_DISK", kind = "switch",
      help = "Sizes of containers, images and volumes, for storage_objects.", allows = { "system.df" },
    },
    {
      name = "telegrafswarm", env = "MOONWARD_TELEGRAF_SWARM", kind = "switch",
      help = "Services, tasks and nodes, for gather_services.",
      allows = { "service.list", "task.list", "node.list" },
    },
    {
      name = "telegrafenv", env = "MOONWARD_TELEGRAF_ENV", kind = "list",
      help = "Names of variables to show, for tag_env; commas between.",
      allows = {
        {
          "container.inspect", shows = { environment = "it makes tags of these; the others are taken out" },
          redact = function(options)
            return { { "Config.Env", keep = { table.unpack(options.telegrafenv) } } }
          end,
        },
      },
    },
  },
}
