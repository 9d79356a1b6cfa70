--- Cases that hold a policy against the row of its client: what the client calls is allowed, with a version
--- and without, and every other operation there is, is denied.
---
---   describe("traefik", function()
---     for _, case in ipairs(client_row("traefik", {
---       always = { "HEAD /_ping", "GET /containers/json", ... },
---       options = { traefikswarm = { "GET /services", ... }, fancyimage = { set = "a", "GET /images/json" } },
---       containers = { { name = "web", labels = { ... } } },
---       denied = { "POST /containers/other/start", ... },
---     })) do
---       it(case.name, case.run)
---     end
---   end)
---
--- A request is "METHOD /path", or { "METHOD /path", body = "..." }. An option is set to true or `set`; its
--- requests are denied without it, and then allowed. `containers` are the engine's, and `engine` its answers
--- about other objects (spec.support.answers); what is denied is asked about "web". `denied` stays denied with
--- all options set. `creates` makes containers: every power that a create can ask for is denied, but for those
--- of `may` (powers, or fragments of bodies in spec.support.powers):
---   { request = "POST /containers/create?name=x", with = '"Labels":{"a":"b"}', may = { "port" } }
--- `shown` are the names in the list of containers that the client sees, without any option.
local assert = require "luassert"
local operations = require "moonward.operations"
local powers = require "spec.support.powers"
local test_engine = require "moonward.test_engine"
local test = require "moonward.test"

local function request_of(row, engine)
  local text = type(row) == "table" and row[1] or row
  local method, path = text:match("^(%u+) (/%S*)$")
  assert(method, "no request: " .. tostring(text))
  return { text = text, method = method, path = path, body = type(row) == "table" and row.body or nil,
    containers = engine.containers, engine = engine.engine }
end

local function operation_of(request)
  local entry = operations.find(request.method, (request.path:gsub("%?.*", "")))
  return assert(entry, "no route: " .. request.text).name
end

-- What the engine answers to a request for one object; nil to all others.
local function answer_to(request)
  if request.method ~= "GET" then
    return nil
  end
  local known = request.engine and request.engine[request.path]
  if known then
    return known.status == 200 and known.body or nil
  end
  local status, body = test_engine.new { containers = request.containers }:answer(request.path)
  return status == 200 and body or nil
end

-- Each request is asked as clients with and without negotiation do. A policy that errs denies, too, and
-- that is not meant.
local function expect(policy, request, allowed)
  for _, version in ipairs { "", "/v1.44" } do
    local verdict = policy:decide {
      method = request.method, path = version .. request.path, body = request.body,
      containers = request.containers, engine = request.engine, answer = answer_to(request),
    }
    local what = request.method .. " " .. version .. request.path .. ": " .. tostring(verdict.reason)
    assert.is_false(verdict.failed or false, what)
    assert.is_nil(verdict.refused, what)
    assert.equal(allowed, verdict.allowed and verdict.answer_status ~= 404, what)
    assert.not_equal(502, verdict.answer_status, verdict.answer)
  end
end

local function value_of(option)
  return option.set == nil and true or option.set
end

local no_routes = { "GET /new/thing", "POST /new/thing", "PUT /containers/json", "GET /containers/web/new" }

-- Every operation that no request names.
local function deny_the_rest(policy, named, engine)
  for _, entry in ipairs(operations.list) do
    if not named[entry.name] then
      expect(policy, request_of(entry.method .. " " .. entry.path:gsub("{%a+%.*}", "web"), engine), false)
    end
  end
  for _, text in ipairs(no_routes) do
    expect(policy, request_of(text, engine), false)
  end
end

local function sorted_keys(map)
  local keys = {}
  for key in pairs(map) do
    keys[#keys + 1] = key
  end
  table.sort(keys)
  return keys
end

-- The list of containers shows these and no others.
local function expect_list(policy, row)
  local all = table.concat(test_engine.new { containers = row.containers }:items "/containers/json", ",")
  local verdict = policy:decide { path = "/containers/json", containers = row.containers, engine = row.engine,
    answer = "[" .. all .. "]" }
  local names = {}
  for name in verdict.answer:gmatch '%["/([^"]+)"%]' do
    names[#names + 1] = name
  end
  assert.same(row.shown, names)
end

-- The bodies that ask for a power each, made into creates of this client.
local function dangerous(creates)
  local list, may = {}, {}
  for _, one in ipairs(creates.may or {}) do
    may[one] = true
  end
  for _, row in ipairs(powers.rows) do
    if row.path:find("^/v[%d.]+/containers/create") and not may[row.power] and not may[row.fragment] then
      local with = creates.with and creates.with .. "," or ""
      list[#list + 1] = { creates.request, body = (row.body:gsub("^{", function() return "{" .. with end)) }
    end
  end
  return list
end

---@param name string of the policy
---@param row { always: table, options?: table<string, table>, containers?: table[], engine?: table,
---   denied?: table, creates?: table, shown?: string[] }
---@return { name: string, run: function }[]
return function(name, row)
  local cases, options = {}, row.options or {}
  local plain, all_set = test.policy(name), {}
  local named, named_always = {}, {}

  local function add(text, check, ...)
    local arguments = table.pack(...)
    cases[#cases + 1] = { name = text, run = function() check(table.unpack(arguments, 1, arguments.n)) end }
  end

  for _, one in ipairs { "HEAD /_ping", "GET /_ping", "GET /version", table.unpack(row.always) } do
    local request = request_of(one, row)
    named[operation_of(request)], named_always[operation_of(request)] = true, true
    add("allows " .. request.text, expect, plain, request, true)
  end
  for _, option in ipairs(sorted_keys(options)) do
    all_set[option] = value_of(options[option])
    local alone = test.policy(name, { [option] = all_set[option] })
    for _, one in ipairs(options[option]) do
      local request = request_of(one, row)
      named[operation_of(request)] = true
      add(("denies %s without -%s"):format(request.text, option), expect, plain, request, false)
      add(("allows %s with -%s"):format(request.text, option), expect, alone, request, true)
    end
  end
  add("denies every other operation", deny_the_rest, plain, named_always, row)
  if row.shown then
    add("lists only " .. table.concat(row.shown, ", "), expect_list, plain, row)
  end
  for _, one in ipairs(row.creates and dangerous(row.creates) or {}) do
    add("denies " .. one[1] .. " with " .. one.body, expect, plain, request_of(one, row), false)
  end
  local open = test.policy(name, all_set)
  for _, one in ipairs(row.denied or {}) do
    local request = request_of(one, row)
    add("denies " .. request.text .. (request.body and " with " .. request.body or ""), expect, open, request, false)
  end
  if next(options) then
    add("denies every other operation, whatever the options", deny_the_rest, open, named, row)
  end
  return cases
end
