--- The same for podman's own API, as engine.lua describes it. When podman resolves a name was not tried, so
--- all of it counts as later: a name in a body has to be a full id where not everything is shown, or is
--- refused.

return {
  -- Paths
  { [[libpod.container.inspect libpod.container.exists libpod.container.logs libpod.container.stats
      libpod.container.top libpod.container.changes libpod.container.export libpod.container.healthcheck
      libpod.container.archive.head libpod.container.archive.get libpod.container.archive.put
      libpod.container.remove libpod.container.kill libpod.container.pause libpod.container.unpause
      libpod.container.restart libpod.container.start libpod.container.stop libpod.container.init
      libpod.container.wait libpod.container.attach libpod.container.resize libpod.container.rename
      libpod.container.update libpod.container.mount libpod.container.unmount libpod.container.checkpoint
      libpod.exec.create]], "path", "container", "any", "now", "id" },
  { "libpod.container.restore", "path", "container", "new", "end", "refused" },
  { "libpod.exec.start libpod.exec.resize libpod.exec.remove libpod.exec.inspect", "path", "exec", "id",
    "now", "own" },
  { [[libpod.image.push libpod.image.tag libpod.image.untag libpod.image.exists libpod.image.tree
      libpod.image.history libpod.image.export libpod.image.inspect libpod.image.resolve
      libpod.image.changes libpod.image.remove]], "path", "image", "image", "now", "name" },
  { "libpod.image.scp", "path", "image", "image", "now", "refused" },
  { [[libpod.volume.inspect libpod.volume.exists libpod.volume.export libpod.volume.import
      libpod.volume.remove]], "path", "volume", "name", "now", "name" },
  { [[libpod.network.inspect libpod.network.exists libpod.network.update libpod.network.disconnect
      libpod.network.remove]], "path", "network", "any", "now", "id" },
  { "libpod.network.connect", "path", "network", "any", "now", "id", "network" },
  { [[libpod.pod.remove libpod.pod.inspect libpod.pod.exists libpod.pod.top libpod.pod.kill libpod.pod.pause
      libpod.pod.unpause libpod.pod.restart libpod.pod.start libpod.pod.stop]], "path", "pod", "any", "now",
    "refused" },
  { [[libpod.manifest.push libpod.manifest.add_or_create libpod.manifest.push_or_create
      libpod.manifest.create libpod.manifest.exists libpod.manifest.inspect libpod.manifest.update
      libpod.manifest.remove]], "path", "manifest", "image", "now", "refused" },
  { [[libpod.artifact.push libpod.artifact.extract libpod.artifact.inspect libpod.artifact.remove]], "path",
    "artifact", "image", "now", "refused" },
  { "libpod.secret.inspect libpod.secret.exists libpod.secret.remove", "path", "secret", "any", "now",
    "refused" },
  { "libpod.quadlet.file libpod.quadlet.exists libpod.quadlet.remove", "path", "unit", "name", "now",
    "refused" },
  { "libpod.generate.systemd", "path", "container", "any", "now", "refused" },

  -- Queries
  { "libpod.container.commit", "query.container", "container", "any", "now", "id" },
  { "libpod.container.commit", "query.repo", "image", "new", "end", "new" },
  { "libpod.container.rename", "query.name", "container", "new", "now", "new" },
  { "libpod.container.stats_many", "query.containers", "container", "any", "now", "refused" },
  { "libpod.container.restore", "query.pod", "pod", "any", "now", "refused" },
  { "libpod.pod.stats", "query.namesOrIDs", "pod", "any", "now", "refused" },
  { "libpod.image.build libpod.image.build_local", "query.t", "image", "new", "end", "new" },
  { "libpod.image.build libpod.image.build_local", "query.networkmode", "network", "network", "use",
    "refused", "network" },
  { "libpod.image.build libpod.image.build_local", "query.cachefrom", "image", "list", "now", "refused" },
  { "image.build libpod.image.build libpod.image.build_local", "query.volume", "volume", "source", "use",
    "refused", "volume" },
  { "libpod.image.pull", "query.reference", "image", "new", "end", "refused" },
  { "libpod.image.import", "query.reference", "image", "new", "end", "refused" },
  { "libpod.image.tag", "query.repo", "image", "new", "now", "new" },
  { "libpod.image.export_many", "query.references", "image", "image", "now", "refused" },
  { "libpod.image.remove_many", "query.images", "image", "image", "now", "refused" },
  { "libpod.kube.generate", "query.names", "container", "any", "now", "refused" },

  -- Bodies
  { "libpod.container.create", "body.name", "container", "new", "now", "new" },
  { "libpod.container.create", "body.image", "image", "image", "now", "name" },
  { "libpod.container.create", "body.pod", "pod", "any", "now", "refused", "joined-namespace" },
  { "libpod.container.create", "body.dependencyContainers[]", "container", "any", "start", "refused" },
  { "libpod.container.create", "body.devices_from[]", "container", "any", "now", "refused", "device" },
  { "libpod.container.create", "body.secrets[].Source", "secret", "any", "now", "refused", "secret" },
  { "libpod.container.create", "body.secret_env{}", "secret", "any", "now", "refused", "secret" },
  { "libpod.container.create libpod.pod.create", "body.volumes_from[]", "container", "entry", "now",
    "refused", "volumes-from" },
  { "libpod.container.create libpod.pod.create", "body.volumes[].Name", "volume", "source", "now", "name",
    "volume" },
  { "libpod.container.create libpod.pod.create", "body.overlay_volumes[].source", "volume", "source", "now",
    "name", "volume" },
  { "libpod.container.create libpod.pod.create", "body.volumes[].source", "volume", "source", "now", "name",
    "volume" },
  { "libpod.container.create libpod.pod.create", "body.overlay_volumes[].Name", "volume", "source", "now",
    "name", "volume" },
  { "libpod.container.create libpod.pod.create", "body.mounts[].source", "volume", "source", "now",
    "name" },
  { "libpod.container.create libpod.pod.create", "body.image_volumes[].Source", "image", "image", "start",
    "name" },
  { "libpod.container.create libpod.pod.create", "body.pidns.value", "container", "any", "start", "refused",
    "joined-namespace" },
  { "libpod.container.create libpod.pod.create", "body.ipcns.value", "container", "any", "start", "refused",
    "joined-namespace" },
  { "libpod.container.create libpod.pod.create", "body.utsns.value", "container", "any", "start", "refused",
    "joined-namespace" },
  { "libpod.container.create libpod.pod.create", "body.userns.value", "container", "any", "start", "refused",
    "joined-namespace" },
  { "libpod.container.create libpod.pod.create", "body.cgroupns.value", "container", "any", "start",
    "refused", "joined-namespace" },
  { "libpod.container.create libpod.pod.create", "body.netns.value", "container", "any", "start", "refused",
    "joined-namespace" },
  { "libpod.container.create libpod.pod.create", "body.Networks{}", "network", "any", "start", "refused",
    "network" },
  { "libpod.container.create libpod.pod.create", "body.cni_networks[]", "network", "any", "start", "refused",
    "network" },
  { "libpod.pod.create", "body.infra_image", "image", "image", "now", "refused" },
  { "libpod.pod.create", "body.name", "pod", "new", "now", "refused" },
  { "libpod.volume.create", "body.Name", "volume", "new", "now", "new" },
  { "libpod.network.create", "body.name", "network", "new", "now", "new" },
  { "libpod.network.connect libpod.network.disconnect", "body.Container", "container", "any", "now", "id" },
}
