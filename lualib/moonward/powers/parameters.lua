--- Parameters of the query that are known, by operation: those that some engine reads, of all operations
--- that moonward.create looks at. Any other is the power "unknown-field", since an engine may know it.
---
--- From moby's daemon/server/router, and podman's pkg/api/handlers. Names are exact: podman takes "Name" for
--- "name", which moonward does not.

local build = require "moonward.powers.build"
local walk = require "moonward.powers.walk"

local parameters = {}

local names = {
  ["build.grpc"] = "",
  ["build.session"] = "",
  ["checkpoint.create"] = "",
  ["checkpoint.list"] = "dir",
  ["checkpoint.remove"] = "dir",
  ["config.create"] = "",
  ["container.archive.put"] = "path noOverwriteDirNonDir copyUIDGID rename",
  ["container.create"] = "name platform",
  ["container.start"] = "checkpoint checkpoint-dir detachKeys",
  ["container.update"] = "",
  ["exec.create"] = "",
  -- go-dockerclient (Ofelia) writes the last two as well; no engine from 1.11 on reads them
  ["image.pull"] = "fromImage fromSrc repo tag message platform changes retry retryDelay registry all",
  ["network.connect"] = "",
  ["network.create"] = "",
  ["node.remove"] = "force",
  ["node.update"] = "version",
  ["plugin.create"] = "name",
  ["plugin.disable"] = "force",
  ["plugin.enable"] = "timeout",
  ["plugin.pull"] = "remote name",
  ["plugin.push"] = "",
  ["plugin.remove"] = "force",
  ["plugin.set"] = "",
  ["plugin.upgrade"] = "remote",
  ["secret.create"] = "",
  ["service.create"] = "",
  ["service.update"] = "version registryAuthFrom rollback",
  ["swarm.init"] = "",
  ["swarm.inspect"] = "",
  ["swarm.join"] = "",
  ["swarm.leave"] = "force",
  ["swarm.unlock"] = "",
  ["swarm.unlock_key"] = "",
  ["swarm.update"] = "version rotateWorkerToken rotateManagerToken rotateManagerUnlockKey",
  ["volume.create"] = "",
  ["volume.update"] = "version",

  ["libpod.artifact.add_local"] = [[name path fileName fileMIMEType annotations artifactMIMEType append
    replace]],
  ["libpod.container.archive.put"] = "path copyUIDGID rename noOverwriteDirNonDir pause",
  ["libpod.container.checkpoint"] = [[keep leaveRunning tcpEstablished export ignoreRootFS printStats
    preCheckpoint withPrevious fileLocks createImage]],
  ["libpod.container.create"] = "",
  ["libpod.container.restore"] = [[keep tcpEstablished tcpClose import name ignoreRootFS ignoreVolumes
    ignoreStaticIP ignoreStaticMAC printStats fileLocks publishPorts pod]],
  ["libpod.container.update"] = "restartPolicy restartRetries",
  ["libpod.exec.create"] = "",
  ["libpod.image.import"] = "changes message reference url OS Architecture Variant",
  ["libpod.image.load_local"] = "path",
  ["libpod.image.scp"] = "destination quiet",
  ["libpod.kube.apply"] = "caCertFile kubeconfig namespace",
  ["libpod.kube.play"] = [[annotations logDriver logOptions network noHostname noHosts noTrunc replace
    publishPorts publishAllPorts serviceContainer start staticIPs staticMACs tlsVerify userns wait build
    noPodPrefix]],
  ["libpod.network.connect"] = "",
  ["libpod.network.create"] = "ignoreIfExists",
  ["libpod.network.update"] = "",
  ["libpod.pod.create"] = "",
  ["libpod.quadlet.install"] = "replace reload-systemd",
  ["libpod.secret.create"] = "name driver driveropts labels replace ignore",
  ["libpod.secret.inspect"] = "showsecret",
  ["libpod.volume.create"] = "",
  ["libpod.volume.import"] = "",
}

local by_operation = {
  ["image.build"] = build.known,
  ["libpod.image.build"] = build.known,
  ["libpod.image.build_local"] = build.known,
}
for operation, words in pairs(names) do
  by_operation[operation] = walk.set(words)
end

-- dockerode writes the fields of these bodies into the query as well, where no engine reads them.
local repeated = walk.set
  "container.create volume.create network.create secret.create config.create service.update"

-- Whether some engine may take a name for one that it knows, since it does not look at the case.
local function is_another_case(known, name)
  local lower = string.lower(name)
  for one in pairs(known) do
    if string.lower(one) == lower then
      return true
    end
  end
  return false
end

--- The operations that parameters are listed of.
---@type table<string, table<string, boolean>>
parameters.of = by_operation

--- Adds the parameters of a request that are not known.
---@param found moonward.Power[]
---@param request moonward.Request with an operation that is listed
---@param body? table the type of its body
function parameters.unknown(found, request, body)
  local known = by_operation[request.operation]
  for _, name in ipairs(walk.keys(request.query)) do
    local is_known = known[name] or body and repeated[request.operation] and walk.is_known(body, name)
      and not is_another_case(known, name)
    if not is_known then
      walk.add(found, "unknown-field", name, "query." .. name)
    end
  end
end

return parameters
