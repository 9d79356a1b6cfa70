--- Holds a policy against two transcriptions of the program's rules, as lists for ordered_rules.lua: 'original',
-- as it is, and 'intended', with the holes closed. The policy has to fit the second in every row; where the two
-- differ is counted, by reason. Where HAProxy can run the original, it has to fit the first.
-- What rows() and side_by_side() return are cases for busted: { name =, run = }.

local assert = require "luassert"
local cases = require "spec.support.category_cases"
local daemon = require "spec.support.daemon"
local folder = require "spec.support.folder"
local haproxy = require "spec.support.haproxy"
local message = require "spec.support.message"
local ordered_rules = require "spec.support.ordered_rules"
local stream = require "spec.support.stream"
local test = require "moonward.test"
local upstream = require "spec.support.upstream"

local category_program = {}

---@class Program
---@field name string of the policy
---@field variables string[]
---@field defaults string[] variables that are on when none is set
---@field original fun(config: table, method: string, target: string): integer
---@field intended fun(config: table, method: string, target: string): integer

local function say(config, request)
  return ("%s %s with %s"):format(request.method, request.target, config.name)
end

-- What moonward has to answer, in which way that is another answer than the original's, and the original's.
-- Nothing is let through that the original refuses.
local function expected(program, config, request)
  local original = program.original(config.on, request.method, request.target)
  local intended = request.refused and 400 or program.intended(config.on, request.method, request.target)
  if original == intended then
    return intended, nil, original
  elseif intended == 200 or not request.about then
    error(("%s: %d there and %d here"):format(say(config, request), original, intended))
  end
  local reason = original == 200 and request.about or "status"
  assert(cases.reasons[reason], reason)
  return intended, reason, original
end

local function count(counts, key)
  if key then
    counts[key] = (counts[key] or 0) + 1
  end
end

local function status_of(verdict)
  return verdict.allowed and 200 or verdict.status
end

-- All rows of one configuration; gives how many.
local function judge_all(program, config, environment, requests, counts)
  local policy = test.policy(program.name, {}, { environment = environment })
  for _, request in ipairs(requests) do
    local verdict = policy:decide { method = request.method, path = request.target }
    assert(not verdict.failed, verdict.reason)
    local wanted, difference = expected(program, config, request)
    if status_of(verdict) ~= wanted then
      error(("%s: %d and not %d"):format(say(config, request), status_of(verdict), wanted))
    end
    count(counts, difference)
  end
  return #requests
end

local function all_requests(methods)
  return ordered_rules.join(cases.routes(), cases.odd_requests(methods))
end

local function generated(program, differences)
  local requests, counts, rows = all_requests(cases.methods), {}, 0
  for _, config in ipairs(cases.configurations(program.variables)) do
    local environment = cases.environment(program.variables, config.on)
    rows = rows + judge_all(program, config, environment, requests, counts)
  end
  assert.is_true(rows > 150)
  assert.same(differences, counts)
end

local function by_default(program)
  local on = {}
  for _, variable in ipairs(program.defaults) do
    on[variable] = true
  end
  judge_all(program, { name = "defaults", on = on }, {}, all_requests(cases.methods), {})
end

local function declared(program)
  local found, wanted = {}, { table.unpack(program.variables) }
  for _, option in ipairs(test.policy(program.name):options()) do
    if not option.sets then
      found[#found + 1] = option.env:gsub("^GODOXY_", "")
    end
  end
  table.sort(found)
  table.sort(wanted)
  assert.same(wanted, found)
end

--- Over all generated rows. 'differences' are the counts that have to come out.
---@param program Program
---@param differences table<string, integer>
function category_program.rows(program, differences)
  return {
    { name = "answers as the rules say, for every variable, route and method",
      run = function() generated(program, differences) end },
    { name = "has the program's defaults when nothing is set", run = function() by_default(program) end },
    { name = "has exactly the program's variables", run = function() declared(program) end },
  }
end

-- Side by side ----------------------------------------------------------------------------------------

-- An engine that says yes.
local function answer(conn)
  local request = message.read_request(conn, 3600)
  while request do
    conn:send("HTTP/1.1 200 OK\r\nApi-Version: 1.43\r\nContent-Length: 2\r\n\r\n"
      .. (request.method == "HEAD" and "" or "OK"))
    request = message.read_request(conn, 3600)
  end
end

local function ask(address, request)
  local conn = assert(stream.connect(address))
  conn:send(("%s %s HTTP/1.1\r\nHost: docker\r\n\r\n"):format(request.method, request.target))
  local response = message.read_response(conn, 5, request.method)
  conn:close()
  return response and response.status, response
end

--- The variables as a list for a process.
function category_program.env(environment)
  local list = {}
  for name, value in pairs(environment) do
    list[#list + 1] = name .. "=" .. value
  end
  table.sort(list)
  return list
end

--- Starts HAProxy in front of an engine that says yes, and moonward too unless it would not start; calls 'body'
-- with their addresses, and ends them.
---@param program Program
---@param rules table[] the original's
---@param env string[] of HAProxy
---@param our_env string[]? nil: no moonward
---@param body fun(theirs: string, ours: string?)
function category_program.beside_haproxy(program, rules, env, our_env, body)
  local socket = folder.new() .. "/engine.sock"
  local engine = upstream.start(socket, answer)
  local theirs = haproxy.start(rules, socket, env)
  local ours = our_env and daemon.start({ "-policy=" .. program.name, "-socketpath=" .. socket }, { env = our_env })
  local fine, problem = pcall(body, theirs.address, ours and ours.unix)
  theirs:stop()
  if ours then
    ours:stop()
  end
  engine:stop()
  assert(fine, problem)
end

category_program.ask = ask

--- Starts moonward with nothing but variables, as a compose file would, on a port that is free; asks it for
-- /_ping at each of these addresses.
---@param name string
---@param variable string of the engine's socket
---@param env string[]
---@param hosts string[]
function category_program.is_all_it_takes(name, variable, env, hosts)
  local socket, port = folder.new() .. "/engine.sock", daemon.free_port()
  local engine = upstream.start(socket, answer)
  local all = daemon.flatten("MOONWARD_POLICY=" .. name, variable .. "=" .. socket, env)
  for i, text in ipairs(all) do
    all[i] = text:gsub("PORT$", tostring(port))
  end
  local ours = daemon.start({ "serve" }, { listen = false, env = all, await = ("tcp://%s:%d"):format(hosts[1], port) })
  local statuses = {}
  for i, host in ipairs(hosts) do
    statuses[i] = ask(("tcp://%s:%d"):format(host, port), { method = "GET", target = "/_ping" })
  end
  ours:stop()
  engine:stop()
  for _, status in ipairs(statuses) do
    assert.equal(200, status)
  end
end

local function compare(program, rules, config, requests, counts)
  local env = category_program.env(cases.environment(program.variables, config.on))
  category_program.beside_haproxy(program, rules, env, env, function(theirs, ours)
    for _, request in ipairs(requests) do
      local wanted, difference, original = expected(program, config, request)
      assert.equal(original, ask(theirs, request), "HAProxy, " .. say(config, request))
      local status, response = ask(ours, request)
      assert.equal(wanted, status, "moonward, " .. say(config, request))
      if wanted ~= 200 and request.method ~= "HEAD" then
        assert.is_truthy(response.body:find('^{"message": ?"moonward: .+"}%s*$'), response.body)
      end
      count(counts, difference)
    end
  end)
end

--- Every route and every odd path, asked of both programs. What each answers has to fit its rules.
---@param program Program
---@param rules table[] the original's
---@param configs { name: string, on: table }[]
---@param differences table<string, integer>
function category_program.side_by_side(program, rules, configs, differences)
  return {
    { name = "lets through what HAProxy with the original's rules lets through, but for what is intended",
      run = function()
        local counts, requests = {}, all_requests { "GET", "HEAD", "POST", "DELETE" }
        for _, config in ipairs(configs) do
          compare(program, rules, config, requests, counts)
        end
        assert.same(differences, counts)
      end },
  }
end

-- By hand -------------------------------------------------------------------------------------------

--- Cases of { variables, method, path, status }.
function category_program.answers(name, rows)
  local list = {}
  for i, row in ipairs(rows) do
    local variables, method, path, status = table.unpack(row)
    list[i] = { name = ("answers %d to %s %s with %s"):format(status, method, path,
      table.concat(category_program.env(variables), " ")) }
    list[i].run = function()
      local policy = test.policy(name, {}, { environment = variables })
      assert.equal(status, status_of(policy:decide { method = method, path = path }))
    end
  end
  return list
end

--- Cases of { variables, part of the message }: the start is stopped with it.
function category_program.stops(name, rows)
  local list = {}
  for i, row in ipairs(rows) do
    list[i] = { name = "does not start with " .. table.concat(category_program.env(row[1]), " ") }
    list[i].run = function()
      local fine, problem = pcall(test.policy, name, {}, { environment = row[1] })
      assert.is_false(fine)
      assert.is_truthy(problem:find(row[2], 1, true), problem)
    end
  end
  return list
end

--- Cases of { variables, lines of `moonward check` }: what the program's variables mean to the core. MOONWARD_POLICY
--- is set too, as in a compose file.
function category_program.checks(name, rows)
  local list = {}
  for i, row in ipairs(rows) do
    local shown = table.concat(category_program.env(row[1]), " ")
    list[i] = { name = ("has %s with %s"):format(table.concat(row[2], ", "), shown ~= "" and shown or "no variable") }
    list[i].run = function()
      local env = category_program.env(row[1])
      env[#env + 1] = "MOONWARD_POLICY=" .. name
      local result = daemon.run({ "check" }, { env = env, timeout = 10 })
      for _, line in ipairs(row[2]) do
        assert.is_truthy((result.stdout .. result.stderr):find(line, 1, true), result.stdout .. result.stderr)
      end
    end
  end
  return list
end

return category_program
