--- What the registry has to ask the engine, one after the other, in the order in which it became due. A
--- question about a container whose answer does not come is set aside, and the next one is asked.
local core = require "moonward.core"

local questions = {}

-- Whoever comes from an address that might be a container's has all of them listed anew. A list that takes
-- long is followed by a pause ten times as long, up to a second, and all who wait share the next.
local CHEAP, PAUSE, MOST_PAUSE = 2000, 10, 1000000

---@class moonward.Questions
---@field asked moonward.Question? handed out, and not answered yet
---@field private aside table<string, moonward.Question> by path
---@field private unanswered table<string, true> ids of those that were, until an answer counts
---@field private queue moonward.Question[] from `first` to `final`
---@field private queued table<string, moonward.Question> by key
local Questions = {}
Questions.__index = Questions

---@class moonward.Question
---@field kind "networks"|"list"|"container"
---@field id string? of the container
---@field number integer
---@field began integer when it was handed out
---@field touched table<string, true> what events were about since then
---@field seen table<string, true> what the list had

---@return moonward.Questions
function questions.new()
  return setmetatable({
    aside = {}, unanswered = {}, queue = {}, first = 1, final = 0, queued = {}, number = 0, list_due = 0,
  }, Questions)
end

---@param kind string
---@param id? string
function Questions:add(kind, id)
  local key = id or kind
  if not self.queued[key] then
    self.number = self.number + 1
    local question = { kind = kind, id = id, key = key, number = self.number }
    self.queued[key] = question
    self.final = self.final + 1
    self.queue[self.final] = question
  end
end

--- Drops the question about a container that is gone.
---@param id string
function Questions:drop(id)
  local question = self.queued[id]
  if question then
    question.dropped, self.queued[id] = true, nil
  end
  for path, late in pairs(self.aside) do
    if late.id == id then
      self.aside[path] = nil
    end
  end
  self:answered(id)
end

--- Whether a question about a container waits, or its answer is on its way.
---@param id string
---@return boolean
function Questions:is_open(id)
  local found = self.queued[id] ~= nil or self.unanswered[id] ~= nil
    or self.asked ~= nil and self.asked.id == id
  for _, late in pairs(self.aside) do
    found = found or late.id == id
  end
  return found
end

--- An answer that is on its way may be from before what an event has just told.
---@param id string
---@return boolean is_on_its_way
function Questions:touch(id)
  local found = false
  if self.asked then
    self.asked.touched[id] = true
    found = self.asked.id == id
  end
  for _, late in pairs(self.aside) do
    late.touched[id] = true
    found = found or late.id == id
  end
  return found
end

function Questions:front()
  local front = self.queue[self.first]
  while front and (front.dropped or front.began) do
    self.queue[self.first] = nil
    self.first = self.first + 1
    front = self.queue[self.first]
  end
  return front
end

-- The first that may be asked: not a list that would come too soon after the one before.
function Questions:next()
  local front = self:front()
  if not front or front.kind ~= "list" or core.now() >= self.list_due then
    return front
  end
  for i = self.first + 1, self.final do
    local other = self.queue[i]
    if not other.dropped and not other.began then
      return other
    end
  end
end

--- The one to ask now; stays the same until finish().
---@param now integer microseconds since 1970
---@return moonward.Question?
function Questions:ask(now)
  local one = not self.asked and self:next()
  if one then
    self.asked = one
    self.queued[one.key] = nil
    one.began, one.touched, one.seen, one.handed = now, {}, {}, core.now()
  end
  return self.asked
end

---@return moonward.Question?
function Questions:finish()
  local asked = self.asked
  self.asked = nil
  if asked and asked.kind == "list" then
    local took = core.now() - asked.handed
    self.list_due = asked.handed + (took > CHEAP and math.min(MOST_PAUSE, took * PAUSE) or 0)
  end
  return asked
end

--- Others are asked while the answer to this one does not come.
---@param path_of fun(id: string): string
function Questions:set_aside(path_of)
  local asked = self.asked
  if asked and asked.kind == "container" then
    self.asked = nil
    self.aside[path_of(asked.id)] = asked
    self.unanswered[asked.id] = true
  end
end

---@param path string
---@return moonward.Question? question nil: it does not matter any more
function Questions:finish_aside(path)
  local late = self.aside[path]
  self.aside[path] = nil
  return late
end

--- What is known of a container is what the engine says.
---@param id string
function Questions:answered(id)
  self.unanswered[id] = nil
end

--- A container that the engine has been asked about, and says nothing of.
---@return string? id
function Questions:late()
  return (next(self.unanswered))
end

--- The number of the last question so far.
---@return integer
function Questions:last()
  return self.number
end

--- The number up to which all are answered, or set aside.
---@return integer
function Questions:settled()
  local asked, front = self.asked, self:front()
  return math.min(asked and asked.number - 1 or self.number, front and front.number - 1 or self.number)
end

return questions
