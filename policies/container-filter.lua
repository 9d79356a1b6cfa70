-- container-filter: clients see some containers only, chosen by their names and labels; with the variables
-- and rules of FoxxMD/docker-proxy-filter.
--
--   CONTAINER_NAMES=web,db       containers whose name contains "web" or "db"
--   CONTAINER_LABELS=homepage    and those with a label whose key contains "homepage";
--   CONTAINER_LABELS=a.b=c       or: whose key contains "a.b" and whose value contains "c"
--   SCRUB_ENVS=true              no environment in what is inspected
--   PROXY_URL=http://proxy:2375  the engine, or the next proxy on the way to it
--
-- One match is enough, of names or labels. A name has a slash in front here: "/web" is how it begins. Without
-- names and labels all containers are shown. What is not shown does not exist: see moonward.view. Images,
-- networks and volumes are all shown.
--
-- What is different there, on purpose:
--   * A request is judged before it goes to the engine, whatever its method; there, every request is
--     carried out, and some answers are filtered: stop, remove and exec reach any container.
--   * Events, execs, disk usage, counts, members of networks, tasks and services are filtered too.
--   * What a name means is asked each time; there, the first answer is kept for ever.
--   * Answers keep their headers, streams are not cut after 5 seconds, attach and exec work.
--   * An empty entry ("web,") shows everything there. Here it stops the start, as do spaces around an
--     entry, which match nothing there, and CONTAINER_NAME and its like, which are not read there.
--   * Of "a=1,a=2" only the last counts there; here each does, as that program's page says.
--   * Containers are matched by their names alone, not by the names that links give them.
--   * SCRUB_ENVS empties all that can hold secrets (moonward.secrets): the environment of images, services,
--     tasks and plugins as well, command lines, health checks, options of drivers, and what an image's build
--     has set. What would show it in a form that cannot be emptied is denied. Who may run commands in a
--     container, attach to it or commit it can find it all the same.
--   * No .env file is read. RUST_LOG is another way to write -loglevel.
--
-- Labels come from whoever makes containers, and images bring theirs: a client that may create containers
-- chooses what it sees of these, and needs a policy beside this one that looks at what it creates.
local json = require "moonward.json"
local lpeg = require "lpeg"
local moonward = require "moonward"
local ps_args = require "moonward.ps_args"
local secrets = require "moonward.secrets"

local policy = {
  summary = "Shows only containers whose name or label is listed, without their environment if wanted, as"
    .. " docker-proxy-filter does.",
  options = {
    {
      env = { "PROXY_URL", "proxy_url" }, sets = "upstream", required = true,
      help = "Where the engine or the next proxy is, as in http://socket-proxy:2375. Needed, unless -upstream"
        .. " or -socketpath says it.",
    },
    {
      name = "containernames", env = { "CONTAINER_NAMES", "container_names" }, env_near = true,
      help = "Parts of names of containers that are shown, with commas between.",
    },
    {
      name = "containerlabels", env = { "CONTAINER_LABELS", "container_labels" }, env_near = true,
      help = "Labels of containers that are shown, as in key,key=value; parts of keys and values.",
    },
    {
      name = "scrubenvs", env = { "SCRUB_ENVS", "scrub_envs" }, env_near = true, env_empty = true,
      words = { ["true"] = "true", ["false"] = "false" }, default = "false",
      help = "Whether environments are left out of answers.",
    },
    {
      env = { "PORT", "port" }, sets = "proxyport", default = "2375", help = "TCP port to listen on.",
    },
    {
      name = "filterip", sets = "listenip", default = "0.0.0.0", help = "IP address to listen on.",
    },
    {
      env = { "RUST_LOG", "rust_log" }, sets = "loglevel",
      words = {
        trace = "DEBUG", debug = "DEBUG", info = "INFO", warn = "WARN", error = "ERROR", off = "ERROR",
        ["info,docker_proxy_filter=debug"] = "INFO", -- what that program's image sets
      },
      help = "How much is logged; -loglevel for the rest.",
    },
  },
}

-- Ways to ask for processes without their environment, which "ps axe" shows.
local processes = moonward.regex "-ef|-?[aflux]*"

-- Filters: each is a function of a container. Filled by start().
local filters = {}

local function fail(...)
  error(string.format(...), 0)
end

-- Reading the variables ------------------------------------------------------------------------

local entries = lpeg.Ct(lpeg.C((1 - lpeg.P ",") ^ 0) * ("," * lpeg.C((1 - lpeg.P ",") ^ 0)) ^ 0)
local key_and_value = lpeg.C((1 - lpeg.P "=") ^ 0) * ("=" * lpeg.C(lpeg.P(1) ^ 0)) ^ -1
local space = lpeg.S " \t\r\n"
local spaced = space + (space ^ 0 * (1 - space) ^ 1) ^ 0 * space ^ 1 * -1

-- The entries of a list. What would not mean what it looks like is an error.
local function entries_of(variable, text)
  if text == "" then
    return {}
  end
  local list = lpeg.match(entries, text)
  for _, entry in ipairs(list) do
    if entry == "" then
      fail('%s="%s" has an empty entry, which every container would match; remove the comma', variable, text)
    elseif lpeg.match(spaced, entry) then
      fail('%s="%s": the entry "%s" begins or ends with a space, and so would match nothing; remove it',
        variable, text, entry)
    end
  end
  return list
end

-- It goes from one first letter of the part to the next, since most texts do not contain it.
local function contains(part)
  local others = (1 - lpeg.P(string.sub(part, 1, 1))) ^ 0
  local pattern = lpeg.P { others * (lpeg.P(part) + 1 * lpeg.V(1)) }
  return function(text)
    return lpeg.match(pattern, text) ~= nil
  end
end

local function name_filter(entry)
  local is_in = contains(entry)
  return function(container)
    return is_in("/" .. (container.name or ""))
  end
end

local function label_filter(entry)
  local key, value = lpeg.match(key_and_value, entry)
  if entry == "=" then
    fail 'CONTAINER_LABELS: "=" is neither a key nor a value; every container with a label would match'
  end
  local is_key, is_value = contains(key), value and contains(value)
  return function(container)
    for label, content in pairs(container.labels) do
      if is_key(label) and (not value or is_value(content)) then
        return true
      end
    end
    return false
  end
end

function policy.start(options)
  filters = {}
  for _, entry in ipairs(entries_of("CONTAINER_NAMES", options.containernames)) do
    filters[#filters + 1] = name_filter(entry)
  end
  for _, entry in ipairs(entries_of("CONTAINER_LABELS", options.containerlabels)) do
    filters[#filters + 1] = label_filter(entry)
  end
  if #filters == 0 then
    moonward.warn "neither CONTAINER_NAMES nor CONTAINER_LABELS is set: all containers are shown"
  end
end

-- Deciding -------------------------------------------------------------------------------------

local function is_shown(container)
  for _, matches in ipairs(filters) do
    if matches(container) then
      return true
    end
  end
  return false
end

local SHOWN = { container = is_shown, image = true, network = true, volume = true }

-- Whether an answer would show an environment where none of the paths above leads.
local function tells_environment(request)
  if request:is("container.top", "libpod.container.top", "libpod.pod.top") then
    for key, value in pairs(request.query) do
      local name = json.fold(key) -- podman finds keys whatever their case
      if (name == "ps_args" or name == "descriptors") and not processes:match(value) then
        return true
      end
    end
  end
  return secrets.hidden_whole(request.operation) ~= nil
end

function policy.decide(_, request, options)
  local scrubs = options.scrubenvs == "true"
  if not request.operation then
    return moonward.deny "nobody knows what this request is about"
  elseif scrubs and tells_environment(request) then
    return moonward.deny("the answer could show environments, and SCRUB_ENVS is true")
  end
  local reason, more = ps_args.refusal(request, not scrubs)
  if reason then
    return moonward.deny(reason, more)
  end
  local changes = {
    redact = scrubs and secrets.paths(request.operation) or nil,
    edit = scrubs and request:is "system.events" and secrets.strip_event or nil,
  }
  return #filters == 0 and moonward.allow(changes) or moonward.view(SHOWN, changes)
end

return policy
