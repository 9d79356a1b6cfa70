--- What the tables of moonward.test may have in them: a case, its client and containers, settings, a verdict.
local nearest = require "moonward.nearest"

local keys = {}

-- Known keys, sorted, so that the nearest one to a slip is found.
local known_keys = {
  case = {
    "answer", "answer_status", "body", "client", "containers", "dockerfile", "engine", "execs", "headers",
    "images", "method", "networks", "now", "path", "resolve", "volumes",
  },
  client = { "address", "container", "found", "gid", "labels", "listener", "pid", "port", "uid" },
  container = { "address", "id", "image", "labels", "mode", "name", "networks", "started", "state" },
  exec = { "command", "container", "id", "privileged", "stdin", "tty" },
  image = { "env", "id", "labels", "name", "tags" },
  limits = { "burst_us", "instructions", "memory" },
  endpoint = { "address", "address6", "id" },
  network = { "driver", "gateway", "id", "labels", "name", "scope", "subnet" },
  reply = { "body", "status" },
  settings = { "directory", "environment", "limits", "remembers", "selectable" },
  verdict = {
    "allowed", "answer", "answer_status", "body", "built", "dockerfile", "failed", "filters", "found",
    "headers", "hidden", "hint", "log", "operation", "path", "policy", "query", "reason", "recalled",
    "refused", "rule", "status", "where",
  },
  volume = { "driver", "labels", "name", "options" },
}

local sets = {}
for kind, list in pairs(known_keys) do
  sets[kind] = {}
  for _, key in ipairs(list) do
    sets[kind][key] = true
  end
end

local places_to_look = {
  "case", "client", "container", "endpoint", "exec", "image", "network", "volume", "reply", "settings",
  "limits",
}

-- What was meant: a key of this kind or, written in the wrong place, one of another.
local function hint_of(kind, key)
  local hint = nearest.hint(key, known_keys[kind])
  if hint ~= "" then
    return hint
  end
  local names, places = {}, {}
  for _, other in ipairs(places_to_look) do
    for _, name in ipairs(other ~= kind and known_keys[other] or {}) do
      names[#names + 1], places[name] = name, places[name] or other
    end
  end
  local found = nearest.find(key, names)
  return found and string.format(", %s is a key of the %s", found, places[found])
    or "; known are " .. table.concat(known_keys[kind], ", ")
end

local function complain(kind, key, level)
  error(string.format("unknown key '%s' in the %s%s", tostring(key), kind,
    type(key) == "string" and hint_of(kind, key) or ""), level + 1)
end

--- A key that is misspelt would be ignored, and the spec would try something else than it says.
---@param kind string
---@param given table?
---@param level integer as of error(), from where this is called
function keys.check(kind, given, level)
  if given ~= nil and type(given) ~= "table" then
    error(string.format("expected a table as the %s, got a %s", kind, type(given)), level + 1)
  end
  for key in pairs(given or {}) do
    if not sets[kind][key] then
      complain(kind, key, level + 1)
    end
  end
end

local function check_container(given, level)
  keys.check("container", given, level + 1)
  for _, network in pairs(given and given.networks or {}) do
    keys.check("endpoint", network, level + 1)
  end
end

---@param request moonward.test.Request
---@param level integer as of error(), from where this is called
function keys.check_case(request, level)
  keys.check("case", request, level + 1)
  keys.check("client", request.client, level + 1)
  check_container(request.client and request.client.container, level + 1)
  for _, container in ipairs(request.containers or {}) do
    check_container(container, level + 1)
  end
  for _, kind in ipairs { "exec", "image", "network", "volume" } do
    for _, one in ipairs(request[kind .. "s"] or {}) do
      keys.check(kind, one, level + 1)
    end
  end
  for _, reply in pairs(request.engine or {}) do
    keys.check("reply", reply, level + 1)
  end
end

--- Of verdicts: what is read and not there is a mistake.
keys.verdict = {
  __index = function(_, key)
    if not sets.verdict[key] then
      complain("verdict", key, 2)
    end
  end,
}

return keys
