--- The policy of a program that uses the engine, put together from the operations that it calls:
---
---   return client.policy {
---     summary = "Lists, follows and, if asked for, restarts the containers that are labelled for it.",
---     always = {
---       calls.events,
---       { calls.containers, redact = { "Config.Env" } },
---     },
---     options = {
---       {
---         name = "fancyrestart", env = "MOONWARD_FANCY_RESTART", kind = "switch", help = "Restarts.",
---         allows = { { "container.restart", when = client.target(is_labelled, "it has no label fancy") } },
---       },
---     },
---   }
---
--- What no entry names is denied, but for a ping and the version, which tell nothing and which Docker's own
--- client asks for first (calls.greeting): without an answer it speaks another version of the API. An
--- image.pull that imports an image counts as image.load. An entry is an operation
--- ("container.list", "container.*") or a list of operations and of lists of them
--- (moonward.calls), and may have besides:
---   when = function(request, options, who)    is it allowed? If not, a second result says why, a third
---                                             { hint = } what would allow it; if so, the third is
---                                             what moonward.allow takes: { edit =, only =, query = }
---   status = 404                              of the denial, if `when` does not hold and says why
---   only = function(object, options, kind)    the objects that exist for the client: of lists, events and
---                                             inspects the others are left out, and any other
---                                             operation on them gets 404
---   redact = { paths } or function(options), edit = function(object, options)     as of moonward.allow
---   events = { "container", "network" }       types of events that it follows; true: all; nil: containers'
---   shows = { environment = "it reads VIRTUAL_HOST" }     as of the whole policy, below
--- An option's entries (`allows`) count while it is set to true, or to something. They are asked before
--- those of `always`, in their order, and the first whose `when` holds decides. So an option can
--- open more, and show less.
---
--- `powers` are powers over the host that requests may ask for ({ "volume", "port=8080" }, see
--- moonward.power_rules); none if it is left out. `powers = false` does not look. An option of kind list with
--- `powers = true`, such as client.allowpower(), adds those that the operator names, one with `powers =
--- function(value)` those that it returns.
---
--- What can hold secrets (moonward.secrets) is left out; `shows` names sorts with reasons, a text shows all.
---
--- `own = function(object, options)`: what only brings together the client's own objects (a volume or network
--- that is joined, the volumes or a namespace of another container) needs no entry in `powers` where it
--- holds for the object that is named; `makes`, of a mark, says the same of a volume that a mount makes.
local buildkit = require "moonward.buildkit"
local calls = require "moonward.calls"
local client_answers = require "moonward.host.client_answers"
local client_powers = require "moonward.host.client_powers"
local references = require "moonward.references"
local label_pattern = require "moonward.label_pattern"
local moonward = require "moonward"
local nearest = require "moonward.nearest"
local operations = require "moonward.operations"
local secrets = require "moonward.secrets"
local target = require "moonward.host.target"
local traces = require "moonward.host.traces"

local client = {}

--- Where it is allowed, the third result is what moonward.allow takes besides, for this request: { edit = }
--- to name an object by the id that was judged, { query = }, { only = } for what had to be asked before;
--- where it is not, { hint = }.
---@alias moonward.client.When
---| fun(request: moonward.Request, options: table, who: moonward.Client): any, string?, any

---@class moonward.client.Entry operations and lists of operations, and:
---@field when? moonward.client.When
---@field status? integer
---@field only? fun(object: table, options: table, kind: string?): any
---@field redact? table|fun(options: table): table
---@field edit? fun(object: table, options: table)
---@field events? string[]|true
---@field shows? moonward.secrets.Shown

---@class moonward.client.Option: moonward.Option
---@field allows? (string|moonward.client.Entry)[] what it allows when it is set
---@field check? fun(value: any): any, string? reads its value at the start; a second result is what is wrong
---@field label? boolean its value is a label, for client.labelled
---@field powers? true|fun(value: any): string[] it lists powers to let through, or is made into such a list

---@class moonward.client.Description
---@field summary string
---@field always? (string|moonward.client.Entry)[]
---@field options? moonward.client.Option[]
---@field powers? string[]|false
---@field own? fun(object: table, options: table): any
---@field makes? fun(object: table, options: table): any
---@field shows? moonward.secrets.Shown
---@field start? fun(options: table)

local keys_of_policy = { "always", "makes", "options", "own", "powers", "shows", "start", "summary" }
local keys_of_entry = { "edit", "events", "only", "redact", "shows", "status", "when" }

local function check_key(key, known, what)
  for _, name in ipairs(known) do
    if name == key then
      return
    end
  end
  error(string.format("%s: unknown key '%s'%s", what, tostring(key), nearest.hint(tostring(key), known)), 0)
end

-- Operations ------------------------------------------------------------------------------------

local families, candidates = {}, {}
for name in pairs(operations.names) do
  candidates[#candidates + 1] = name
  for at in string.gmatch(name, "()%.") do
    local family = string.sub(name, 1, at) .. "*"
    families[family] = families[family] or {}
    table.insert(families[family], name)
  end
end

local function add_operations(list, item, what)
  if type(item) == "table" then
    for key in pairs(item) do
      if math.type(key) ~= "integer" then
        error(what .. ": a list inside an entry has operations only, not '" .. tostring(key) .. "'", 0)
      end
    end
    for _, inner in ipairs(item) do
      add_operations(list, inner, what)
    end
  elseif families[item] then
    table.move(families[item], 1, #families[item], #list + 1, list)
  elseif operations.names[item] then
    list[#list + 1] = item
  else
    error(string.format("%s: unknown operation '%s'%s", what, tostring(item),
      nearest.hint(tostring(item), candidates)), 0)
  end
end

-- Entries as { operations = {...}, when =, only =, redact =, edit =, option = }.
local function read_entries(entries, option, what)
  local found = {}
  for i, entry in ipairs(entries or {}) do
    local place = string.format("%s, entry %d", what, i)
    local read = { operations = {}, option = option and option.name, trace = traces.entry(place) }
    for key, value in pairs(type(entry) == "table" and entry or { entry }) do
      if math.type(key) == "integer" then
        add_operations(read.operations, value, place)
      else
        check_key(key, keys_of_entry, place)
        read[key] = value
      end
    end
    secrets.check(read.shows, place)
    found[i] = read
  end
  return found
end

-- Options ---------------------------------------------------------------------------------------

local function copy_of(map)
  local copy = {}
  for key, value in pairs(map) do
    copy[key] = value
  end
  return copy
end

local function is_set(options, option)
  local value = options[option.name]
  return value and value ~= "" and value ~= 0 and (type(value) ~= "table" or #value > 0)
end

-- What the core is told of an option, which does not know of our keys.
local function declared(option)
  option = copy_of(option)
  option.allows, option.label, option.powers, option.check = nil, nil, nil, nil
  return option
end

-- Judging ---------------------------------------------------------------------------------------

-- One operation of an entry, once the options are known: what is asked of a request, and what
-- moonward.allow is told.
local function rule_of(entry, operation, options, shown)
  local rule = { when = entry.when, status = entry.status, entry = entry, shown = entry.shows or shown }
  rule.allow = { rule = entry.option, redact = client_answers.redact(entry, operation, options, shown) }
  local only, edit = entry.only, entry.edit
  if only and client_answers.is_filtered(operation) then
    rule.allow.only = function(object, kind)
      return only(object, options, kind)
    end
  elseif only and target.is_known(operation) then
    rule.only = only
  elseif only then
    error(string.format("%s is about no object that 'only' could be asked of; give it an entry of its own",
      operation), 0)
  end
  if edit then
    rule.allow.edit = function(object)
      return edit(object, options)
    end
  end
  client_answers.narrow_events(rule.allow, entry, operation, shown)
  return rule
end

local function add_rules(rules, entries, options, shown)
  for _, entry in ipairs(entries) do
    for _, operation in ipairs(entry.operations) do
      rules[operation] = rules[operation] or {}
      table.insert(rules[operation], rule_of(entry, operation, options, shown))
    end
  end
end

-- Whether a request is about an object that the predicate holds for, or about none that exists: of
-- that makes request.target a 404.
local function is_about(request, holds, options)
  local object = request.target
  if object then
    return holds(object, options, object.kind)
  end
  return request.id ~= nil and target.is_known(request.operation)
end

-- A pull of nothing is an import, which puts an image of the client's own under any name: it is judged as
-- what it is.
local function meaning_of(request)
  local is_import = request.operation == "image.pull" and (request.query.fromImage or "") == ""
  return is_import and "image.load" or request.operation
end

local function outside(request, hints)
  local operation = meaning_of(request)
  if not operation then
    return moonward.deny("unknown route")
  end
  return moonward.deny(buildkit.reason(request, operation .. " is not among the calls of this client"),
    { hint = hints[operation] })
end

--- A `when`: the request is about an object that the predicate holds for. What does not exist is
--- answered with 404.
---@param holds fun(object: moonward.Container, options: table, kind: string): any
---@param reason string of the denial, if it does not hold
---@return moonward.client.When
function client.target(holds, reason)
  return function(request, options)
    return is_about(request, holds, options), reason
  end
end

--- For `only`, and for client.target: the object has the label that an option names: "homepage.*", a glob,
--- or "crowdsec.enable=true", with this value. If the option is not set, none has it.
---@param option string name of an option with `label = true`
---@return fun(object: table, options: table): boolean
function client.labelled(option)
  local text, matches
  return function(object, options)
    if options[option] ~= text then
      text = options[option]
      matches = text ~= "" and label_pattern.compile(text) or nil
    end
    return matches ~= nil and matches(object.labels)
  end
end

--- Environments and steps of builds: for `redact` in other policies.
client.environment = secrets.paths_of { "environment", "build" }

local function check_value(name, _, message)
  if message then
    error("option " .. name .. ": " .. message, 0)
  end
end

local keys_of_more = { "edit", "only", "query" }

-- What moonward.allow is told if a `when` says more than the entry: the entry's edit first, then the other.
local function with_more(allow, more)
  local copy = copy_of(allow)
  for key, value in pairs(more) do
    check_key(key, keys_of_more, "the third result of when")
    local first = copy[key]
    if first and key ~= "edit" then
      error("an entry has '" .. key .. "', and its when another", 0)
    end
    copy[key] = first and function(body) first(body) value(body) end or value
  end
  return copy
end

local function verdict_of(state, rule, request, options, more_allowed)
  local is_partial = rule.entry.only ~= nil or more_allowed ~= nil and more_allowed.only ~= nil
  local why = client_answers.refusal(request, rule.shown, is_partial)
  if why then
    return moonward.deny(why)
  elseif rule.only and not is_about(request, rule.only, options) then
    return moonward.hide()
  end
  local refusal, more = state.refusal_of(request)
  if refusal then
    return moonward.deny(refusal, more)
  end
  traces.note(rule.entry.trace)
  local hold, allow = references.holder(request, state.own, options), rule.allow
  allow = more_allowed and with_more(allow, more_allowed) or allow
  return moonward.allow(hold and with_more(allow, { edit = hold }) or allow)
end

local function make_decide(state)
  return function(who, request, options)
    local reason, status, hint
    for _, rule in ipairs(state.rules[meaning_of(request)] or {}) do
      local holds, why, more = true, nil, nil
      if rule.when then
        holds, why, more = rule.when(request, options, who)
      end
      if holds then
        return verdict_of(state, rule, request, options, more)
      elseif why then
        reason, status, hint = why, rule.status, type(more) == "table" and more.hint or nil
      end
    end
    if reason then
      hint = hint or state.hints[request.operation]
      return moonward.deny(buildkit.reason(request, reason), { status = status, hint = hint })
    end
    return outside(request, state.hints)
  end
end

-- Which option would allow an operation.
local function add_hints(hints, option, entries)
  local text = "-" .. option.name .. (option.kind == "switch" and "" or "=...")
  for _, entry in ipairs(entries) do
    for _, operation in ipairs(entry.operations) do
      hints[operation] = hints[operation] or text
    end
  end
end

--- The option that lists powers that the policy lets through by default, to take some away;
--- client.allowpower() behind it adds to them.
---@param default string
---@return moonward.client.Option
function client.commonpower(default)
  return {
    name = "commonpower", env = "MOONWARD_COMMONPOWER", env_family = true, kind = "list",
    default = default, powers = true,
    help = "Powers that anything it creates may have, none over the host; your own list takes its place.",
  }
end

--- The option that lists powers to let through besides those.
---@return moonward.client.Option
function client.allowpower()
  return {
    name = "allowpower", env = "MOONWARD_ALLOWPOWER", env_family = true, kind = "list",
    powers = true, help = "Powers that what it creates may have: bind=/srv, port=8080, ...; commas between.",
  }
end

--- A policy, as its file returns it.
---@param description moonward.client.Description
---@return moonward.Policy
function client.policy(description)
  for key in pairs(description) do
    check_key(key, keys_of_policy, "client.policy")
  end
  secrets.check(description.shows, "client.policy")
  local always = read_entries(description.always, nil, "always")
  table.insert(always, { operations = calls.greeting, trace = "" })
  local options, of_option, state = {}, {}, {}
  for i, option in ipairs(description.options or {}) do
    options[i] = declared(option)
    of_option[i] = read_entries(option.allows, option, "option " .. tostring(option.name))
  end
  local function start(values)
    local rules, hints = {}, {}
    for i, option in ipairs(options) do
      local check = description.options[i].check or description.options[i].label and label_pattern.try
      if check then
        check_value(option.name, check(values[option.name]))
      end
      if is_set(values, option) then
        add_rules(rules, of_option[i], values, description.shows)
      else
        add_hints(hints, option, of_option[i])
      end
    end
    add_rules(rules, always, values, description.shows)
    state.rules, state.hints, state.own = rules, hints, description.own
    state.refusal_of = client_powers.read(description, values, is_set)
    if description.start then
      description.start(values)
    end
  end
  return { summary = description.summary, options = options, start = start, decide = make_decide(state) }
end

return client
