--- Lists of operations that clients of the engine need together, so that a policy names a list and
--- copies none. Data only; docs/operations.md says what each operation is.
---
--- A list says what a client calls, and not that it is harmless: `exec` runs anything in a container.
--- moonward.client makes a policy of such lists, and says which objects and fields they reach.

local calls = {}

--- What nearly every client asks first: is the engine there, and which API has it? The SDKs send
--- HEAD /_ping and, if that fails, GET /_ping; libraries without negotiation ask for the version.
calls.greeting = { "system.ping", "system.version" }

--- What the engine says of itself: counts, drivers, the swarm's state.
calls.info = { "system.info" }

--- Lists containers and looks at one.
calls.containers = { "container.list", "container.inspect" }

--- Follows what happens.
calls.events = { "system.events" }

--- What containers write.
calls.logs = { "container.logs" }

--- What containers use of CPU, memory, network and disks.
calls.stats = { "container.stats" }

--- Lists images and looks at one.
calls.images = { "image.list", "image.inspect" }

--- Lists networks and looks at one.
calls.networks = { "network.list", "network.inspect" }

--- Lists volumes and looks at one.
calls.volumes = { "volume.list", "volume.inspect" }

--- Lists what runs in a swarm, and looks at one of it.
calls.swarm = {
  "service.list", "service.inspect", "task.list", "task.inspect", "node.list", "node.inspect",
}

--- What a page about an engine shows at a glance; nothing in it is meant to be secret.
calls.overview = {
  "system.ping", "system.version", "system.info", "system.events", "container.list", "container.stats",
  "image.list", "image.history", "network.list", "network.inspect", "volume.list", "volume.inspect",
  "node.list", "node.inspect", "secret.list", "secret.inspect",
}

--- What such a page shows of one object, and of a swarm's parts: environments are in it.
calls.details = {
  "container.inspect", "image.inspect", "service.list", "service.inspect", "task.list", "task.inspect",
}

--- Starts and stops containers that are there.
calls.lifecycle = {
  "container.start", "container.stop", "container.restart", "container.kill", "container.pause",
  "container.unpause", "container.wait",
}

--- What `docker exec` needs, with its stdin, its terminal and its exit code.
calls.exec = { "exec.create", "exec.start", "exec.resize", "exec.inspect" }

--- What `docker attach` needs, with stdin and its terminal.
calls.attach = { "container.attach", "container.resize" }

--- What `docker run` needs of containers: make one, follow it to its end, take it away.
calls.run = {
  "container.create", "container.start", "container.attach", "container.resize", "container.wait",
  "container.kill", "container.stop", "container.inspect", "container.logs", "container.remove",
}

--- Pulls an image and looks at what came.
calls.pull = { "image.pull", "image.inspect" }

--- Copies files into and out of containers.
calls.files = { "container.archive.head", "container.archive.get", "container.archive.put" }

--- What `docker compose` needs for up, down, pull, ps, ls, restart, pause and logs. Inline configs are copied
--- into containers (container.archive.put), which takes the power `archive` as well; builds are not here.
calls.compose = {
  "system.info", "system.events", "container.list", "container.inspect", "container.create",
  "container.start", "container.stop", "container.restart", "container.kill", "container.pause",
  "container.unpause", "container.wait", "container.rename", "container.remove", "container.logs",
  "container.top", "container.stats", "container.archive.put", "image.list", "image.inspect", "image.pull",
  "image.remove", "network.list", "network.inspect", "network.create", "network.connect",
  "network.disconnect", "network.remove", "volume.list", "volume.inspect", "volume.create", "volume.remove",
}

--- Removes what nobody uses.
calls.prune = { "container.prune", "image.prune", "network.prune", "volume.prune", "build.prune" }

--- Changes what runs in a swarm.
calls.swarm_writes = {
  "service.create", "service.update", "service.remove", "config.create", "config.remove", "secret.create",
  "secret.remove", "node.update",
}

return calls
