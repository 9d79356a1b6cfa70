--- What a policy asks while moonward.test decides a request, answered as the spec's case says.
local engine = require "moonward.test_engine"

local asked = {}

local none = {}
local kinds = { "containers", "execs", "images", "networks", "volumes" }

-- An engine with the objects of a request. Its event stream opens when the containers are others.
local function engine_of(state, request)
  local is_same = state.engine ~= nil
  for _, kind in ipairs(kinds) do
    is_same = is_same and state[kind] == request[kind]
  end
  if not is_same then
    local objects = { containers = request.containers or none }
    for _, kind in ipairs(kinds) do
      state[kind], objects[kind] = request[kind], request[kind] or objects[kind]
    end
    state.engine = engine.new(objects)
    state.host:tell "down"
  end
  return state.engine
end

local function follow(state, decision, request)
  local served = engine_of(state, request)
  if not state.host:follows() then
    state.host:events_path "1.41"
    state.host:tell "open"
  end
  served:tell(state.host)
  decision:answer ""
end

-- Each answers one kind of what a policy asks while it decides.
local answers = {}

function answers.body(_, decision, request)
  decision:answer(request.body or "")
end

function answers.address(_, decision, request, question)
  local addresses = (request.resolve or {})[question]
  if addresses then
    decision:answer(table.concat(addresses, "\n"))
  else
    decision:answer_failure("no such host")
  end
end

function answers.names(_, decision, request, question)
  local lines = {}
  for name in string.gmatch(question, "[^\n]+") do
    local found = (request.resolve or {})[name]
    lines[#lines + 1] = string.format("%s\t%s\t%s\n", name, found and "" or "no such host",
      table.concat(found or {}, " "))
  end
  decision:answer(table.concat(lines))
end

-- What the spec says that the engine answers goes before what follows from its objects.
local function ask_engine(state, request, path)
  local reply = (request.engine or {})[path] or {}
  local status = reply.status or reply.body and 200
  if status then
    return status, reply.body or ""
  end
  for _, kind in ipairs(kinds) do
    if request[kind] then
      return engine_of(state, request):answer(path)
    end
  end
end

function answers.engine(state, decision, request, question)
  local status, body = ask_engine(state, request, question)
  if status then
    decision:answer_engine(status, body)
  else
    decision:answer_failure("the spec has no answer of the engine for " .. question)
  end
end

function answers.list(state, decision, request, question)
  local path = string.match(question, "[^\n]*$") -- behind what it is
  local status, body = ask_engine(state, request, path)
  if status then
    decision:answer_list(status, body)
  else
    decision:answer_failure("the spec has no answer of the engine for " .. path)
  end
end

--- Answers one question.
---@param kind string what the decision waits for
---@param state table of a policy: its host, and its engine so far
---@param decision table
---@param request moonward.test.Request
---@param question string
function asked.answer(kind, state, decision, request, question)
  (answers[kind] or follow)(state, decision, request, question)
end

return asked
