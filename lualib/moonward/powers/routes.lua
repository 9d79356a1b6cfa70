--- Powers that lie in the route or in its query, whatever the body says. Data only.
---
--- A row: operation, power, what the value is taken from, and perhaps "if".
---   "id"       what the path names
---   "query.x"  the query's x; with "if" there is a power only where it is given and not empty
---   ""         nothing

return {
  { "container.start", "checkpoint", "query.checkpoint", "if" },
  { "container.start", "checkpoint", "query.checkpoint-dir", "if" },
  { "checkpoint.list", "checkpoint", "query.dir", "if" },
  { "checkpoint.create", "checkpoint", "" },
  { "checkpoint.remove", "checkpoint", "query.dir" },
  { "container.archive.put", "archive", "query.path" },

  { "network.connect", "network", "id" },
  { "volume.update", "cluster-volume", "" },
  { "image.pull", "remote", "query.fromSrc", "if" },
  { "build.session", "build-session", "" },
  { "build.grpc", "build-grpc", "" },

  { "plugin.pull", "plugin", "query.remote" },
  { "plugin.create", "plugin", "query.name" },
  { "plugin.enable", "plugin", "id" },
  { "plugin.disable", "plugin", "id" },
  { "plugin.upgrade", "plugin", "query.remote" },
  { "plugin.remove", "plugin", "id" },
  { "plugin.push", "plugin", "id" },
  { "plugin.set", "plugin", "id" },

  { "swarm.inspect", "swarm-secret", "" },
  { "swarm.unlock_key", "swarm-secret", "" },
  { "swarm.init", "swarm", "" },
  { "swarm.join", "swarm", "" },
  { "swarm.leave", "swarm", "" },
  { "swarm.update", "swarm", "" },
  { "swarm.unlock", "swarm", "" },
  { "node.update", "swarm", "id" },
  { "node.remove", "swarm", "id" },

  { "libpod.container.archive.put", "archive", "query.path" },
  { "libpod.container.restore", "checkpoint", "" },
  { "libpod.container.checkpoint", "checkpoint", "" },
  { "libpod.container.update", "restart-policy", "query.restartPolicy", "if" },
  { "libpod.network.connect", "network", "id" },
  { "libpod.volume.import", "archive", "id" },
  { "libpod.image.import", "remote", "query.url", "if" },
  { "libpod.image.build_local", "host-path", "query.localcontextdir" },
  { "libpod.image.load_local", "host-path", "query.path" },
  { "libpod.artifact.add_local", "host-path", "query.path" },
  { "libpod.image.scp", "ssh", "id" },
  { "libpod.kube.play", "kubernetes", "" },
  { "libpod.kube.apply", "kubernetes", "" },
  { "libpod.quadlet.install", "unit", "" },
  { "libpod.secret.create", "secret-driver", "query.driver", "if" },
  { "libpod.secret.create", "secret-driver", "query.driveropts", "if" },
  { "libpod.secret.inspect", "secret", "query.showsecret", "if" },
}
