--- Tests of policies: decides requests in the sandbox of the daemon, with the daemon's own code.
---
---   local test = require "moonward.test"
---   local policy = test.policy("homepage.lua", { homepagelabel = "homepage.name" })
---   assert.is_true(policy:decide { method = "GET", path = "/_ping" }.allowed)
---
--- Start reading at test.policy() and Policy:decide().
local calendar = require "moonward.calendar"
local engine = require "moonward.test_engine"
local native = require "moonward.native"
local known = require "moonward.test_keys"
local purity = require "moonward.test_purity"

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
  local keys = {}
  for key in pairs(map) do
    keys[#keys + 1] = key
  end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  return keys
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
    pair[1] = pair[1]:lower()
  end
  return list
end

--- Loads policies as `-policy a -policy b` does, and starts them.
---
--- `options` are the flags: { allowGET = "/_ping" }, lists by a table, or { "-allowGET=/_ping" }.
---@param names string|string[] names of policies, or paths of files
---@param options? table
---@param settings? moonward.test.Settings
---@return moonward.test.Policy
function test.policy(names, options, settings)
  settings = settings or {}
  known.check("settings", settings, 2)
  known.check("limits", settings.limits, 2)
  local host = check(native.open(settings.limits or {}))
  for _, name in ipairs(type(names) == "table" and names or { names }) do
    check(host:load(name, settings.directory, false))
  end
  for _, name in ipairs(settings.selectable or {}) do
    check(host:load(name, settings.directory, true))
  end
  check(host:start(to_arguments(options or {}), to_environment(settings.environment or {})))
  if settings.remembers then
    host:remember(settings.remembers, REMEMBERED_BYTES)
  end
  local is_watched = host:is_pure() and not settings.remembers and not settings.selectable
  return setmetatable({ host = host, purity = is_watched and purity.new() }, Policy)
end

--- What the policies declare: { { name = , env = , kind = , initial = , help = , ... }, ... }
---@return table[]
function Policy:options()
  return self.host:options()
end

--- The lines that were logged so far: warnings and errors.
---@return string[]
function Policy:log()
  local lines = {}
  for line in string.gmatch(self.host:log(), "[^\n]+") do
    lines[#lines + 1] = line
  end
  return lines
end

local none = {}

-- An engine with the containers of a request. Its event stream opens when the containers are others.
function Policy:engine_of(request)
  local containers = request.containers or none
  if self.containers ~= containers then
    self.containers = containers
    self.engine = engine.new { containers = containers }
    self.host:tell "down"
  end
  return self.engine
end

function Policy:follow(decision, request)
  local served = self:engine_of(request)
  if not self.host:follows() then
    self.host:events_path "1.41"
    self.host:tell "open"
  end
  served:tell(self.host)
  decision:answer ""
end

--- Answers what a policy asks while it decides.
function Policy:answer(decision, request, kind, question)
  if kind == "body" then
    decision:answer(request.body or "")
  elseif kind == "address" then
    local addresses = (request.resolve or {})[question]
    if addresses then
      decision:answer(table.concat(addresses, "\n"))
    else
      decision:answer_failure("no such host")
    end
  elseif kind == "names" then
    local lines = {}
    for name in string.gmatch(question, "[^\n]+") do
      local found = (request.resolve or {})[name]
      lines[#lines + 1] = string.format("%s\t%s\t%s\n", name, found and "" or "no such host",
        table.concat(found or {}, " "))
    end
    decision:answer(table.concat(lines))
  elseif kind == "engine" or kind == "list" then
    question = string.match(question, "[^\n]*$") -- of a list, behind what it is
    local reply = (request.engine or {})[question] or {}
    local status, body = reply.status or reply.body and 200, reply.body or ""
    if not status and request.containers then
      status, body = self:engine_of(request):answer(question)
    end
    if status and kind == "list" then
      decision:answer_list(status, body)
    elseif status then
      decision:answer_engine(status, body)
    else
      decision:answer_failure("the spec has no answer of the engine for " .. question)
    end
  else
    self:follow(decision, request)
  end
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
function Policy:run(decision, request)
  local kind, question = decision:run()
  while kind ~= "done" do
    self:answer(decision, request, kind, question)
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

-- Decides one request: the verdict, and, of a policy that says it is pure and reads what it should not,
-- the place and what it read.
function Policy:decide_once(request)
  local client = request.client or {}
  local decision, message, status = self.host:decide {
    method = request.method or "GET",
    target = request.path,
    headers = to_headers(request.headers),
    now = seconds_of(request.now, 3),
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
  if not decision then
    return setmetatable({ allowed = false, status = status, reason = message, refused = true },
      known.verdict_meta)
  end
  local verdict = self:run(decision, request)
  local name = verdict.allowed and verdict.dockerfile
  if name then
    decision:dockerfile(request.dockerfile ~= nil, request.dockerfile or "it has no Dockerfile")
    verdict = self:run(decision, request)
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
  return setmetatable(verdict, known.verdict_meta), what, where
end

--- Decides one request. A request that is refused before any policy sees it gives a verdict with
--- the status and the reason of that. A key that is not in moonward.test.Request is an error, and so is one
--- that is read of the verdict and not in moonward.test.Verdict.
---@param request moonward.test.Request
---@return moonward.test.Verdict
function Policy:decide(request)
  known.check_case(request, 2)
  check(request.path, "a request needs a path")
  local verdict, what, where = self:decide_once(request)
  local broken = self.purity and not verdict.refused and self.purity:check(request, verdict, what, where,
    function(earlier) return (self:decide_once(earlier)) end)
  return broken and error(broken, 2) or verdict
end

return test
