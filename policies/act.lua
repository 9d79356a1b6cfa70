-- act: what nektos/act calls to run GitHub's workflows on one's own machine. It creates containers, volumes
-- and networks whose names begin with act-, as act names all but one volume (act-toolcache), and touches no
-- others. Jobs get no power over the host.
--
-- By default act gives each job the host's network and the engine's socket, which is root on the host. Here
-- both are denied: run it as
--
--   act --network bridge --container-daemon-socket -
--
-- What workflows need besides is listed in -allowpower: port=8080 for services, bind=/home/me/src for
-- --bind, privileged for --privileged; it holds for every job then. Actions with a Dockerfile need
-- -actbuild; FROM may name any image, and the name of what is built begins with act-.
--
-- Read from act 0.2.87: info, version; images: inspect, pull, build; networks: list, inspect,
-- create, remove; volumes: list, remove; containers: list, create, inspect, start, attach, wait, remove,
-- exec, and files into and out of them.
local calls = require "moonward.calls"
local client = require "moonward.client"
local marks = require "moonward.marks"

local ours = marks.name("act-*")

-- The name of an image that others run may not be taken.
local function may_build(request)
  local names = request:values "t"
  for _, name in ipairs(names) do
    if string.sub(name, 1, 4) ~= "act-" then
      return false, "an image that act builds has a name such as act-*, got " .. name
    end
  end
  return #names > 0, "what act builds has a name"
end

return client.policy {
  summary = "act: runs jobs in containers, volumes and networks named act-*, without power over the host:"
    .. " no host network, no socket.",
  powers = { "volume=act-*", "network=act-*", "alias", "archive", "port=0" },
  options = {
    {
      name = "actbuild", env = "MOONWARD_ACT_BUILD", kind = "switch",
      help = "Builds actions with a Dockerfile, without BuildKit.",
      allows = { { "image.build", when = may_build } },
    },
    client.allowpower(),
  },
  always = {
    calls.info, calls.pull,
    { "container.create", "network.create", when = ours.made },
    {
      "container.list", "container.inspect", calls.networks, "volume.list", only = ours.is,
      shows = "its own: it made them with these values",
    },
    {
      "container.start", "container.attach", "container.wait", "container.remove", "container.archive.get",
      "container.archive.put", "exec.create", "exec.start", "exec.inspect", "volume.remove", "network.remove",
      when = ours.held,
    },
  },
}
