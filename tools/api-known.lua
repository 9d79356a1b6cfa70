-- What tools/api-diff finds in the engine's description of its API, or in moby's code, and the table of
-- references leaves out, by the reason why it names no object of the engine. An entry is the end of a place
-- ("Labels{}" is every place that ends so), or with an operation in front the whole place.

local places = require "moonward.references.places"

local known = {}

known.reasons = {
  ["what the engine keeps for those who ask for it, and takes for nothing"] = [[
    Labels{} filters.label Annotations{} query.labels query.comment query.author query.message Data
    Segments{} Group Spec.Name swarm.update:body.Name ContainerIDFile]],
  ["what happens inside the container, or what its processes are told"] = [[
    Cmd[] Command[] Args[] Entrypoint[] Env[] Shell[] OnBuild[] Healthcheck.Test[] HealthCheck.Test[] User
    Hostname Domainname WorkingDir Dir StopSignal ExposedPorts{} Volumes{} Target Tmpfs{}
    TmpfsOptions.Options[][] Consistency Subpath PathInContainer CgroupPermissions Groups[] GroupAdd[]
    query.signal query.detachKeys DetachKeys query.path File.UID File.GID File.Name Ulimits[].Name
    container.copy:body.Resource]],
  ["paths, devices and limits of the host, each a power of its own (docs/powers.md)"] = [[
    PathOnHost DeviceCgroupRules[] DeviceIDs[] Capabilities[][] DeviceRequests[].Driver
    DeviceRequests[].Options{} BlkioWeightDevice[].Path BlkioDeviceReadBps[].Path BlkioDeviceWriteBps[].Path
    BlkioDeviceReadIOps[].Path BlkioDeviceWriteIOps[].Path CgroupParent CpusetCpus CpusetMems
    query.cpusetcpus CapAdd[] CapDrop[] CapabilityAdd[] CapabilityDrop[] SecurityOpt[] MaskedPaths[]
    ReadonlyPaths[] Sysctls{} StorageOpt{} Runtime Seccomp.Profile SELinuxContext.User SELinuxContext.Role
    SELinuxContext.Type SELinuxContext.Level CredentialSpec.File CredentialSpec.Registry LogConfig.Config{}
    LogDriver.Name LogDriver.Options{} DriverConfig.Options{} DriverOpts{} network.create:body.Options{}
    Driver.Name Driver.Options{} Templating.Name Templating.Options{} query.ps_args query.outputs
    LogConfig.Type Cpuset query.cpusetmems query.cgroupparent query.securityopt query.shmsize query.ulimits
    query.isolation CheckpointDir query.dir query.checkpoint-dir MountVolume.MountFlags[]
    MountVolume.FsType]],
  ["names, addresses and ports on a network, which is a reference itself"] = [[
    Aliases[] DNSNames[] MacAddress IPAddress Gateway IPv6Gateway GlobalIPv6Address IPAMConfig.IPv4Address
    IPAMConfig.IPv6Address IPAMConfig.LinkLocalIPs[] EndpointID ExtraHosts[] Hosts[] query.extrahosts Dns[]
    DnsSearch[] DnsOptions[] Nameservers[] Search[] DNSConfig.Options[] PortBindings{} HostIp HostPort
    EndpointSpec.Ports[].Name Config[].Subnet Config[].IPRange AuxiliaryAddresses{} IPAM.Options{}
    DefaultAddrPool[] network.create:body.Scope]],
  ["where the engine itself connects, with what (docs/security.md)"] = [[
    header.X-Registry-Auth header.X-Registry-Config query.remote query.fromSrc query.term
    query.registryAuthFrom body.username body.password body.serveraddress RemoteAddrs[] ListenAddr
    AdvertiseAddr DataPathAddr ExternalCAs[].URL ExternalCAs[].Options{} ExternalCAs[].CACert SigningCACert
    SigningCAKey JoinToken UnlockKey body.auth body.email body.identitytoken body.registrytoken
    header.Upgrade]],
  ["which of several the answer or the result is, or when"] = [[
    query.platform query.platforms query.type query.tail query.since query.until query.condition query.scope
    query.version query.rollback query.target query.pull query.dockerfile query.copyUIDGID
    query.noOverwriteDirNonDir header.Content-type Placement.Constraints[] Placement.Platforms[].OS
    Placement.Platforms[].Architecture Spread.SpreadDescriptor NamedResourceSpec.Kind
    NamedResourceSpec.Value DiscreteResourceSpec.Kind query.format]],
  ["filters by what objects are, not by which they are"] = [[
    filters.until filters.dangling filters.type filters.driver filters.scope filters.status filters.stars
    filters.shared filters.role filters.publish filters.private filters.mode filters.membership
    filters.isolation filters.is-task filters.is-official filters.inuse filters.health filters.expose
    filters.exited filters.event filters.enable filters.desired-state filters.description filters.capability
    filters.all
    filters.immutable filters.mutable filters.unused-for filters.label! filters.is-automated
    filters.node.label
    filters.enabled filters.runtime filters._up-to-date]],
  ["a part of what stands beside it: a row of the table holds that"] = [[
    query.tag query.changes query.buildargs SecretName ConfigName Secrets[].Key container.commit:body.Image]],
  ["words out of a list that the engine has"] = [[
    Isolation Propagation Mounts[].Type RestartPolicy.Name CgroupnsMode EndpointSpec.Mode Ports[].Protocol
    Ports[].PublishMode FailureAction Order AppArmor.Mode Seccomp.Mode RestartPolicy.Condition
    ExternalCAs[].Protocol Availability Role AccessMode.Scope AccessMode.Sharing]],
  ["numbers and switches that are read as texts"] = [[
    query.t query.h query.w query.limit query.pause query.rm query.timeout query.verbose query.manifests
    query.insertDefaults query.status query.rotateManagerToken query.rotateManagerUnlockKey
    query.rotateWorkerToken query.keep-storage]],
  ["read, and used for nothing: by the engine, or where the path says it already"] = [[
    container.list:query.before image.export:query.names]],
  ["the body itself: a tar, or an image in one"] = [[
    image.build:body image.pull:body image.load:body plugin.create:body container.archive.put:body]],
  ["settings and privileges of a plugin, which a policy lets through whole or not at all"] = [==[
    plugin.set:body[] body[].Name body[].Description body[].Value[] PluginPrivilege[].Name
    PluginPrivilege[].Description PluginPrivilege[].Value[] PluginSpec.env[] privileges[].description
    privileges[].name privileges[].value[]
  ]==],
}

local exact, ends = {}, {}
for reason, words in pairs(known.reasons) do
  for word in words:gmatch "%S+" do
    if word:find("^[%a._]+:") then
      exact[word:gsub(":", " ", 1)] = reason
    else
      ends[#ends + 1] = { word, reason }
    end
  end
end

--- The row of the table for a place, however it is written: the engine takes fields in any case, and old ones
--- those of HostConfig at the top.
---@param operation string
---@param place string
---@return moonward.Reference?
function known.row(operation, place)
  local top = operation == "container.create" and place:gsub("^body%.", "body.HostConfig.") or place
  for _, row in ipairs(places.of(operation)) do
    local written = row.place:lower()
    if written == place:lower() or written == top:lower() then
      return row
    end
  end
end

--- Why a place names no object; nil if nobody said so.
---@param operation string
---@param place string
---@return string?
function known.reason(operation, place)
  if exact[operation .. " " .. place] then
    return exact[operation .. " " .. place]
  end
  for _, entry in ipairs(ends) do
    local word = entry[1]
    if place == word or place:sub(-#word - 1) == "." .. word then
      return entry[2]
    end
  end
end

return known
