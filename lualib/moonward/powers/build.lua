--- Parameters of a build. They stand in the query; the body is a tar and not looked at, so what a
--- Dockerfile does inside its containers is not seen, and "# syntax=" neither.

local json = require "moonward.json"
local r = require "moonward.powers.readers"
local walk = require "moonward.powers.walk"

local build = {}

local function read_args(found, value, where)
  -- In a field whose keys are data, so that HTTP_PROXY and http_proxy are two.
  local outer, message = json.decode('{"Options":' .. value .. "}")
  if not outer or not json.is_object(outer.Options) then
    return walk.add(found, "not-understood", message or "expected an object", where)
  end
  local frontend = outer.Options.BUILDKIT_SYNTAX
  if frontend ~= nil then
    walk.add(found, "frontend", tostring(frontend), where .. ".BUILDKIT_SYNTAX")
  end
end

local empty = { [""] = true, ["[]"] = true, ["{}"] = true, ["null"] = true }

-- Anything but an empty list or object. The spaces go first: a pattern with several places for them
-- would try all ways to share them out.
local function read_json(found, value, where, row)
  if not empty[string.gsub(value, "%s+", "")] then
    walk.add(found, row[3], value, where)
  end
end

local function read_switch(found, value, where, row)
  if value ~= "" and value ~= "0" and value ~= "false" then
    walk.add(found, row[3], "", where)
  end
end

-- Every version but the first is BuildKit's, which runs what a line "# syntax=" of the Dockerfile names.
local function read_version(found, value, where)
  if value ~= "1" then
    walk.add(found, "build-session", "", where)
  end
end

--- Parameters that some engine reads: Docker's, then podman's.
build.parameters = walk.type({
  { "version", read_version, "build-session" },
  { "networkmode", r.network_mode,
    { "network", "host-namespace", "joined-namespace", "unknown-value" } },
  { "remote", r.text, "remote" },
  { "cgroupparent", r.text, "cgroup-parent" },
  { "extrahosts", r.text, "extra-host" },
  { "securityopt", read_json, "security-option" },
  { "ulimits", read_json, "ulimit" },
  { "session", r.text, "build-session" },
  { "outputs", read_json, "build-output" },
  { "buildargs", read_args, { "frontend", "not-understood" } },

  { "volume", r.mount, { "bind", "volume" } },
  { "transientRunMounts", r.text, "host-path" },
  { "additionalbuildcontexts", r.text, "host-path" },
  { "addcaps", r.text, "capability" },
  { "addcapabilities", r.text, "capability" },
  { "devices", read_json, "device-rule" },
  { "nsoptions", read_json, "unknown-value" },
  { "idmappingoptions", read_json, "unknown-value" },
  { "confignetwork", r.text, "unknown-value", harmless = walk.set "0" },
  { "seccomp", r.text, "security-option" },
  { "apparmor", r.text, "security-option" },
  { "labelopts", read_json, "security-option" },
  { "unmask", read_json, "unmasked-paths" },
  { "runtime", r.text, "runtime" },
  { "secrets", read_json, "host-path" },
  { "ssh", read_json, "ssh" },
  { "dnsservers", read_json, "dns" },
  { "dnssearch", read_json, "dns" },
  { "dnsoptions", read_json, "dns" },
  { "httpproxy", read_switch, "host-environment" },
}, [[t dockerfile q nocache pull rm forcerm cachefrom labels squash target platform isolation
  buildid memory memswap cpushares cpuperiod cpuquota cpusetcpus cpusetmems shmsize layers compress
  manifest jobs format output outputformat timestamp sourcedateepoch rewritetimestamp pullpolicy
  forcecompressionformat compressionformat compressionlevel cacheto cachettl dropcaps dropcapabilities
  excludes ignorefile omithistory osfeature osversion retry retry-delay rusage skipunusedstages unsetenv
  unsetlabel identitylabel inheritlabels inheritannotations createdannotation annotations tlsVerify
  allplatforms registry localcontextdir]])

--- Names of parameters are exact, unlike those of fields.
---@type table<string, boolean>
build.known = {}
for _, row in ipairs(build.parameters.rows) do
  build.known[row[1]] = true
end
for name in pairs(build.parameters.harmless) do
  build.known[name] = true
end

--- Every value of every parameter counts: the engine takes several of some, and the first of others.
---@param found moonward.Power[]
---@param request moonward.Request
function build.powers(found, request)
  for _, row in ipairs(build.parameters.rows) do
    for _, value in ipairs(request:values(row[1])) do
      if value ~= "" then
        row[2](found, value, "query." .. row[1], row)
      end
    end
  end
end

return build
