-- dev-containers: what VS Code's Dev Containers and the devcontainer command call, by the docker command.
-- They create containers with the label devcontainer.local_folder, and touch no others.
--
-- What is created gets no power over the host but ports on its own address, volumes named vscode* and what
-- -allowpower lists. The sources are mounted from the host: -devcontainerdir=/home/me/src. A symbolic link
-- below it leads anywhere on the host, and whoever works in the container can make one. A devcontainer.json
-- that asks for more ("privileged", "capAdd", mounts of the socket, other volumes) is denied, and the
-- reason names it.
--
-- Nearly all of them build: features, a Dockerfile, or an image in which the user has the host's number.
-- Set -devcontainerbuild for that, which BuildKit does, and no rule looks into; or run with `--buildkit
-- never` and "updateRemoteUserUID": false. Those of compose files carry no such label: for them,
-- portainer-operator or docker-cli beside no-host-power.
--
-- Read from devcontainers/cli 0.88.0: docker version, info, ps, inspect, pull, build, buildx build, tag,
-- run, start, exec, events, stop, rm.
local calls = require "moonward.calls"
local client = require "moonward.client"
local manager = require "moonward.manager"
local marks = require "moonward.marks"

local ours = marks.label("devcontainer.local_folder")

return client.policy {
  summary = "Dev Containers: makes containers with the label devcontainer.local_folder, without power over"
    .. " the host but mounts of the sources, and reaches no others. Whoever creates containers or images sets"
    .. " labels.",
  powers = { "port=127.0.0.1:*", "volume=vscode*" },
  own = ours.is,
  options = {
    manager.directory("devcontainerdir", "MOONWARD_DEVCONTAINER_DIR", "Folder of the sources on the host."),
    manager.build "devcontainer", client.allowpower(),
  },
  always = {
    calls.info, calls.pull, "image.list",
    { "container.create", when = ours.made },
    {
      "container.list", "container.inspect", calls.events, only = ours.is,
      shows = "its own: it made them with these values",
    },
    {
      "container.start", "container.attach", "container.wait", "container.resize", "container.kill",
      "container.stop", "container.remove", "container.logs", calls.exec, when = ours.held,
    },
  },
}
