-- netdata: what Netdata calls to name control groups after containers, and its collector of docker metrics.
--
-- Of a container's environment it reads what Nomad sets, to name the job; the rest is left out.
local calls = require "moonward.calls"
local client = require "moonward.client"

local nomad = { "NOMAD_NAMESPACE", "NOMAD_JOB_NAME", "NOMAD_TASK_NAME", "NOMAD_SHORT_ALLOC_ID" }

return client.policy {
  summary = "Netdata lists containers and images, and inspects containers; of their environment it sees what"
    .. " Nomad sets.",
  always = {
    calls.info, "container.list", "image.list",
    {
      "container.inspect", redact = { { "Config.Env", keep = nomad } },
      shows = { environment = "it reads what Nomad sets; the rest is taken out here" },
    },
  },
}
