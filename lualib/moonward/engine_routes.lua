--- Every route of the Docker Engine API, versions 1.24 to 1.56, those that its documentation leaves
--- out too. Data only; operations.lua makes the look-up from it, docs/operations.md is printed from it.
---
--- A row: method, path, name, power, flags, what it does.
---   path   {x} is one segment, {x...} one or more (image, plugin and distribution names)
---   name   one per meaning: two rows share a name only where the engine does the same for both
---   power  what it can do at worst: 0 nothing, 1 leak, 2 tamper or deny service, 3 control the
---          named container, 4 take over the host with the right fields, engine or state, 5 take it over
---   flags  writes   changes something, or lets the client send input
---          stream   may answer for long, or at length
---          upgrade  may answer 101
---          hijack   may answer 200 and go raw
---
--- Two that are not rows: h2c with prior knowledge, which is refused before any route is looked for,
--- and the methods other than GET that engines before 28 take on /debug, which are unknown here.

return {
  -- Containers
  { "GET", "/containers/json", "container.list", 1, "", "lists containers with labels, mounts and addresses" },
  { "POST", "/containers/create", "container.create", 4, "writes", "creates a container; the body may ask for all of the host" },
  { "GET", "/containers/{id}/json", "container.inspect", 1, "", "shows environment, mounts and the whole HostConfig" },
  { "GET", "/containers/{id}/top", "container.top", 1, "", "lists processes; ps_args=axe shows their environment" },
  { "GET", "/containers/{id}/logs", "container.logs", 1, "stream", "all output ever written, and what follows" },
  { "GET", "/containers/{id}/changes", "container.changes", 1, "", "names files that differ from the image" },
  { "GET", "/containers/{id}/export", "container.export", 1, "stream", "the whole file system as a tar" },
  { "GET", "/containers/{id}/stats", "container.stats", 1, "stream", "resource usage" },
  { "POST", "/containers/{id}/resize", "container.resize", 2, "writes", "sets the size of the terminal" },
  { "POST", "/containers/{id}/start", "container.start", 4, "writes", "starts; with API versions below 1.24 the body replaces HostConfig" },
  { "POST", "/containers/{id}/stop", "container.stop", 2, "writes", "stops, with any signal" },
  { "POST", "/containers/{id}/restart", "container.restart", 2, "writes", "stops and starts" },
  { "POST", "/containers/{id}/kill", "container.kill", 2, "writes", "sends any signal" },
  { "POST", "/containers/{id}/update", "container.update", 2, "writes", "changes resource limits and the restart policy" },
  { "POST", "/containers/{id}/rename", "container.rename", 2, "writes", "takes a new name, also one that others trust" },
  { "POST", "/containers/{id}/pause", "container.pause", 2, "writes", "freezes all processes" },
  { "POST", "/containers/{id}/unpause", "container.unpause", 2, "writes", "thaws all processes" },
  { "POST", "/containers/{id}/attach", "container.attach", 3, "writes stream upgrade hijack", "stdin, stdout and stderr of the main process" },
  { "GET", "/containers/{id}/attach/ws", "container.attach_ws", 3, "writes stream upgrade", "the same over a WebSocket: a GET that writes to stdin" },
  { "POST", "/containers/{id}/wait", "container.wait", 0, "stream", "answers when the container ends" },
  { "DELETE", "/containers/{id}", "container.remove", 2, "writes", "removes a container, its anonymous volumes or a link" },
  { "HEAD", "/containers/{id}/archive", "container.archive.head", 1, "", "tells whether a path exists, and what it is" },
  { "GET", "/containers/{id}/archive", "container.archive.get", 1, "stream", "any file or directory as a tar, volumes and binds included" },
  { "PUT", "/containers/{id}/archive", "container.archive.put", 4, "writes stream", "extracts a tar as root, into volumes and binds too" },
  { "POST", "/containers/{id}/copy", "container.copy", 1, "stream", "any file as a tar; API versions below 1.24 on old engines" },
  { "POST", "/containers/prune", "container.prune", 2, "writes", "removes all stopped containers that match" },
  { "POST", "/commit", "container.commit", 2, "writes", "makes an image of the container named in the query" },
  { "POST", "/containers/{id}/exec", "exec.create", 3, "writes", "prepares a command in a container, privileged if asked" },
  { "GET", "/containers/{id}/checkpoints", "checkpoint.list", 4, "", "lists checkpoints; dir= lists any directory of the host" },
  { "POST", "/containers/{id}/checkpoints", "checkpoint.create", 4, "writes", "writes a checkpoint below any directory of the host" },
  { "DELETE", "/containers/{id}/checkpoints/{checkpoint}", "checkpoint.remove", 5, "writes", "removes any directory of the host" },

  -- Exec
  { "POST", "/exec/{id}/start", "exec.start", 3, "writes stream upgrade hijack", "runs the command, with its stdin, stdout and stderr" },
  { "POST", "/exec/{id}/resize", "exec.resize", 2, "writes", "sets the size of the terminal" },
  { "GET", "/exec/{id}/json", "exec.inspect", 1, "", "shows command line, exit code and container" },

  -- Images
  { "GET", "/images/json", "image.list", 1, "", "lists images and tags" },
  { "POST", "/images/create", "image.pull", 2, "writes stream", "pulls fromImage=, or imports fromSrc= (a URL, or - for the body)" },
  { "GET", "/images/search", "image.search", 1, "", "asks the registry that the term names" },
  { "GET", "/images/get", "image.export_many", 1, "stream", "images as one tar" },
  { "POST", "/images/load", "image.load", 2, "writes stream", "loads images from a tar, over any tag" },
  { "POST", "/images/prune", "image.prune", 2, "writes", "removes unused images that match" },
  { "GET", "/images/{name...}/json", "image.inspect", 1, "", "shows an image's configuration" },
  { "GET", "/images/{name...}/attestations", "image.attestations", 1, "", "shows an image's attestations" },
  { "GET", "/images/{name...}/history", "image.history", 1, "", "shows an image's layers, with build arguments" },
  { "GET", "/images/{name...}/get", "image.export", 1, "stream", "an image as a tar" },
  { "POST", "/images/{name...}/push", "image.push", 2, "writes stream", "sends an image to the registry that its name names" },
  { "POST", "/images/{name...}/tag", "image.tag", 2, "writes", "points a name, also one that others trust, at this image" },
  { "DELETE", "/images/{name...}", "image.remove", 2, "writes", "removes a tag or an image" },
  { "GET", "/distribution/{name...}/json", "distribution.inspect", 1, "", "asks the registry that the name names" },

  -- Building
  { "POST", "/build", "image.build", 4, "writes stream", "builds from a tar or from remote=" },
  { "POST", "/build/prune", "build.prune", 2, "writes", "empties the build cache" },
  { "POST", "/build/cancel", "build.cancel", 2, "writes", "cancels anybody's build" },
  { "POST", "/session", "build.session", 4, "writes stream upgrade", "BuildKit calls back over this: files, secrets, SSH agents" },
  { "POST", "/grpc", "build.grpc", 4, "writes stream upgrade", "all of BuildKit's control API" },

  -- Volumes
  { "GET", "/volumes", "volume.list", 1, "", "lists volumes with mount points and driver options" },
  { "POST", "/volumes/create", "volume.create", 5, "writes", "creates a volume; the local driver mounts what the options say" },
  { "POST", "/volumes/prune", "volume.prune", 2, "writes", "removes unused volumes that match" },
  { "GET", "/volumes/{name}", "volume.inspect", 1, "", "shows a volume" },
  { "PUT", "/volumes/{name}", "volume.update", 2, "writes", "changes a cluster volume" },
  { "DELETE", "/volumes/{name}", "volume.remove", 2, "writes", "removes a volume" },

  -- Networks
  { "GET", "/networks", "network.list", 1, "", "lists networks" },
  { "GET", "/networks/", "network.list", 1, "", "lists networks" },
  { "POST", "/networks/create", "network.create", 4, "writes", "creates a network; may shadow addresses or take an interface" },
  { "POST", "/networks/prune", "network.prune", 2, "writes", "removes unused networks that match" },
  { "GET", "/networks/{id}", "network.inspect", 1, "", "shows a network and all its members" },
  { "DELETE", "/networks/{id}", "network.remove", 2, "writes", "removes a network" },
  { "POST", "/networks/{id}/connect", "network.connect", 2, "writes", "puts the container in the body on a network, with any address" },
  { "POST", "/networks/{id}/disconnect", "network.disconnect", 2, "writes", "takes the container in the body off a network" },

  -- System
  { "GET", "/_ping", "system.ping", 0, "", "tells that the engine is there, and its API version" },
  { "HEAD", "/_ping", "system.ping", 0, "", "the same without a body" },
  { "GET", "/version", "system.version", 0, "", "versions of the engine and its parts" },
  { "GET", "/info", "system.info", 1, "", "counts, paths, labels, registries and swarm addresses" },
  { "GET", "/events", "system.events", 1, "stream", "what happens to every object, command lines of execs included" },
  { "GET", "/system/df", "system.df", 1, "", "lists all containers, images, volumes and their sizes" },
  { "POST", "/auth", "system.auth", 1, "writes", "tries credentials at any registry" },
  { "GET", "/debug/vars", "debug.vars", 1, "", "counters of the engine's process" },
  { "GET", "/debug/pprof/", "debug.pprof.index", 1, "", "lists profiles of the engine's process" },
  { "GET", "/debug/pprof/cmdline", "debug.pprof.cmdline", 1, "", "the engine's command line" },
  { "GET", "/debug/pprof/profile", "debug.pprof.profile", 1, "stream", "profiles the engine's CPU use for a while" },
  { "GET", "/debug/pprof/symbol", "debug.pprof.symbol", 1, "", "names of the engine's functions" },
  { "GET", "/debug/pprof/trace", "debug.pprof.trace", 1, "stream", "traces the engine for a while" },
  { "GET", "/debug/pprof/{profile}", "debug.pprof.named", 1, "stream", "heap, goroutines, ... of the engine's process" },

  -- Plugins
  { "GET", "/plugins", "plugin.list", 1, "", "lists plugins" },
  { "GET", "/plugins/privileges", "plugin.privileges", 1, "", "asks the registry that remote= names" },
  { "POST", "/plugins/pull", "plugin.pull", 5, "writes stream", "installs code that runs as root on the host" },
  { "POST", "/plugins/create", "plugin.create", 5, "writes stream", "the same from a tar, without a prompt" },
  { "GET", "/plugins/{name...}/json", "plugin.inspect", 1, "", "shows a plugin's settings" },
  { "DELETE", "/plugins/{name...}", "plugin.remove", 2, "writes", "removes a plugin" },
  { "POST", "/plugins/{name...}/enable", "plugin.enable", 5, "writes", "starts a plugin as root on the host" },
  { "POST", "/plugins/{name...}/disable", "plugin.disable", 2, "writes", "stops a plugin that others rely on" },
  { "POST", "/plugins/{name...}/upgrade", "plugin.upgrade", 5, "writes stream", "replaces a plugin by another" },
  { "POST", "/plugins/{name...}/push", "plugin.push", 1, "writes stream", "sends a plugin to a registry" },
  { "POST", "/plugins/{name...}/set", "plugin.set", 5, "writes", "changes a plugin's mounts, devices and environment" },

  -- Swarm
  { "GET", "/swarm", "swarm.inspect", 4, "", "shows the swarm, with the tokens to join it" },
  { "POST", "/swarm/init", "swarm.init", 4, "writes", "makes the host a manager" },
  { "POST", "/swarm/join", "swarm.join", 5, "writes", "hands the host to the swarm of whoever asks" },
  { "POST", "/swarm/leave", "swarm.leave", 2, "writes", "leaves the swarm" },
  { "POST", "/swarm/update", "swarm.update", 4, "writes", "changes CAs and tokens" },
  { "GET", "/swarm/unlockkey", "swarm.unlock_key", 4, "", "shows the key of locked managers" },
  { "POST", "/swarm/unlock", "swarm.unlock", 2, "writes", "unlocks a manager" },
  { "GET", "/nodes", "node.list", 1, "", "lists nodes" },
  { "GET", "/nodes/{id}", "node.inspect", 1, "", "shows a node" },
  { "DELETE", "/nodes/{id}", "node.remove", 2, "writes", "removes a node" },
  { "POST", "/nodes/{id}/update", "node.update", 4, "writes", "changes a node, also into a manager" },
  { "GET", "/services", "service.list", 1, "", "lists services with environment and mounts" },
  { "POST", "/services/create", "service.create", 5, "writes", "creates a service; the body may ask for all of every host" },
  { "GET", "/services/{id}", "service.inspect", 1, "", "shows a service" },
  { "DELETE", "/services/{id}", "service.remove", 2, "writes", "removes a service" },
  { "POST", "/services/{id}/update", "service.update", 5, "writes", "changes a service in all that create can ask for" },
  { "GET", "/services/{id}/logs", "service.logs", 1, "stream", "output of all tasks of a service" },
  { "GET", "/tasks", "task.list", 1, "", "lists tasks with their containers and addresses" },
  { "GET", "/tasks/{id}", "task.inspect", 1, "", "shows a task" },
  { "GET", "/tasks/{id}/logs", "task.logs", 1, "stream", "output of a task" },
  { "GET", "/secrets", "secret.list", 1, "", "lists secrets, not what they hold" },
  { "POST", "/secrets/create", "secret.create", 2, "writes", "creates a secret" },
  { "GET", "/secrets/{id}", "secret.inspect", 1, "", "shows a secret; podman shows what it holds if asked" },
  { "DELETE", "/secrets/{id}", "secret.remove", 2, "writes", "removes a secret" },
  { "POST", "/secrets/{id}/update", "secret.update", 2, "writes", "changes a secret's labels" },
  { "GET", "/configs", "config.list", 1, "", "lists configs with what they hold" },
  { "POST", "/configs/create", "config.create", 2, "writes", "creates a config" },
  { "GET", "/configs/{id}", "config.inspect", 1, "", "shows a config and what it holds" },
  { "DELETE", "/configs/{id}", "config.remove", 2, "writes", "removes a config" },
  { "POST", "/configs/{id}/update", "config.update", 2, "writes", "changes a config's labels" },
}
