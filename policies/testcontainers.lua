-- testcontainers: what Testcontainers calls, in any of its languages. It creates containers and networks
-- with the label org.testcontainers=true, as it labels all that it makes, sees and touches no others, and
-- joins only networks and volumes of its own. Containers get free ports of the host, and no other power
-- over it.
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
local marks = require "moonward.marks"
local paths = require "moonward.paths"

local ours = marks.label("org.testcontainers", "true")

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

-- A build may not take the name of an image that others run.
local function is_free(request)
  for _, name in ipairs(request:values "t") do
    if not ours.may_take("image", name) then
      return false, "the name " .. name .. " is taken by another image"
    end
  end
  return true
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
      allows = {
        { "volume.list", only = ours.is },
        { "volume.remove", "image.remove", when = ours.held },
      },
    },
    {
      name = "testbuild", env = "MOONWARD_TEST_BUILD", kind = "switch",
      help = "Builds images, without BuildKit.", allows = { { "image.build", when = is_free } },
    },
    {
      name = "testsave", env = "MOONWARD_TEST_SAVE", kind = "switch",
      help = "Exports images, for modules that load them into something.", allows = { "image.export_many" },
    },
    client.allowpower(),
  },
  powers = { "port=0", "alias", "extra-host", "archive" },
  own = ours.is,
  start = function(options)
    if options.ryuksocket ~= "" then
      check_socket(options.ryuksocket)
    end
  end,
  always = {
    calls.greeting, calls.info, calls.pull, "image.list",
    { "container.create", "network.create", when = ours.made },
    { calls.containers, calls.events, only = ours.is },
    { calls.networks, only = is_shown, edit = leave_out_others },
    {
      "container.start", "container.stop", "container.restart", "container.kill", "container.remove",
      "container.attach", "container.logs", "container.archive.get", "container.archive.put", "exec.create",
      "exec.start", "exec.inspect", "network.remove",
      when = ours.held,
    },
    { "network.connect", when = ours.joined },
  },
}
