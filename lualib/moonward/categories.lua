--- The proxies that are told what to allow by one variable per part of the API: Tecnativa's and
--- linuxserver's docker-socket-proxy, which are rules of HAProxy, and GoDoxy's socket-proxy. CONTAINERS=1
--- opens everything below /containers, POST=1 the methods that write, ALLOW_START=1 the start of containers.
--- They look alike and are not: the tables on top say where they differ, the policies of these names say
--- which variables there are.
---
--- Rules are about paths and not about operations, so that a route that moonward does not know is treated
--- as it was there. But a name in a path is a whole segment: there, /containersfoo and
--- /containers/x/startfoo pass too. The engine answers such a path with 404, or, where the alias of a
--- container holds slashes, takes it for another one.

local moonward = require "moonward"
local haproxy = require "moonward.haproxy"
local strangers = require "moonward.category_strangers"

local categories = {}

-- Where they differ --------------------------------------------------------------------------------

local columns = { "tecnativa", "linuxserver", "godoxy" }

---@class moonward.categories.Program
---@field switch "number"|"word" how a variable is read: HAProxy's way (haproxy.lua), or in Go's words
---@field prefixes string[] of variables' names, the strongest first
---@field order string[] steps, one after the other; the first answer counts, and without any it is no
---@field reads table<string, boolean> methods that need no variable
---@field writes table<string, string> the variable that adds a method
---@field others string? the variable that adds all other methods; nil: nothing does
---@field no_method integer the status for a method that is not added
---@field libpod boolean is /libpod in front of a path understood?

local order = {
  tecnativa = { "gate", "guards", "grants", "sections" },
  linuxserver = { "guards", "grants", "gate", "sections" }, -- grants before the gate: also with POST=0
  godoxy = { "gate", "withheld", "sections" },
}
local get, get_head, post = { GET = true }, { GET = true, HEAD = true }, { POST = "POST" }
local each = { POST = "POST", DELETE = "DELETE", PUT = "PUT", PATCH = "PATCH" }
local go_prefixes = { "GODOXY_", "GOPROXY_", "" }

local rows = {
  --               tecnativa         linuxserver         godoxy
  { "switch",      "number",         "number",           "word" },
  { "prefixes",    { "" },           { "" },             go_prefixes },
  { "order",       order.tecnativa,  order.linuxserver,  order.godoxy },
  { "reads",       get_head,         get_head,           get },
  { "writes",      each,             post,               post },
  { "others",      nil,              "POST",             nil },
  { "no_method",   403,              403,                405 },
  { "libpod",      false,            true,               false },
}

-- What is done to one container and has variables of its own. In the step "grants" one of them is enough,
-- whatever CONTAINERS says; in "withheld" each is needed, and CONTAINERS.
local start, restarts, stop = { "ALLOW_START" }, { "ALLOW_RESTARTS" }, { "ALLOW_RESTARTS", "ALLOW_STOP" }
local actions = {
  --               tecnativa         linuxserver         godoxy
  { "start",       start,            start,              start },
  { "stop",        stop,             stop,               stop },
  { "restart",     restarts,         restarts,           restarts },
  { "kill",        restarts,         restarts,           restarts },
  { "pause",       { "ALLOW_PAUSE" },   { "ALLOW_PAUSE" },   nil },
  { "unpause",     { "ALLOW_UNPAUSE" }, { "ALLOW_UNPAUSE" }, nil },
}

-- What the step "guards" keeps closed in containers and pods, though they are open. The words are
-- beginnings of segments.
local guards = {
  --               tecnativa         linuxserver         godoxy
  { "exec",        "ALLOW_EXEC",     nil,                nil },
  { "kill",        "ALLOW_KILL",     nil,                nil },
  { "attach",      "ALLOW_ATTACH",   nil,                nil },
  { "archive",     "ALLOW_ARCHIVE",  "ALLOW_ARCHIVE",    nil },
  { "change",      nil,              "ALLOW_CHANGES",    nil },
  { "export",      "ALLOW_EXPORT",   "ALLOW_EXPORT",     nil },
  { "logs",        "ALLOW_LOGS",     "ALLOW_LOGS",       nil },
  { "top",         nil,              "ALLOW_TOP",        nil },
}

-- What is alike ------------------------------------------------------------------------------------

-- The first segments that have a variable: /_ping has PING, /containers has CONTAINERS.
local sections = {
  "_ping", "auth", "build", "commit", "configs", "containers", "distribution", "events", "exec", "grpc",
  "images", "info", "networks", "nodes", "plugins", "secrets", "services", "session", "swarm", "system",
  "tasks", "version", "volumes",
}

-- Those below /libpod: LIBPOD_PING, LIBPOD_CONTAINERS.
local libpod_sections = {
  "_ping", "containers", "events", "exec", "generate", "images", "info", "manifests", "networks", "play",
  "pods", "secrets", "system", "version", "volumes",
}

local function variable_of(section)
  return section == "_ping" and "PING" or string.upper(section)
end

-- The program in one column of the tables.
local function program_of(name)
  local program = { name = name, actions = {}, guards = {} }
  for column, title in ipairs(columns) do
    if title == name then
      for _, row in ipairs(rows) do
        program[row[1]] = row[column + 1]
      end
      for _, row in ipairs(actions) do
        program.actions[row[1]] = row[column + 1]
      end
      for _, row in ipairs(guards) do
        program.guards[#program.guards + 1] = row[column + 1] and { row[1], row[column + 1] } or nil
      end
      return program
    end
  end
  error("no such program: " .. tostring(name), 3)
end

-- Steps --------------------------------------------------------------------------------------------
-- Functions of the program, of what is on, and of the place that a request is about. Each gives a verdict,
-- or nil: ask the next one.

---@class moonward.categories.Place
---@field request moonward.Request
---@field method string
---@field section string the first segment, or the one behind /libpod if the program knows that
---@field libpod boolean
---@field id string? of a container or pod, where something follows it
---@field tail string? what follows, with its slash
---@field grant string? the variable that would have let it through, whatever POST and CONTAINERS say

---@return moonward.categories.Place
local function place_of(request, program)
  local path = request.path
  local libpod = program.libpod and string.sub(path, 1, #"/libpod/") == "/libpod/"
  local first = libpod and #"/libpod/" + 1 or 2
  local slash = string.find(path, "/", first, true)
  local section = string.sub(path, first, slash and slash - 1)
  local place = { request = request, method = request.method, section = section, libpod = libpod }
  if slash and (section == "containers" or program.libpod and section == "pods") then
    local tail = string.find(path, "/", slash + 1, true)
    place.id = tail and string.sub(path, slash + 1, tail - 1)
    place.tail = tail and string.sub(path, tail)
  end
  return place
end

local none = {}

-- The words behind the id that count where something is kept closed: the first one. In a path that no
-- route takes all of them do, since the engine would find the alias of a container, "web/db", in it.
local function words_of(place)
  if not place.tail then
    return none
  end
  local request, words = place.request, {}
  local is_known = request.operation and not request:is("system.options") -- which takes any path
  for word in string.gmatch(place.tail, "[^/]+") do
    words[#words + 1] = word
    if is_known then
      break
    end
  end
  return words
end

local function needs(what, variables, status)
  local hint = table.concat(variables, "=1 ") .. "=1"
  return moonward.deny(what .. " needs " .. hint, { status = status, hint = hint, rule = variables[1] })
end

-- Of a denial: the variable that opens no more than was asked for, if the step "grants" knows one.
local function needs_grant(place)
  return place.grant and needs(string.sub(place.tail, 2) .. " of " .. place.section, { place.grant }) or nil
end

local steps = {}

-- Methods. GET .../attach/ws is one that reads, and what it does is write to the container's stdin.
function steps.gate(program, on, place)
  local method = place.method
  if program.reads[method] then
    for _, word in ipairs(words_of(place)) do
      if word == "attach" and not on.POST then
        return needs("attach, which writes to the container,", { "POST" })
      end
    end
    return nil
  end
  local variable = program.writes[method] or program.others
  if not variable then
    return moonward.deny(method .. " is never allowed", { status = program.no_method, rule = "method" })
  elseif not on[variable] then
    return needs_grant(place) or needs(method, { variable }, program.no_method)
  end
end

local function libpods_name(place, variable)
  local prefix = place.section == "pods" and "LIBPOD_ALLOW_POD_" or "LIBPOD_ALLOW_"
  return prefix .. string.sub(variable, #"ALLOW_" + 1)
end

-- "ALLOW_START" for all containers and pods; for those of libpod "LIBPOD_ALLOW_START" and
-- "LIBPOD_ALLOW_POD_START" as well.
local function granted_by(on, place, variables)
  for _, variable in ipairs(variables) do
    local libpods = libpods_name(place, variable)
    if on[variable] then
      return variable
    elseif place.libpod and on[libpods] then
      return libpods
    end
  end
end

-- Only as the engine knows them, POST /containers/{id}/start. There, any method and anything behind pass.
function steps.grants(program, on, place)
  local word = place.tail and place.method == "POST" and string.match(place.tail, "^/([^/]+)$")
  local variables = word and program.actions[word]
  if variables and string.find(place.id, "^[%w_.-]+$") then
    local variable, narrowest = granted_by(on, place, variables), variables[#variables]
    place.grant = place.libpod and libpods_name(place, narrowest) or narrowest
    return variable and moonward.allow { rule = variable } or nil
  end
end

function steps.withheld(program, on, place)
  for _, word in ipairs(words_of(place)) do
    for _, variable in ipairs(program.actions[word] or {}) do
      if not on[variable] then
        return needs(word .. " of containers", program.actions[word])
      end
    end
  end
end

function steps.guards(program, on, place)
  for _, word in ipairs(words_of(place)) do
    for _, guard in ipairs(program.guards) do
      if string.sub(word, 1, #guard[1]) == guard[1] and not on[guard[2]] then
        return needs(guard[1] .. " of containers", { guard[2] })
      end
    end
  end
end

local is_section, is_libpod_section = {}, {}
for _, section in ipairs(sections) do
  is_section[section] = variable_of(section)
end
for _, section in ipairs(libpod_sections) do
  is_libpod_section[section] = "LIBPOD_" .. variable_of(section)
end

function steps.sections(_, on, place)
  local variable = (place.libpod and is_libpod_section or is_section)[place.section]
  if not variable then
    return moonward.deny("no variable opens this path", { rule = "sections" })
  elseif not on[variable] then
    return needs_grant(place) or needs((place.libpod and "/libpod/" or "/") .. place.section, { variable })
  end
  return moonward.allow { rule = variable }
end

-- Options ------------------------------------------------------------------------------------------

-- What each variable opens, for -help and the reference.
local function helps_of(program)
  local helps = {}
  for method, variable in pairs(program.writes) do
    helps[variable] = method .. " of what is open."
  end
  helps.POST = program.others and "Methods other than GET and HEAD, and what attaches to a container by GET."
    or program.writes == each and "POST of what is open, and what attaches to a container by GET."
    or "POST, and what attaches to a container by GET. Other methods are never allowed."
  for _, section in ipairs(sections) do
    helps[variable_of(section)] = "Paths that begin with /" .. section .. "."
  end
  for _, section in ipairs(libpod_sections) do
    helps["LIBPOD_" .. variable_of(section)] = "Paths that begin with /libpod/" .. section .. "."
  end
  for _, guard in ipairs(program.guards) do
    local word = string.lower(string.sub(guard[2], #"ALLOW_" + 1))
    helps[guard[2]] = "Does not keep " .. word .. " of containers closed, where these are open."
  end
  return helps
end

-- "start", "stop, restart, kill": what a variable lets be done.
local function deeds_of(program, variable)
  local deeds = {}
  for _, row in ipairs(actions) do
    for _, needed in ipairs(program.actions[row[1]] or {}) do
      deeds[#deeds + 1] = needed == variable and row[1] or nil
    end
  end
  return #deeds > 0 and table.concat(deeds, ", ") or nil
end

local function help_of(program, helps, variable)
  local libpods = string.match(variable, "^LIBPOD_(ALLOW_.*)$")
  local pods = string.match(variable, "^LIBPOD_ALLOW_POD_(.*)$")
  local deeds = deeds_of(program, pods and "ALLOW_" .. pods or libpods or variable)
  if deeds then
    return "POST of " .. deeds .. (pods and " to libpod's pods." or libpods and " to libpod's containers."
      or program.libpod and " to containers and pods." or " to containers.")
  end
  return helps[variable] or error("no such variable: " .. variable, 4)
end

local function names_of(program, variable)
  local names = {}
  for i, prefix in ipairs(program.prefixes) do
    names[i] = prefix .. variable
  end
  return names
end

local function option_of(program, helps, variable, is_on)
  local option = {
    env = names_of(program, variable), env_strict = true, help = help_of(program, helps, variable),
  }
  if program.switch == "word" then
    option.kind, option.default = "switch", is_on
  else
    option.env_empty, option.default = true, is_on and "1" or "0"
  end
  return option
end

local function read(program, variable, value)
  if program.switch == "word" then
    return value
  end
  local on = haproxy.switch(value)
  if on == nil then
    error(string.format('%s="%s" is off, since HAProxy takes only numbers for on; write %s=1 or %s=0',
      variable, value, variable, variable), 0)
  end
  return on
end

---@class moonward.categories.Variables
---@field on string[] that are on if they are not set
---@field off string[] that are off
---@field more moonward.Option[] what else the program reads

---@class moonward.categories.Rules
---@field options moonward.Option[]
---@field start fun(options: table<string, any>) raises what is wrong with a value
---@field judge fun(request: moonward.Request): moonward.Verdict

--- The rules of a program, for a policy of its name.
---@param name string
---@param given moonward.categories.Variables
---@return moonward.categories.Rules
function categories.rules(name, given)
  local program = program_of(name)
  local helps, variables, is_ours, is_on = helps_of(program), {}, {}, {}
  local rules = { options = {} }
  for _, list in ipairs { given.on, given.off } do
    for _, variable in ipairs(list) do
      variables[#variables + 1], is_ours[variable] = variable, true
      rules.options[#variables] = option_of(program, helps, variable, list == given.on)
    end
  end
  for _, option in ipairs(given.more) do
    rules.options[#rules.options + 1] = option
  end
  for _, option in ipairs(strangers.options(program, is_ours)) do
    rules.options[#rules.options + 1] = option
  end

  function rules.start(options)
    for _, variable in ipairs(variables) do
      is_on[variable] = read(program, variable, options[program.prefixes[1] .. variable])
    end
  end

  function rules.judge(request)
    local place = place_of(request, program)
    for _, step in ipairs(program.order) do
      local verdict = steps[step](program, is_on, place)
      if verdict then
        return verdict
      end
    end
  end
  return rules
end

return categories
