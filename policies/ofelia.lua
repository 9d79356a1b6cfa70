-- ofelia: what the scheduler Ofelia calls, mcuadros' and netresearch's. It sees the containers with the label
-- ofelia.enabled=true, follows what happens to them, and runs commands in them (job-exec); with -ofeliarun
-- also in containers of its own (job-run).
--
-- Ofelia leaves no mark on the containers that it makes, so one is put on them: the label
-- moonward.ofelia=job. It starts, stops and removes only those. Jobs that mount or join something need it
-- in -allowpower: volume=NAME, bind=/srv/x, volumes-from=NAME, network=NAME. job-local calls nothing;
-- job-service-run is not here, since a service can take over every host of a swarm.
local calls = require "moonward.calls"
local client = require "moonward.client"
local json = require "moonward.json"
local marks = require "moonward.marks"

local enabled = marks.label("ofelia.enabled", "true")
local job = marks.label("moonward.ofelia", "job")

local function is_either(container)
  return enabled.is(container) or job.is(container)
end

local function stamp(body)
  if body.Labels == nil or body.Labels == json.null then
    body.Labels = {}
  end
  body.Labels["moonward.ofelia"] = "job"
end

return client.policy {
  summary = "Ofelia runs commands in containers with the label ofelia.enabled=true; with an option, in"
    .. " new ones too. Whoever creates containers or images sets labels.",
  options = {
    {
      name = "ofeliarun", env = "MOONWARD_OFELIA_RUN", kind = "switch",
      help = "Makes containers for jobs (job-run), without power over the host.",
      allows = {
        { calls.pull, "image.list", "network.list" },
        { "container.create", edit = stamp },
        { "container.inspect", only = is_either },
        { "container.start", "container.wait", "container.stop", "container.logs", "container.remove",
          when = job.held },
        { "network.connect", when = job.joined },
      },
    },
    client.allowpower(),
  },
  always = {
    calls.info,
    { calls.containers, calls.events, only = enabled.is },
    { "exec.create", "exec.start", "exec.inspect", when = enabled.held },
  },
}
