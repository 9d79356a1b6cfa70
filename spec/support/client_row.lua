--- Cases that hold a policy against the row of its client: what the client calls is allowed, with a version
--- and without, and every other operation there is, is denied.
---
---   describe("traefik", function()
---     for _, case in ipairs(client_row("traefik", {
---       always = { "HEAD /_ping", "GET /containers/json", ... },
---       options = { traefikswarm = { "GET /services", ... }, fancyimage = { set = "a", "GET /images/json" } },
---       containers = { { name = "web", labels = { ... } } },
---     })) do
---       it(case.name, case.run)
---     end
---   end)
---
--- A request is "METHOD /path", or { "METHOD /path", body = "..." }. An option is set to true or `set`; its
--- requests are denied without it, and then allowed. `containers` are the engine's; what is denied is
--- asked about "web".
local assert = require "luassert"
local operations = require "moonward.operations"
local test = require "moonward.test"

local function request_of(row, containers)
  local text = type(row) == "table" and row[1] or row
  local method, path = text:match("^(%u+) (/%S*)$")
  assert(method, "no request: " .. tostring(text))
  return { text = text, method = method, path = path, body = type(row) == "table" and row.body or nil,
    containers = containers }
end

local function operation_of(request)
  local entry = operations.find(request.method, (request.path:gsub("%?.*", "")))
  return assert(entry, "no route: " .. request.text).name
end

-- Each request is asked as clients with and without negotiation do. A policy that errs denies, too, and
-- that is not meant.
local function expect(policy, request, allowed)
  for _, version in ipairs { "", "/v1.44" } do
    local verdict = policy:decide {
      method = request.method, path = version .. request.path, body = request.body,
      containers = request.containers,
    }
    local what = request.method .. " " .. version .. request.path .. ": " .. tostring(verdict.reason)
    assert.is_false(verdict.failed or false, what)
    assert.is_nil(verdict.refused, what)
    assert.equal(allowed, verdict.allowed, what)
  end
end

local function value_of(option)
  return option.set == nil and true or option.set
end

local no_routes = { "GET /new/thing", "POST /new/thing", "PUT /containers/json", "GET /containers/web/new" }

-- Every operation that no request names.
local function deny_the_rest(policy, named, containers)
  for _, entry in ipairs(operations.list) do
    if not named[entry.name] then
      expect(policy, request_of(entry.method .. " " .. entry.path:gsub("{%a+%.*}", "web"), containers), false)
    end
  end
  for _, text in ipairs(no_routes) do
    expect(policy, request_of(text, containers), false)
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

---@param name string of the policy
---@param row { always: table, options?: table<string, table>, containers?: table[] }
---@return { name: string, run: function }[]
return function(name, row)
  local cases, options = {}, row.options or {}
  local plain, all_set = test.policy(name), {}
  local named, named_always = {}, {}

  local function add(text, check, ...)
    local arguments = table.pack(...)
    cases[#cases + 1] = { name = text, run = function() check(table.unpack(arguments, 1, arguments.n)) end }
  end

  for _, one in ipairs(row.always) do
    local request = request_of(one, row.containers)
    named[operation_of(request)], named_always[operation_of(request)] = true, true
    add("allows " .. request.text, expect, plain, request, true)
  end
  for _, option in ipairs(sorted_keys(options)) do
    all_set[option] = value_of(options[option])
    local alone = test.policy(name, { [option] = all_set[option] })
    for _, one in ipairs(options[option]) do
      local request = request_of(one, row.containers)
      named[operation_of(request)] = true
      add(("denies %s without -%s"):format(request.text, option), expect, plain, request, false)
      add(("allows %s with -%s"):format(request.text, option), expect, alone, request, true)
    end
  end
  add("denies every other operation", deny_the_rest, plain, named_always, row.containers)
  if next(options) then
    local open = test.policy(name, all_set)
    add("denies every other operation, whatever the options", deny_the_rest, open, named, row.containers)
  end
  return cases
end
