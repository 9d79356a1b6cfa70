-- cadvisor: what cAdvisor calls to name control groups after containers. What they use it reads from the
-- kernel, not from the engine.
--
-- Of environments it sees the variables in -cadvisorenv, for --env_metadata_whitelist; that one takes the
-- beginnings of names, this one globs: MY_* for MY_.
--
-- Read from cAdvisor 0.60.5: ping, version, info, images (for its own page /docker), inspect of containers.
local calls = require "moonward.calls"
local client = require "moonward.client"

return client.policy {
  summary = "cAdvisor inspects containers, without their environment, and lists images; with an option, it"
    .. " sees the variables that are named there.",
  always = { calls.info, "container.inspect", "image.list" },
  options = {
    {
      name = "cadvisorenv", env = "MOONWARD_CADVISOR_ENV", kind = "list",
      help = "Names of variables to show, as globs; commas between.",
      allows = {
        {
          "container.inspect", shows = { environment = "it makes labels of these; the others are taken out" },
          redact = function(options)
            return { { "Config.Env", keep = { table.unpack(options.cadvisorenv) } } }
          end,
        },
      },
    },
  },
}
