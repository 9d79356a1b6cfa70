--- What a Dockerfile refers to: images, addresses that the engine fetches, labels. As the classic builder
--- reads it, `docker build` with DOCKER_BUILDKIT=0. A policy gets it from an allowance of image.build:
---
---   return moonward.allow { dockerfile = function(dockerfile)
---     for _, image in ipairs(dockerfile.images) do
---       if image.reference ~= "debian:12" then
---         return moonward.deny("builds begin with debian:12, not with " .. image.reference)
---       end
---     end
---   end }
local json = require "moonward.json"
local held = require "moonward.dockerfile.held"
local lines = require "moonward.dockerfile.lines"
local words = require "moonward.dockerfile.words"

local dockerfile = {}

---@class moonward.Dockerfile
---@field text string
---@field instructions moonward.dockerfile.Instruction[]
---@field images moonward.dockerfile.Image[] of FROM and COPY --from; no stages and not scratch
---@field urls moonward.dockerfile.Url[] what ADD lets the engine fetch
---@field labels moonward.dockerfile.Label[]

---@class moonward.dockerfile.Image
---@field reference string with its variables replaced
---@field id? string for a policy to set, 64 hexadecimal digits: what the builder gets instead of the
--- reference, which may be another image's when it comes to it; of none that is `later`
---@field instruction "FROM"|"COPY --from"
---@field later boolean an ONBUILD names it: it counts when another build begins with this one's image
---@field platform boolean it asks for a platform, so that the engine may pull another image of this name
---@field line integer

---@class moonward.dockerfile.Url
---@field url string as it is written; with a variable it may be one
---@field line integer

---@class moonward.dockerfile.Label
---@field text string what follows LABEL
---@field line integer

---@class moonward.dockerfile.Settings
---@field buildargs? string the parameter of the build
---@field target? string the parameter of the build: stages behind this one do not count
---@field is_trigger? boolean it is an ONBUILD of an image

-- Variables ----------------------------------------------------------------------------------------

-- The builder knows these without ARG.
local PROXY = "_proxy$"

local function read_arguments(text)
  local given = {}
  if text and text ~= "" then
    -- In a field whose keys are data, so that A and a are two.
    local outer = json.decode('{"Options":' .. text .. "}")
    if not json.is_object(outer) or not json.is_object(outer.Options) then
      error({ text = "the build's buildargs cannot be read" }, 0)
    end
    for name, value in pairs(outer.Options) do
      given[name] = type(value) == "string" and value or nil
    end
  end
  return given
end

local reader = {}
reader.__index = reader

-- Of the ARGs in front of the first FROM; only these count in a FROM.
function reader:value_of(name, line)
  if string.find(string.lower(name), PROXY) then
    lines.fail(line, "names an image by the variable %s", name)
  elseif not self.declared[name] then
    return nil
  end
  return self.arguments[name] or self.defaults[name]
end

local function unquoted(value, line)
  local inside = string.match(value, "^\"([^\"]*)\"$")
  if not inside then
    inside = string.match(value, "^'([^'$]*)'$") or value
  end
  if string.find(inside, "[\"'\\`]") then
    lines.fail(line, "has an ARG in front of FROM whose quotes or escapes cannot be read")
  end
  return inside
end

function reader:arg(instruction)
  if self.stage > 0 then
    return
  end
  local line = instruction.line
  local found = words.split(instruction.rest)
  for _, word in ipairs(found) do
    local name, value = string.match(word, "^([%a_][%w_]*)(.*)$")
    if not name or value ~= "" and string.sub(value, 1, 1) ~= "=" or #found > 1 and value == "" then
      lines.fail(line, "has an ARG that cannot be read: %s", string.sub(word, 1, 80))
    elseif #found > 1 and string.find(value, "$", 1, true) then
      lines.fail(line, "has a variable in one of several ARGs; write an ARG of its own")
    end
    -- What stands for variables is replaced by those of the lines before.
    self.declared[name], self.defaults[name] = true, nil
    if value ~= "" then
      self.defaults[name] = words.expand(unquoted(string.sub(value, 2), line), function(other, at)
        return self:value_of(other, at)
      end, line)
    end
  end
end

-- Instructions -------------------------------------------------------------------------------------

function reader:add_image(reference, instruction, platform, line)
  if reference == "" or string.find(reference, "[^%w%p]") then
    lines.fail(line, "names no image that can be read")
  end
  local image = {
    reference = reference, instruction = instruction, platform = platform, line = line,
    later = self.later == true,
  }
  table.insert(self.found.images, image)
end

function reader:from(instruction)
  local flags, rest = words.flags(instruction, { platform = true })
  local list, line = words.split(rest), instruction.line
  local name = list[3] and string.lower(list[3])
  local is_named = #list == 3 and string.lower(list[2]) == "as" and string.find(name, "^%l[%l%d_.-]*$")
  if #list ~= 1 and not is_named then
    lines.fail(line, "is no FROM that can be read: FROM image, or FROM image AS name")
  elseif self.is_over then
    return
  end
  local reference = words.expand(list[1], function(other, at) return self:value_of(other, at) end, line)
  if not self.stages[string.lower(reference)] and reference ~= "scratch" then
    self:add_image(reference, "FROM", flags.platform ~= nil, line)
  end
  self.stage = self.stage + 1
  self.last = name -- a stage is known when it has ended
end

function reader:end_stage()
  if self.last then
    self.stages[self.last] = true
    self.last = nil
  end
end

-- Builders with and without here-documents disagree on the lines that follow. Newer ones allow blanks in
-- front of the word that ends one; and they take escapes out of what stands in braces behind a variable's
-- name, and then part it at blanks: "${x:- \<<END }" begins one.
local function check_document(instruction)
  local text = instruction.rest
  local is_odd = string.find(text, "<<", 1, true)
    and string.find(string.gsub(text, "%${[%w_]+}", ""), "${", 1, true)
  for word in string.gmatch(text, "%S+") do
    is_odd = is_odd or string.find(word, "^%d*<<") and not string.find(word, "^%d*<<<")
  end
  if is_odd then
    lines.fail(instruction.line, "has a here-document, or what some builder takes for one: write it with \\")
  end
end

function reader:copy(instruction)
  local from = words.flags(instruction, { from = true, chown = true }).from
  check_document(instruction)
  if not from or from == "" then
    return
  elseif string.find(from, "$", 1, true) then
    lines.fail(instruction.line, "has a variable in COPY --from; write the stage or the image")
  elseif not string.find(from, "^%d%d?%d?$") and (self.later or not self.stages[string.lower(from)]) then
    self:add_image(from, "COPY --from", false, instruction.line)
  end
end

function reader:add(instruction)
  local _, rest = words.flags(instruction, { chown = true })
  local list = words.list(rest, instruction.line)
  check_document(instruction)
  for index = 1, #list - 1 do
    if words.may_be_url(list[index]) then
      table.insert(self.found.urls, { url = list[index], line = instruction.line })
    end
  end
end

function reader.run(_, instruction)
  words.flags(instruction, {})
  check_document(instruction)
end

function reader:label(instruction)
  table.insert(self.found.labels, { text = instruction.rest, line = instruction.line })
end

-- It is carried out when a later stage begins with this one, or another build does, which has other stages.
function reader:onbuild(instruction)
  local name, rest = string.match(instruction.rest, "^(%a+)%s*(.*)$")
  name = name and string.lower(name)
  if not name or name == "from" or name == "onbuild" or name == "maintainer" then
    lines.fail(instruction.line, "has an ONBUILD that cannot be read")
  end
  self.later = true
  self:take { name = name, rest = rest, line = instruction.line }
  self.later = false
end

function reader:take(instruction)
  local read = self.reads[instruction.name]
  if self.stage == 0 and instruction.name ~= "arg" and instruction.name ~= "from" then
    lines.fail(instruction.line, "stands before the first FROM")
  elseif read and (not self.is_over or instruction.name == "from") then
    read(self, instruction)
  end
end

reader.reads = {
  add = reader.add, arg = reader.arg, copy = reader.copy, from = reader.from, label = reader.label,
  onbuild = reader.onbuild, run = reader.run,
}

-- Of two stages with one name builders take different ones; so the last one counts.
local function last_of(instructions, target)
  local last
  for index, instruction in ipairs(instructions) do
    local name = instruction.name == "from" and string.match(instruction.rest, "%s[Aa][Ss]%s+(%S+)$")
    if name and string.lower(name) == string.lower(target) then
      last = index
    end
  end
  return last
end

local function read(text, settings)
  local instructions = lines.read(text)
  if #instructions == 0 then
    error({ text = "the Dockerfile has no instruction" }, 0)
  elseif settings.is_trigger and (#instructions > 1 or instructions[1].name == "from") then
    error({ text = "an ONBUILD of the image is not one instruction" }, 0)
  end
  local found = { text = text, instructions = instructions, images = {}, urls = {}, labels = {} }
  local state = setmetatable({
    found = found, stage = settings.is_trigger and 1 or 0, stages = {}, declared = {}, defaults = {},
    arguments = read_arguments(settings.buildargs),
  }, reader)
  local last = settings.target and settings.target ~= "" and last_of(instructions, settings.target)
  for index, instruction in ipairs(instructions) do
    if instruction.name == "from" then
      state:end_stage()
      state.is_over = last and index > last
    end
    state:take(instruction)
  end
  if state.stage == 0 then
    error({ text = "the Dockerfile has no FROM" }, 0)
  end
  return found
end

--- Reads a Dockerfile; nil and a message with the line and what to do if that cannot be done with certainty.
---@param text string
---@param settings? moonward.dockerfile.Settings
---@return moonward.Dockerfile? dockerfile
---@return string? message
function dockerfile.read(text, settings)
  return lines.try(read, text, settings or {})
end

--- The text of a Dockerfile with the ids of the images that have one; nil if none has.
---@param file moonward.Dockerfile
---@param settings? moonward.dockerfile.Settings that it was read with
---@return string?
function dockerfile.held(file, settings)
  return held.text(file, function(text)
    return (dockerfile.read(text, settings))
  end)
end

return dockerfile
