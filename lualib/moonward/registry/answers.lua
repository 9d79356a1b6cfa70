--- What the engine's answers change in the registry. An answer about something that an event was about
--- meanwhile is left out: the event has also had it asked again, where that is needed.
local container = require "moonward.registry.container"
local reply = require "moonward.reply"

local answers = {}

local item, whole = {}, {}

function item.networks(registry, asked, object)
  local id = reply.text(reply.table(object).Id)
  if not id or not reply.text(object.Name) then
    registry:complain "a network in the engine's list has no id or no name, and is left out"
  elseif not asked.touched[id] then
    asked.seen[id] = true
    registry:put_network(object)
  end
end

function item.list(registry, asked, object)
  local record, message = container.read(object)
  if not record then
    registry:complain("a container in the engine's list is left out: " .. message)
  elseif not asked.touched[record.id] then
    asked.seen[record.id] = true
    registry:put(record)
  elseif not registry:get(record.id) then
    registry.questions:add("container", record.id) -- or it is gone, which the answer will say
  end
end

function whole.networks(registry, asked)
  registry:keep_networks(asked.seen)
end

function whole.list(registry, asked)
  for id in pairs(asked.touched) do
    asked.seen[id] = true
  end
  registry:keep(asked.seen, asked.began)
end

function whole.container(registry, asked, status, text)
  local id = asked.id
  if asked.touched[id] then
    return
  end
  registry.questions:answered(id)
  if status == 404 then
    registry:remove(id)
    return
  end
  local object, message = container.decode(status == 200 and text or "null")
  local record, why = container.read(object)
  if not record or record.id ~= id then
    registry:spoil(id, status ~= 200 and "the engine answers " .. status .. " when asked about it"
      or message or why or "the engine's answer is about another one")
    return
  end
  registry:put(record)
  if asked.starts and not container.is_live(record) then
    registry.questions:add("container", id)
  end
end

--- Takes an element of the list that was asked for.
---@param registry moonward.Registry
---@param text string
---@return string? message it cannot be read
function answers.item(registry, text)
  local asked = registry.questions.asked
  if not asked or not item[asked.kind] then
    return "it was not asked for"
  end
  local object, message = reply.decode(text)
  if object == nil then
    return message
  end
  item[asked.kind](registry, asked, object)
end

--- Takes the end of an answer, or the whole of one that does not come in items.
---@param registry moonward.Registry
---@param status integer
---@param text string
---@return boolean ok false: a list is missing, and without it nothing can be known
function answers.finish(registry, status, text)
  local asked = registry.questions:finish()
  if not asked then
    registry:complain "an answer of the engine came that was not asked for, and is skipped"
  elseif item[asked.kind] and status ~= 200 then
    registry:complain(string.format("the engine answers %d when asked for its %s", status,
      asked.kind == "list" and "containers" or asked.kind))
    return false
  else
    whole[asked.kind](registry, asked, status, text)
  end
  return true
end

--- Takes the answer to a question that was set aside; none is asked for again.
---@param registry moonward.Registry
---@param path string without the prefix
---@param status integer 0: there is none
---@param text string
function answers.finish_aside(registry, path, status, text)
  local late = registry.questions:finish_aside(path)
  if late and status == 0 then
    registry.questions:add("container", late.id)
  elseif late then
    whole.container(registry, late, status, text)
  end
end

return answers
