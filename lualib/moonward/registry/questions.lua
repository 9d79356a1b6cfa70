--- What the registry has to ask the engine, one after the other, in the order in which it became due.
local questions = {}

---@class moonward.Questions
---@field asked moonward.Question? handed out, and not answered yet
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
  return setmetatable({ queue = {}, first = 1, final = 0, queued = {}, number = 0 }, Questions)
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
end

--- An answer that is on its way may be from before what an event has just told.
---@param id string
function Questions:touch(id)
  if self.asked then
    self.asked.touched[id] = true
  end
end

function Questions:front()
  local front = self.queue[self.first]
  while front and front.dropped do
    self.queue[self.first] = nil
    self.first = self.first + 1
    front = self.queue[self.first]
  end
  return front
end

--- The one to ask now; stays the same until finish().
---@param now integer microseconds since 1970
---@return moonward.Question?
function Questions:ask(now)
  local front = not self.asked and self:front()
  if front then
    self.asked = front
    self.queue[self.first] = nil
    self.first = self.first + 1
    self.queued[front.key] = nil
    front.began, front.touched, front.seen = now, {}, {}
  end
  return self.asked
end

---@return moonward.Question?
function Questions:finish()
  local asked = self.asked
  self.asked = nil
  return asked
end

--- The number of the last question so far.
---@return integer
function Questions:last()
  return self.number
end

--- The number up to which all are answered.
---@return integer
function Questions:settled()
  local open = self.asked or self:front()
  return open and open.number - 1 or self.number
end

return questions
