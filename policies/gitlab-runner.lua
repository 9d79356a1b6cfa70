-- gitlab-runner: what GitLab Runner's docker executor calls. It creates containers, volumes and networks
-- whose names begin with runner-, as the executor names them, and touches no others. Jobs get no power
-- over the host.
--
-- Jobs that build images with this engine (docker.sock as a volume), or with a privileged docker:dind,
-- need that in -allowpower; whoever can write a .gitlab-ci.yml is root on the host then. A cache_dir on
-- the host needs -allowpower=bind=/that/directory. The container without a name that bootstraps native
-- steps is denied.
local calls = require "moonward.calls"
local client = require "moonward.client"
local marks = require "moonward.marks"

local ours = marks.name("runner-*")

return client.policy {
  summary = "GitLab Runner: runs jobs in containers, volumes and networks named runner-*, without"
    .. " power over the host.",
  options = {
    {
      name = "runnerload", env = "MOONWARD_RUNNER_LOAD", kind = "switch",
      help = "Loads and tags helper images that come with the runner, over any image of that name.",
      allows = { "image.load", "image.tag" },
    },
    client.allowpower(),
  },
  -- Services are found by alias, and on the default network by a line in /etc/hosts.
  powers = { "volume=runner-*", "network=runner-*", "alias", "extra-host" },
  always = {
    calls.info, calls.pull,
    { "container.create", "volume.create", "network.create", when = ours.made },
    {
      calls.networks, "container.inspect", "volume.inspect", only = ours.is,
      shows = "its own: it made them with these values",
    },
    {
      "container.start", "container.attach", "container.wait", "container.logs", "container.stop",
      "container.kill", "container.remove", "exec.create", "exec.start", "volume.remove", "network.remove",
      when = ours.held,
    },
    { "network.disconnect", when = ours.joined },
  },
}
