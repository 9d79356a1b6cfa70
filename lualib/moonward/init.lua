--- What a policy is written with: `local moonward = require "moonward"`.
local containers = require "moonward.host.containers"
local core = require "moonward.core"
local native = require "moonward.host.native"
local nearest = require "moonward.host.nearest"
local redactors = require "moonward.host.redactors"
local wait = require "moonward.host.wait"

local moonward = {}

local allow_keys = nearest.set { "edit", "only", "redact", "rule" }
local deny_keys = nearest.set { "hint", "rule", "status" }
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

local function check_function(value, what)
  if value ~= nil and type(value) ~= "function" then
    error(string.format("%s is a %s, expected a function", what, type(value)), LEVEL)
  end
  return value
end

--- Lets the request through, perhaps with conditions:
---   only    which elements of a list, events of a stream, or single object the client may see; called
---           with the decoded item and its kind
---   redact  paths of values that are emptied in each item: { "Config.Env", "Mounts.*.Source" };
---           { "Config.Env", keep = { "TZ" } } as an entry keeps the elements "TZ=..."
---   edit    of a GET: called with each item of the answer, to change it; of other methods: with the
---           body on its way to the engine
---@type fun(options?: moonward.Allowance): moonward.Verdict
moonward.allow = core.verb("allow", function(options)
  options = check_keys(options, allow_keys, "moonward.allow")
  local rule = check_text(options.rule, "moonward.allow: rule")
  if options.only == nil and options.redact == nil and options.edit == nil then
    return 0, nil, rule, nil, nil
  end
  return 0, nil, rule, nil, {
    only = check_function(options.only, "moonward.allow: only"),
    edit = check_function(options.edit, "moonward.allow: edit"),
    redact = options.redact ~= nil and redactors.of(options.redact, LEVEL) or nil,
  }
end)

--- Refuses the request. `rule` says in the log what decided, `hint` what would allow it.
---@type fun(reason: string, options?: { status?: integer, rule?: string, hint?: string }): moonward.Verdict
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
    check_text(options.hint, "moonward.deny: hint"), nil
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

--- Writes a warning to moonward's log.
---@param text string
function moonward.warn(text)
  if type(text) ~= "string" then
    error("moonward.warn: expected a text, got a " .. type(text), 2)
  end
  native.warn(text)
end

return moonward
