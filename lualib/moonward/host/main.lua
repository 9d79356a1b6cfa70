--- The entry points that core/lua/host.c, containers.c and decision.c call.
local containers = require "moonward.host.containers"
local core = require "moonward.core"
local environment = require "moonward.host.environment"
local native = require "moonward.host.native"
local operations = require "moonward.operations"
local policy = require "moonward.host.policy"
local request_type = require "moonward.host.request"

local main = {}

local policies = {}

environment.close_metatables()
request_type.open()

--- The engine's own words for a thing that does not exist, by the operation's family.
local missing = {
  container = "No such container: %s",
  exec = "No such exec instance: %s",
  image = "No such image: %s",
  network = "network %s not found",
  volume = "get %s: no such volume",
}

local function words_of_engine(request)
  local family = string.match(request.operation or "", "^(%w+)%.")
  local words = missing[family]
  return words and request.id and string.format(words, request.id) or "page not found"
end

--- Loads a policy and returns its name, its options and its summary.
---@param name string
---@param directory? string
function main.load(name, directory)
  local loaded = policy.load(name, directory)
  for _, other in ipairs(policies) do
    if other.name == loaded.name then
      error("a policy of that name is loaded already", 0)
    end
  end
  policies[#policies + 1] = loaded
  return loaded.name, loaded.declared, loaded.summary
end

--- Starts one policy and returns the methods it asks for, and its decide.
---@param index integer
---@param values table<string, any>
function main.start(index, values)
  policy.start(policies[index], values)
  return policies[index].methods, policies[index].decide
end

--- What a route means. Called before the policies run.
main.find = operations.find

main.events, main.question = containers.events, containers.question
main.progress, main.tell = containers.progress, containers.tell

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

--- The body of a decision's coroutine: one denial denies; else one allowance allows. Returns the
--- ruling, the number of the policy, and the words for a ruling without any.
function main.decide(client, request)
  local allowed, by
  for index = 1, #policies do
    local current = policies[index]
    native.enter(index)
    local ruling = current.decide(client, request, current.options)
    if ruling ~= nil then
      local kind, words = judge(ruling, request)
      if kind ~= "allow" then
        return ruling, index, words, nil, nil, nil
      elseif not allowed then
        allowed, by = ruling, index
      end
    end
  end
  return allowed, by, nil, nil, nil, nil
end

return main
