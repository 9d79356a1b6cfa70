--- What a policy is written with: `local moonward = require "moonward"`.
local containers = require "moonward.host.containers"
local fields = require "moonward.host.fields"
local core = require "moonward.core"
local native = require "moonward.host.native"
local nearest = require "moonward.host.nearest"
local redactors = require "moonward.host.redactors"
local stamp = require "moonward.host.stamp"
local wait = require "moonward.host.wait"
local window = require "moonward.host.window"

local moonward = {}

local allow_keys = nearest.set { "dockerfile", "edit", "only", "query", "redact", "rule" }
local deny_keys = nearest.set { "headers", "hint", "rule", "status" }
local LONGEST_HOST = 253
-- Where an error's position comes from: the policy, above a helper, the check, and the verb in C.
local LEVEL = 4

--- An option that nobody knows is an error and not ignored: an ignored filter would let everything
--- through.
local function check_keys(options, known, what)
  if options ~= nil and type(options) ~= "table" then
    error(string.format("%s: expected a table of options, got a %s", what, type(options)), LEVEL)
  end
  for key in pairs(options or {}) do
    if not known[key] then
      error(string.format("%s: unknown option '%s'%s", what, tostring(key),
        nearest.hint(key, known)), LEVEL)
    end
  end
  return options or {}
end

local function check_text(value, what)
  if value ~= nil and type(value) ~= "string" then
    error(string.format("%s is a %s, expected a text", what, type(value)), LEVEL)
  end
  return value
end

local function check_function(value, what, level)
  if value ~= nil and type(value) ~= "function" then
    error(string.format("%s is a %s, expected a function", what, type(value)), level)
  end
  return value
end

local view_kinds = { "container", "image", "network", "volume" }
local is_view_kind = nearest.set(view_kinds)

local function none_exists()
  return false
end

-- The predicates of the kinds that not all exist of. Every kind is named, so that nobody takes one for
-- hidden that is not.
local function check_shown(shown)
  if type(shown) ~= "table" then
    error("moonward.view: expected { container = ..., image = ..., network = ..., volume = ... }, each a"
      .. " function of such an object, or true if all of them exist; got a " .. type(shown), LEVEL)
  end
  for kind in pairs(shown) do
    if not is_view_kind[kind] then
      error(string.format("moonward.view: unknown kind '%s'%s", tostring(kind),
        nearest.hint(kind, is_view_kind)), LEVEL)
    end
  end
  local kinds = {}
  for _, kind in ipairs(view_kinds) do
    local predicate = shown[kind]
    if predicate == nil then
      error("moonward.view: what becomes of " .. kind .. "s? Name a function, true if all exist, or false if"
        .. " none does: " .. kind .. " = true", LEVEL)
    elseif type(predicate) ~= "boolean" then
      kinds[kind] = check_function(predicate, "moonward.view: " .. kind, LEVEL + 1)
    elseif not predicate then
      kinds[kind] = none_exists
    end
  end
  if next(kinds) == nil then
    error("moonward.view: all kinds are true, so nothing is hidden; that is moonward.allow", LEVEL)
  end
  return kinds
end

local function check_query(query, what)
  if query ~= nil and type(query) ~= "table" then
    error(what .. " is a " .. type(query) .. ", expected a table", LEVEL + 1)
  end
  for key, value in pairs(query or {}) do
    local are_texts = type(key) == "string" and key ~= "" and type(value) == "string"
    if not are_texts or string.find(key .. value, "\0", 1, true) then
      error(what .. ": expected texts, as in { filters = '{}' }", LEVEL + 1)
    end
  end
  return query
end

-- What an allowance asks to be changed on the way; nil if nothing. Called by the checks of verbs.
local function changes_of(options, what, shown)
  if not shown and options.only == nil and options.redact == nil and options.edit == nil
    and options.query == nil and options.dockerfile == nil then
    return nil
  end
  return {
    view = shown,
    only = check_function(options.only, what .. ": only", LEVEL + 1),
    edit = check_function(options.edit, what .. ": edit", LEVEL + 1),
    dockerfile = check_function(options.dockerfile, what .. ": dockerfile", LEVEL + 1),
    redact = options.redact ~= nil and redactors.of(options.redact, LEVEL + 1) or nil,
    query = check_query(options.query, what .. ": query"),
  }
end

--- Lets the request through, perhaps with conditions:
---   only    which elements of a list, events of a stream, or single object the client may see; called
---           with the decoded item and its kind
---   redact  paths of values that are emptied in each item: { "Config.Env", "Mounts.*.Source" };
---           { "Config.Env", keep = { "TZ" } } as an entry keeps the elements "TZ=..."
---   edit    of a GET: called with each item of the answer, to change it; of other methods: with the
---           body on its way to the engine
--   dockerfile  of a build by the classic builder: called with the Dockerfile in the body
---          (moonward.dockerfile) before the engine has all of it; returns moonward.deny(reason), or nothing
---   query   values that parameters have on their way to the engine; policies that follow see the old ones
---@type fun(options?: moonward.Allowance): moonward.Verdict
moonward.allow = core.verb("allow", function(options)
  options = check_keys(options, allow_keys, "moonward.allow")
  return 0, nil, check_text(options.rule, "moonward.allow: rule"), nil, changes_of(options, "moonward.allow")
end, true)

--- Lets the request through, in a world in which only those objects exist for which 'shown' is true: lists
--- and events are filtered, a request that names another object, in its path, query or body, is answered
--- as if there were none, counts are without the others. What cannot be done in such a world (container.prune
--- is one) is denied. 'shown' says it for each kind, "container", "image", "network" and "volume": a
--- function, true if all exist, or false if none does. The options are those of moonward.allow.
---@type fun(shown: moonward.Shown, options?: moonward.Allowance): moonward.Verdict
moonward.view = core.verb("allow", function(shown, options)
  options = check_keys(options, allow_keys, "moonward.view")
  local kinds = check_shown(shown)
  local rule = check_text(options.rule, "moonward.view: rule")
  return 0, nil, rule, nil, changes_of(options, "moonward.view", kinds)
end)

--- A verdict with more changes: of an allowance, those of `options` are made as well, after its own. What it
--- shows only both show; a value of the query that both set to different texts is an error. A denial, and no
--- opinion, stays as it is. So something can be added to what a function of the library has decided:
---
---   return moonward.both(own.decide(request, owner, settings), { edit = drop_root })
---@type fun(verdict?: moonward.Verdict, options: moonward.Allowance): moonward.Verdict?
moonward.both = core.verb("allow", function(verdict, options)
  local kind = core.kind(verdict)
  if verdict ~= nil and not kind then
    error("moonward.both: expected a verdict, or nil, got a " .. type(verdict), LEVEL - 1)
  end
  options = check_keys(options, allow_keys, "moonward.both")
  local rule = check_text(options.rule, "moonward.both: rule")
  local added = changes_of(options, "moonward.both")
  if kind ~= "allow" then
    return kind and verdict or false
  end
  core.returned(verdict) -- in what is made of it
  local first = core.changes(verdict)
  local all = first and added and { first = first, second = added } or first or added
  return 0, nil, rule or core.rule(verdict), nil, all
end)

--- What moonward.allow takes to give what a request makes these labels, whatever it says of them itself: an
--- edit of the body, or a value of the query of a build. nil for requests that make nothing with labels. What
--- makes something that cannot be given any (BuildKit, a commit without a body, podman's own routes) is
--- denied.
---
---   return moonward.allow(moonward.stamp(request, { ["com.example.team"] = "web" }))
---@param request moonward.Request
---@param labels table<string, string>
---@return moonward.Allowance?
function moonward.stamp(request, labels)
  return stamp.changes(request, labels, 2)
end

--- Refuses the request. `rule` says in the log what decided, `hint` what would allow it; `headers` are fields
--- of the answer: Retry-After, WWW-Authenticate, Link, Location, Cache-Control, Warning and those that begin
--- with X-.
---@type fun(reason: string, options?: moonward.Refusal): moonward.Verdict
moonward.deny = core.verb("deny", function(reason, options)
  options = check_keys(options, deny_keys, "moonward.deny")
  local status = options.status or 403
  if type(reason) ~= "string" or reason == "" then
    error("moonward.deny: expected a reason, got " .. (reason == "" and "an empty text"
      or type(reason)), LEVEL - 1)
  elseif math.type(status) ~= "integer" or status < 400 or status > 599 then
    error("moonward.deny: status is " .. tostring(status) .. ", expected 400 to 599", LEVEL - 1)
  end
  return status, reason, check_text(options.rule, "moonward.deny: rule"),
    check_text(options.hint, "moonward.deny: hint"), fields.read(options.headers, LEVEL - 1)
end)

--- Refuses the request as if what it names did not exist, in the engine's own words or in these.
---@type fun(message?: string): moonward.Verdict
moonward.hide = core.verb("hide", function(message)
  return 404, check_text(message, "moonward.hide: the message"), nil, nil, nil
end)

--- The addresses of a host name. Waits for the resolver; raises an error if there are none.
---@param host string
---@return string[]
function moonward.resolve(host)
  if type(host) ~= "string" or #host > LONGEST_HOST or not string.find(host, "^[%w_.:-]+$") then
    error("moonward.resolve: expected the name of a host, got "
      .. (type(host) == "string" and string.format("%q", host) or type(host)), 2)
  elseif core.address(host) then
    return { host }
  end
  local addresses = {}
  local answer = wait.ask("address", host, "moonward.resolve(\"" .. host .. "\")")
  for address in string.gmatch(answer, "[^\n]+") do
    addresses[#addresses + 1] = address
  end
  return addresses
end

--- The time, in seconds since 1970. It is read once for each decision, so a decision has one time, and what
--- is filtered of its answer has the same. Not in `start`, where it would stay as it is.
---@return integer
function moonward.now()
  local state = native.state()
  if state ~= "deciding" and state ~= "filtering" then
    error("moonward.now: call it in decide; before the first request it would stay as it is", 2)
  end
  return native.time()
end

--- Hours, days and dates in which something holds: a function that says whether it is such a time now.
---
---   local office = moonward.window { days = "mon-fri", from = "08:00", to = "18:00", zone = "+01:00" }
---   local lent = moonward.window { before = "2026-12-24T18:00" }
---
--- `days` is "mon-fri", "sat,sun" or a list of such; `from` and `to` are times of day, and a window over
--- midnight belongs to the day it begins on; it is open from `after` on, and no more from `before` on. `zone`
--- is "UTC", which counts if it is left out, or an offset such as "+02:00". Offsets do not follow summer
--- time; names of zones are refused, since what they mean stands in files of the machine.
---
--- What was allowed in time goes on when the time is over: a stream, a container that was started.
---@param hours moonward.Hours
---@return fun(): boolean
function moonward.window(hours)
  local holds = window.read(hours, 2)
  return function()
    return holds(moonward.now())
  end
end

--- A regular expression in the syntax of Go's regexp package; matching takes linear time.
--- `:match(text)` asks about the whole text, `:find(text)` about any part of it.
---@param pattern string
---@return moonward.Regex
function moonward.regex(pattern)
  if type(pattern) ~= "string" then
    error("moonward.regex: expected a pattern, got a " .. type(pattern), 2)
  end
  local regex, message = core.regex(pattern)
  if not regex then
    error(string.format("invalid regex \"%s\": %s", pattern, message), 2)
  end
  return regex
end

--- To be called in `start` by a policy that reads client.container or client.labels: the engine's
--- containers are then known before the first client asks. `self` is the name of the container that
--- moonward is in; without it, that is found out.
---@param options? { self?: string }
function moonward.watch_containers(options)
  options = options or {}
  if native.state() ~= "starting" then
    error("moonward.watch_containers: call it in start", 2)
  elseif type(options) ~= "table" or options.self ~= nil and type(options.self) ~= "string" then
    error("moonward.watch_containers: expected a table such as { self = \"moonward\" }", 2)
  end
  for key in pairs(options) do
    if key ~= "self" then
      error("moonward.watch_containers: unknown option '" .. tostring(key) .. "'; known is self", 2)
    end
  end
  containers.want(options.self)
end

--- For a policy's start: it takes all that ask for one, whoever they are. With a TCP listener that is said in
--- the log and by `check`, for the engine itself can ask there: what it fetches for somebody's build or
--- import, and where a registry sends its pushes, it asks from the host.
---@param who string by what name
function moonward.takes_all(who)
  if native.listens_tcp() then
    native.warn("a TCP listener knows nobody: all that reach it are " .. who .. ", and so is the engine,"
      .. " which fetches what others' builds and imports name; a Unix socket is for those who may open it")
  end
end

--- Writes a warning to moonward's log.
---@param text string
function moonward.warn(text)
  if type(text) ~= "string" then
    error("moonward.warn: expected a text, got a " .. type(text), 2)
  end
  native.warn(text)
end

return moonward
