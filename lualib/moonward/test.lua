--- Tests of policies: decides requests in the sandbox of the daemon, with the daemon's own code.
---
---   local test = require "moonward.test"
---   local policy = test.policy("homepage.lua", { homepagelabel = "homepage.name" })
---   assert.is_true(policy:decide { method = "GET", path = "/_ping" }.allowed)
---
--- Start reading at test.policy() and Policy:decide().
local asked = require "moonward.spec.asked"
local calendar = require "moonward.calendar"
local engine = require "moonward.test_engine"
local keys = require "moonward.spec.keys"
local native = require "moonward.native"
local purity = require "moonward.test_purity"
local reached = require "moonward.spec.reached"
local verdicts = require "moonward.spec.verdicts"

local test = {}

local REMEMBERED_BYTES = 262144

---@class moonward.test.Policy
local Policy = {}
Policy.__index = Policy

---@class moonward.test.Request
---@field now? integer|string the time: seconds since 1970, or "2026-12-24T18:00" (UTC); the clock's without
---@field method? string "GET" if there is none
---@field path string as a client writes it, with version and query: "/v1.41/containers/json?all=1"
---@field headers? table<string, string>|string[][] by name; or a list of { name, value }
---@field body? string
---@field client? moonward.test.Client
---@field resolve? table<string, string[]> the addresses of host names
---@field dockerfile? string of a build, in its context; without it the context has none
---@field engine? table<string, { status: integer, body: string }> the engine's answers by path
---@field answer? string what the engine answers, to see what the client gets of it
---@field answer_status? integer 200 if there is none
---@field containers? moonward.test.Container[] the engine's containers; clients are known by address
---@field execs? moonward.test.Exec[] and its other objects: where a list is given, there are no others
---@field images? moonward.test.Image[]
---@field networks? moonward.test.Network[]
---@field volumes? moonward.test.Volume[]

---@class moonward.test.Client
---@field address? string none on a Unix socket
---@field port? integer
---@field listener? string
---@field container? moonward.test.Container who it is, whatever its address
---@field labels? table<string, string> the same, if only the labels count
---@field found? string for a connection's second request: `found` of the verdict on its first
---@field uid? integer with gid and pid, of who is at the other end of a Unix socket
---@field gid? integer
---@field pid? integer

---@class moonward.test.Verdict
---@field allowed boolean
---@field status integer of a denial
---@field reason string
---@field refused? boolean no policy saw it
---@field recalled? boolean the same was decided before, and no policy was asked (`remembers` of the settings)
---@field hidden boolean the answer says it does not exist
---@field failed boolean the policy erred
---@field policy string who decided
---@field rule string
---@field where string "homepage.lua:12"
---@field hint string
---@field headers? table<string, string> of a denial: fields of its answer, names in lower case
---@field operation? string "container.list"
---@field path? string what goes to the engine in place of the path, with the id of what was judged
---@field query? table<string, string> values that keys of the query have on the way to the engine
---@field dockerfile? string the name of the Dockerfile that a policy judged
---@field built? string what the builder gets in its place, if a policy has set ids of images
---@field found? string the id of the container that the connection belongs to from now on
---@field body? string what goes to the engine in place of the body, if a policy has edited it
---@field filters boolean the answer is filtered
---@field answer? string what the client sees of the request's `answer`
---@field log? string[] what was logged while it was decided
---@field answer_status? integer 200; 404: the object is hidden; 502: the filter failed

---@class moonward.test.Settings
---@field environment? table<string, string>
---@field directory? string -policydir
---@field selectable? string[] -selectable
---@field limits? { memory?: integer, instructions?: integer, burst_us?: integer } memory in bytes
---@field remembers? integer as a worker does, so many verdicts of pure policies

local function check(ok, message)
  if not ok then
    error(message, 3)
  end
  return ok
end

local function sorted_keys(map)
  local list = {}
  for key in pairs(map) do
    list[#list + 1] = key
  end
  table.sort(list, function(a, b) return tostring(a) < tostring(b) end)
  return list
end

--- Options as a table become the command line that says the same; a list is one already.
local function to_arguments(options)
  local arguments = { table.unpack(options) }
  for _, name in ipairs(sorted_keys(options)) do
    local value = options[name]
    if type(name) == "string" then
      for _, one in ipairs(type(value) == "table" and value or { value }) do
        arguments[#arguments + 1] = "-" .. name .. "=" .. tostring(one)
      end
    end
  end
  return arguments
end

local function to_environment(variables)
  local environment = {}
  for _, name in ipairs(sorted_keys(variables)) do
    environment[#environment + 1] = name .. "=" .. variables[name]
  end
  return environment
end

--- Pairs from a map, or from a list of pairs.
local function to_pairs(map)
  local list = {}
  for _, key in ipairs(sorted_keys(map or {})) do
    local value = map[key]
    if type(value) == "table" then
      list[#list + 1] = { value[1], value[2] }
    else
      list[#list + 1] = { key, value }
    end
  end
  return list
end

local function to_headers(map)
  local list = to_pairs(map)
  for _, pair in ipairs(list) do
    pair[1] = string.lower(pair[1])
  end
  return list
end

-- What `moonward test` says before it runs a file: test.use().
local given = {}

-- What belongs to a policy: its host, its engine. Specs that run in a sandbox do not come by it.
local states = setmetatable({}, { __mode = "k" })

--- Called by lualib/moonward/spec/run.lua, before the specs of a file run.
---@param use { limits: table, directory?: string, folder: string, traces: boolean }
function test.use(use)
  given = use
end

-- The folder of the spec that calls, with its slash; nil if none does.
local function folder_of_spec()
  if given.folder then
    return given.folder
  end
  local inspect = debug and debug.getinfo
  for level = 3, inspect and 200 or 0 do
    local frame = inspect(level, "S")
    if not frame then
      break
    elseif string.find(frame.source, "^@.*_spec%.lua$") then
      return string.match(frame.source, "^@(.*/)") or ""
    end
  end
end

-- A path is relative to the spec that has it.
local function from_spec(path)
  local folder = string.sub(path, 1, 1) ~= "/" and folder_of_spec()
  if not folder or folder == "" or folder == "./" then
    return path
  end
  return folder .. string.gsub(path, "^%./", "")
end

local function is_path(name)
  return type(name) == "string" and string.find(name, "/", 1, true) or string.find(name, "%.lua$")
end

local function limits_of(own)
  local limits = { traces = given.traces }
  for _, from in ipairs { given.limits or {}, own or {} } do
    for name, value in pairs(from) do
      limits[name] = value
    end
  end
  return limits
end

-- Options that name a file name it from the spec, too.
local function with_paths(host, options)
  local copy = {}
  for name, value in pairs(options) do
    copy[name] = value
  end
  for _, option in ipairs(host:options()) do
    local value = option.kind == "file" and copy[option.name]
    if type(value) == "string" and value ~= "" then
      copy[option.name] = from_spec(value)
    end
  end
  return copy
end

--- Loads policies as `-policy a -policy b` does, and starts them. Paths are relative to the spec.
---
--- `options` are the flags: { allowGET = "/_ping" }, lists by a table, or { "-allowGET=/_ping" }.
---@param names string|string[] names of policies, or paths of files
---@param options? table
---@param settings? moonward.test.Settings
---@return moonward.test.Policy
function test.policy(names, options, settings)
  settings = settings or {}
  keys.check("settings", settings, 2)
  keys.check("limits", settings.limits, 2)
  local host = check(native.open(limits_of(settings.limits)))
  local directory = settings.directory and from_spec(settings.directory) or given.directory
  for i, list in ipairs { type(names) == "table" and names or { names }, settings.selectable or {} } do
    for _, name in ipairs(list) do
      local path = is_path(name) and from_spec(name) or name
      check(host:load(path, directory, i == 2))
      if given.traces then
        reached.opened(path, directory)
      end
    end
  end
  options = with_paths(host, options or {})
  check(host:start(to_arguments(options), to_environment(settings.environment or {})))
  local policy = setmetatable({}, Policy)
  if settings.remembers then
    host:remember(settings.remembers, REMEMBERED_BYTES)
  end
  local is_watched = host:is_pure() and not settings.remembers and not settings.selectable
  states[policy] = { host = host, traced = 0, purity = is_watched and purity.new() }
  if not given.folder then
    policy.host = host
  end
  return policy
end

local function state_of(policy)
  return states[policy]
    or error("expected what test.policy gives; write policy:decide { ... }, with a colon", 3)
end

--- What the policies declare: { { name = , env = , kind = , initial = , help = , ... }, ... }
---@return table[]
function Policy:options()
  return state_of(self).host:options()
end

--- Whether it asks to know who its clients are: moonward.watch_containers.
---@return boolean
function Policy:watches_containers()
  return state_of(self).host:wants_containers()
end

local function log_of(host, from)
  local lines = {}
  for line in string.gmatch(host:log(from), "[^\n]+") do
    lines[#lines + 1] = line
  end
  return lines
end

--- The lines that were logged so far: warnings and errors.
---@return string[]
function Policy:log()
  return log_of(state_of(self).host, 0)
end

-- What the client sees of the engine's answer, and its status: 404 when the one object is hidden, 502
-- when the answer cannot be filtered; then the answer is the reason.
local function answer_through(decision, text, status)
  if text == nil then
    return nil
  end
  local shown, words = decision:filter(text, status ~= nil and status >= 400)
  if not shown then
    return words, 502
  elseif shown == "" and words ~= "" and words ~= nil then
    return words, 404
  end
  return shown, status or 200
end

-- Runs a decision to its end, or to the next.
local function run(state, decision, request)
  local kind, question = decision:run()
  while kind ~= "done" do
    asked.answer(kind, state, decision, request, question)
    kind, question = decision:run()
  end
  return decision:verdict()
end

-- The time of a case.
local function seconds_of(now, level)
  if now == nil or math.type(now) == "integer" and now > 0 then
    return now
  end
  local seconds, message = calendar.moment(now, 0)
  return seconds or error("now: " .. message, level + 1)
end

local function open(host, request)
  local client = request.client or {}
  return host:decide {
    method = request.method or "GET",
    target = request.path,
    headers = to_headers(request.headers),
    now = seconds_of(request.now, 4),
    has_body = request.body ~= nil and request.body ~= "",
    address = client.address,
    port = client.port,
    listener = client.listener or "test",
    uid = client.uid,
    gid = client.gid,
    pid = client.pid,
    labels = client.labels and to_pairs(client.labels),
    container = client.container and engine.new():inspect(client.container),
    found = client.found,
  }
end

-- The verdict on a request that has come as far as a policy; and, of a policy that says it is pure and reads
-- what it should not, what it read and the place.
local function judge(state, decision, request)
  local verdict = run(state, decision, request)
  local name = verdict.allowed and verdict.dockerfile
  if name then
    decision:dockerfile(request.dockerfile ~= nil, request.dockerfile or "it has no Dockerfile")
    verdict = run(state, decision, request)
    verdict.dockerfile, verdict.built = name, verdict.allowed and decision:built() or nil
  end
  verdict.operation, verdict.found = decision:route().operation, decision:found()
  verdict.recalled = decision:recalled()
  if verdict.allowed then
    verdict.body = decision:body()
    verdict.answer, verdict.answer_status = answer_through(decision, request.answer, request.answer_status)
  end
  local what, where = decision:impure()
  decision:close()
  return verdict, what, where
end

local function decide_once(state, request)
  local written = state.host:log_size()
  local decision, message, status = open(state.host, request)
  if not decision then
    return setmetatable({ allowed = false, status = status, reason = message, refused = true }, keys.verdict)
  end
  local verdict, what, where = judge(state, decision, request)
  if state.host:log_size() > written then
    verdict.log = log_of(state.host, written)
  end
  if given.traces then
    state.traced = reached.note(state.host, state.traced, verdict)
  end
  return setmetatable(verdict, keys.verdict), what, where
end

--- Decides one request. A request that is refused before any policy sees it gives a verdict with
--- the status and the reason of that. A key that is not in moonward.test.Request is an error, and so is one
--- that is read of the verdict and not in moonward.test.Verdict.
---@param request moonward.test.Request
---@return moonward.test.Verdict
function Policy:decide(request)
  local state = state_of(self)
  keys.check_case(request, 2)
  check(request.path, "a request needs a path")
  local verdict, what, where = decide_once(state, request)
  local broken = state.purity and not verdict.refused and state.purity:check(request, verdict, what, where,
    function(earlier) return (decide_once(state, earlier)) end)
  return broken and error(broken, 2) or verdict
end

-- busted has its own assertions, which learn of verdicts here.
local has_busted, luassert = pcall(require, "luassert")
if has_busted then
  verdicts.register(luassert)
end

return test
