--- The entry points that core/lua/host.c, containers.c and decision.c call.
local body = require "moonward.host.body"
local builds = require "moonward.host.builds"
local changes = require "moonward.host.changes"
local config = require "moonward.host.config"
local containers = require "moonward.host.containers"
local core = require "moonward.core"
local dry_run = require "moonward.host.dry_run"
local environment = require "moonward.host.environment"
local native = require "moonward.host.native"
local operations = require "moonward.operations"
local policy = require "moonward.host.policy"
local identity = require "moonward.host.identity"
local request_type = require "moonward.host.request"
local selection = require "moonward.host.selection"
local target = require "moonward.host.target"

local main = {}

local policies = {}
local judging = {} -- the numbers of those that judge every client, in their order
local listeners -- of -config: by its name, who may connect and the numbers of its policies; nil: no -config
local alone -- the only one that is asked, in a dry run; nil: as clients' requests are
local is_dry_run = false

environment.close_metatables()
request_type.open()

--- The engine's own words for a thing that does not exist, and podman's.
local missing = {
  container = "No such container: %s",
  exec = "No such exec instance: %s",
  image = "No such image: %s",
  network = "network %s not found",
  volume = "get %s: no such volume",
}

local missing_for_podman = {
  container = 'no container with name or ID "%s" found: no such container',
  exec = 'no exec session with ID "%s" found: no such exec session',
  image = "%s: image not known",
  network = 'unable to find network with name or ID %s: network not found',
  volume = 'no volume with name "%s" found: no such volume',
}

local function words_of_engine(request)
  local kind, reference = target.named(request)
  local is_podman = string.find(request.operation or "", "^libpod%.") ~= nil
  local words = kind and (is_podman and missing_for_podman or missing)[kind]
  return words and string.format(words, reference) or "page not found"
end

local function find_policy(name)
  for index, loaded in ipairs(policies) do
    if loaded.name == name then
      return loaded, index
    end
  end
end

--- Loads a policy and returns its name, its options and its summary; nothing if it is one of -policy
--- that may also be selected.
---@param name string
---@param directory? string
---@param selectable boolean it judges only clients whose label chooses it
function main.load(name, directory, selectable)
  local loaded = policy.load(name, directory)
  local other = find_policy(loaded.name)
  selection.any = selection.any or selectable
  if other and selectable and not other.selectable and other.path == loaded.path then
    other.selectable = true -- and goes on judging those who choose none
    return nil
  elseif other then
    error("a policy of that name is loaded already", 0)
  end
  local index = #policies + 1
  policies[index] = loaded
  loaded.selectable, loaded.only = selectable, { index }
  if selectable then
    containers.want()
  else
    judging[#judging + 1] = index
  end
  return loaded.name, loaded.declared, loaded.summary
end

--- Reads the file of -config; returns what it says of the core, and its listeners.
---@param path string
---@param known table<string, true> names of the core's options
---@return string[][] values
---@return moonward.host.ConfiguredListener[] found
function main.configure(path, known)
  local configured = config.read(path, known)
  listeners = {}
  for i, listener in ipairs(configured.listeners) do
    local entry = { given = listener, from = listener.from, judging = {} }
    listeners[listener.name], listeners[i] = entry, entry
  end
  return configured.core, configured.listeners
end

--- Loads a policy of a listener of that file, and returns what main.load does, the listener's name, and what
--- the file sets the policy's options to.
---@param number integer of the listener
---@param place integer of the policy there
---@param directory? string
function main.load_configured(number, place, directory)
  local entry = listeners[number]
  local given = entry.given.policies[place]
  local ok, loaded = pcall(policy.load, given.name, directory)
  if not ok then
    error(given.where .. ": " .. tostring(loaded), 0)
  end
  local values = config.values(given, loaded.name, loaded.declared)
  policies[#policies + 1] = loaded
  loaded.only = { #policies }
  entry.judging[#entry.judging + 1] = #policies
  return loaded.name, loaded.declared, loaded.summary, entry.given.name, values
end

--- Starts one policy and returns the methods it asks for, whether it is pure, and its decide.
---@param index integer
---@param values table<string, any>
function main.start(index, values)
  policy.start(policies[index], values)
  return policies[index].methods, policies[index].pure, policies[index].decide
end

--- What a route means. Called before the policies run.
main.find = operations.find

--- For core/lua/dry_run.c: one synthetic request after the other, and what the engine would answer.
main.synthetic, main.reply = dry_run.request, dry_run.reply

--- From now on only this policy is asked; nil: all, as a client's request asks them.
---@param index integer?
function main.ask_alone(index)
  alone = index and policies[index].only
  is_dry_run = true
end

main.events, main.question = containers.events, containers.question
main.progress, main.tell, main.address = containers.progress, containers.tell, containers.address

local forgotten = {
  allow = "moonward.allow with conditions, or moonward.view, was called here and what it gave not returned:"
    .. " write return in front of it",
  deny = "moonward.deny was called here and its denial not returned: write return moonward.deny(...)",
  hide = "moonward.hide was called here and its denial not returned: write return moonward.hide()",
}

-- What a policy makes it has to return, else it said no and let the request through. 'ruling' is what it
-- returned.
local function check_returned(ruling)
  local where, kind = core.returned(ruling)
  if where then
    if where ~= "" then
      native.blame(where)
    end
    error(where .. (where ~= "" and ": " or "") .. forgotten[kind], 0)
  end
end

local function judge(ruling, request)
  local kind = core.kind(ruling)
  if kind == "hide" then
    return kind, words_of_engine(request)
  elseif not kind then
    native.blame_decide()
    error("decide returned a " .. type(ruling) .. "; return moonward.allow(), moonward.deny(reason),"
      .. " moonward.hide() or nothing", 0)
  end
  return kind
end

-- The policy that the client's container has chosen; or a denial, if that is none to choose from.
local function chosen(client)
  local container, labels = identity.of(client)
  local name = labels[selection.label]
  local loaded = find_policy(name)
  if name and not (loaded and loaded.selectable) then
    return nil, core.ruling("deny", 403, string.format(
      "label %s=%s of container %s names no policy that -selectable lists", selection.label, name,
      container.name))
  elseif name and identity.is_step_of_build(client) then
    return nil, core.ruling("deny", 403, string.format("label %s=%s of container %s counts for nothing: it is"
      .. " made of an image by its id, as the steps of builds are", selection.label, name, container.name))
  end
  return loaded and loaded.only or judging
end

local nobody = {} -- judges for a listener that nothing is known of

-- The policies of the client's listener; or a denial, if the client may not connect there.
local function of_listener(client)
  local listener = listeners[client.listener]
  local from = listener and not is_dry_run and listener.from
  if from and not client.uid and not from:has(client.address) then -- a user id means a Unix socket
    return nil, core.ruling("deny", 403, string.format("%s may not connect to listener %s (from)",
      client.address, client.listener))
  end
  return listener and listener.judging or nobody
end

-- The numbers of the policies that judge a client; or a denial, if none will.
local function judges_of(client)
  if alone then
    return alone
  elseif listeners then
    return of_listener(client)
  elseif selection.any then
    return chosen(client)
  end
  return judging
end

-- What main.decide returns when nothing goes on.
local function nothing(ruling, by, words)
  return ruling, by, words, nil, nil, nil, nil, nil, nil, nil, nil
end

-- An allowance names what was judged by its id. What did not exist when it was judged is not asked for:
-- by now something else may have that name.
local function settle(allowed, by, request, parts, quotes)
  if not allowed then
    return nothing(nil, by)
  end
  local is_missing, path, key, value = target.names(request)
  if quotes then
    parts = changes.quoting(request, parts, by)
  end
  if is_missing then
    return nothing(core.ruling("hide", 404, words_of_engine(request)), by)
  elseif not parts and not key and not (request.has_body and body.edited(request)) then
    -- By far the most frequent.
    return allowed, by, nil, path, nil, nil, nil, nil, nil, nil, nil
  end
  parts = parts or {}
  local query, edited = changes.query(parts, key, value), body.edited(request)
  check_returned(nil) -- of a function that was given for `edit`
  local answer, errors, rest = changes.filters(request, parts)
  local dockerfile, name = builds.judge(request, parts, check_returned)
  return allowed, by, words_of_engine(request), path, query, edited, answer, errors, rest, dockerfile, name
end

--- The body of a decision's coroutine: one denial denies; else one allowance allows. Returns the
--- ruling, the number of the policy, the words of a 404; and of an allowance the path and the query that
--- the request goes on with, the body to send instead, the filters of the answer, of an error and of what
--- stands beside lists, and the function that judges a build's Dockerfile, with the Dockerfile's name.
--- 'quotes': errors of the engine may quote what it read on the host.
function main.decide(client, request, quotes)
  local allowed, by, parts
  local judges, refusal = judges_of(client)
  if not judges then
    return nothing(refusal, 0)
  end
  for i = 1, #judges do
    local index = judges[i]
    local current = policies[index]
    native.enter(index)
    local ruling = current.decide(client, request, current.options)
    local allows, asked = core.take(ruling)
    if not allows then
      check_returned(ruling)
    end
    if ruling ~= nil then
      if not allows then
        local kind, words = judge(ruling, request)
        if kind ~= "allow" then
          return nothing(ruling, index, words)
        end
        asked = core.changes(ruling)
      end
      if asked then
        parts = parts or {}
        refusal = changes.take_all(request, asked, index, parts)
        if refusal then
          return nothing(refusal, index, words_of_engine(request))
        end
      end
      allowed, by = allowed or ruling, by or index
    end
  end
  return settle(allowed, by, request, parts, quotes)
end

return main
