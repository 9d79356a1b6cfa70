-- testcontainers: what Testcontainers calls, in any of its languages. It creates containers, networks and
-- volumes with the label org.testcontainers=true, as it labels all that it makes, sees and touches no others,
-- and joins only networks and volumes of its own, or volumes that a mount makes with that label, as
-- Testcontainers for Go does. Containers get free ports of the host, limits of their
-- processes (ulimits), and no other power over it.
--
-- Testcontainers for Java speaks version 1.32 of the API, for which engines choose an IPC namespace that
-- others may join and, where cgroups are of version 1, the host's cgroup namespace. It cannot say otherwise,
-- so both are let through. What is built gets the label as well, for Python leaves it out and then could not
-- remove the image.
--
-- Ryuk, the container that cleans up, is started with the engine's socket as a bind: a way around any
-- proxy, and so it is denied. Either
--   * do without it: TESTCONTAINERS_RYUK_DISABLED=true, or
--   * let it come through moonward as well: give moonward a listener on a Unix socket of the host,
--     TESTCONTAINERS_DOCKER_SOCKET_OVERRIDE that path, and -ryuksocket the same. Any test may bind it
--     then, and reaches through it what it reached before. In Java Ryuk is privileged unless
--     TESTCONTAINERS_RYUK_CONTAINER_PRIVILEGED=false.
local calls = require "moonward.calls"
local client = require "moonward.client"
local json = require "moonward.json"
local marks = require "moonward.marks"
local moonward = require "moonward"
local paths = require "moonward.paths"

local LABEL = "org.testcontainers"
local ours = marks.label(LABEL, "true")

-- Where the engine's own socket is, on nearly every host.
local engine_sockets = { "/var/run/docker.sock", "/run/docker.sock" }

local function check_socket(path)
  for _, socket in ipairs(engine_sockets) do
    if paths.clean(path) == socket then
      error("ryuksocket: " .. path .. " is where the engine itself listens;"
        .. " Ryuk is to have a socket of moonward", 0)
    end
  end
  if not paths.is_absolute(path) then
    error("ryuksocket: expected the path of a socket of moonward on the host, got '" .. path .. "'", 0)
  end
end

-- The name of an image that others run may not be taken.
local function is_free(name)
  return ours.may_take("image", name), "the name " .. name .. " is taken by another image"
end

-- The engine answers a create of a volume that there is with that one.
local function may_make_volume(request)
  local made, why = ours.made(request)
  local name = made and request.json.Name
  if type(name) == "string" and name ~= "" and not ours.may_take("volume", name) then
    return false, "the name " .. name .. " is taken by another volume"
  end
  return made, why
end

-- The labels of a build, with ours; keys count exactly, other than in bodies. nil: they cannot be read.
local function with_label(text)
  local labels, given = {}, json.null
  if text ~= "" then
    given = json.decode_parameter(text)
  end
  if given ~= json.null and not json.is_object(given) then
    return nil
  end
  for key, value in pairs(given) do
    labels[key] = value
  end
  labels[LABEL] = "true"
  return json.encode(labels)
end

local function may_build(request)
  for _, name in ipairs(request:values "t") do
    local free, why = is_free(name)
    if not free then
      return false, why
    end
  end
  local labels = with_label(request.query.labels or "")
  return labels ~= nil, "the labels of the build cannot be read", { query = { labels = labels } }
end

local tagged = moonward.regex ".*[:@][^/]*"

-- The image inherits the labels of the container.
local function may_commit(request, ...)
  local held, why = ours.held(request, ...)
  local repo, tag = request.query.repo or "", request.query.tag or ""
  if not held or repo == "" then
    return held, why
  elseif tag ~= "" and tagged:match(repo) then
    return false, "the name " .. repo .. " has a tag, and tag=" .. tag .. " is another"
  end
  return is_free(tag ~= "" and repo .. ":" .. tag or repo)
end

-- Testcontainers looks for the engine's address on the network "bridge", where others are, too.
local function is_shown(network)
  return network.name == "bridge" or ours.is(network)
end

local function leave_out_others(network)
  if network.Name == "bridge" and network.Containers ~= nil then
    network.Containers = {}
  end
end

local made = "its own: it made them with these values"

return client.policy {
  summary = "Testcontainers makes containers and networks with its own label, and reaches no others;"
    .. " Ryuk only through moonward. Whoever creates containers or images sets labels.",
  options = {
    {
      name = "ryuksocket", env = "MOONWARD_RYUK_SOCKET",
      help = "Path on the host of a socket of moonward; Ryuk may run, with this one as its engine.",
      powers = function(path)
        return { "bind=" .. path }
      end,
    },
    {
      name = "testbuild", env = "MOONWARD_TEST_BUILD", kind = "switch",
      help = "Builds images, without BuildKit.", allows = { { "image.build", when = may_build } },
    },
    {
      name = "testsave", env = "MOONWARD_TEST_SAVE", kind = "switch",
      help = "Exports images, for modules that load them into something.",
      allows = { { "image.export_many", shows = "an image without its configuration is none" } },
    },
    client.allowpower(),
  },
  powers = { "port=0", "alias", "extra-host", "archive", "ulimit", "shareable-ipc", "host-namespace=cgroup" },
  own = ours.is, makes = ours.makes,
  start = function(options)
    if options.ryuksocket ~= "" then
      check_socket(options.ryuksocket)
    end
  end,
  always = {
    calls.info, calls.pull, "image.list",
    { "container.create", "network.create", when = ours.made },
    { "volume.create", when = may_make_volume },
    { calls.containers, calls.events, calls.volumes, only = ours.is, shows = made },
    { calls.networks, only = is_shown, edit = leave_out_others },
    {
      "container.start", "container.stop", "container.restart", "container.kill", "container.remove",
      "container.attach", "container.logs", "container.archive.get", "container.archive.put", "exec.create",
      "exec.start", "exec.inspect", "network.remove", "volume.remove", "image.remove",
      when = ours.held, shows = made,
    },
    { "container.commit", when = may_commit },
    { "container.prune", "network.prune", "volume.prune", "image.prune", when = ours.pruned },
    { "network.connect", when = ours.joined },
  },
}
