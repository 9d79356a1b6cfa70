--- Holds the images of a Dockerfile to what was judged: a name may stand for another image when the builder
--- comes to it, so the id stands there instead. The new text is read again, and must say nothing else that is
--- new. Start reading at held.text().
local lines = require "moonward.dockerfile.lines"
local words = require "moonward.dockerfile.words"

local held = {}

-- By instruction: what stands behind its name, with another image.
local forms = {}

function forms.from(flags, rest, image)
  local list = words.split(rest)
  return flags .. image.id .. (list[3] and " AS " .. list[3] or "")
end

function forms.copy(flags, rest, image)
  local from = "--from=" .. image.reference
  return string.gsub(flags, "%S+", function(word) return word == from and "--from=" .. image.id or word end)
    .. rest
end

local all = { platform = true, from = true, chown = true }

local function rest_of(instruction, image)
  local _, rest = words.flags(instruction, all)
  local flags = string.sub(instruction.rest, 1, #instruction.rest - #rest)
  return (forms[instruction.name](flags, rest, image))
end

-- By line: images that have an id.
local function images_of(file)
  local found, count = {}, 0
  for _, image in ipairs(file.images) do
    if image.id then
      if not string.find(image.id, "^%x+$") or #image.id ~= 64 then
        error(string.format("the id of %s is no image's: %s", image.reference, image.id), 0)
      elseif image.later then
        error(string.format("an ONBUILD cannot be held to the id of %s", image.reference), 0)
      end
      found[image.line], count = image, count + 1
    end
  end
  return found, count
end

-- Whether a text says the same but for these lines, and names these images.
local function says(file, new, rests)
  if not new or #new.instructions ~= #file.instructions or #new.images ~= #file.images then
    return false
  end
  for index, was in ipairs(file.instructions) do
    local is = new.instructions[index]
    if is.name ~= was.name or is.line ~= was.line or is.rest ~= (rests[was.line] or was.rest) then
      return false
    end
  end
  for index, was in ipairs(file.images) do
    local is = new.images[index]
    if is.reference ~= (was.id or was.reference) or is.line ~= was.line then
      return false
    end
  end
  return true
end

--- The text with ids where images have them; nil if none has. Raises an error if that cannot be written with
--- certainty.
---@param file moonward.Dockerfile
---@param read fun(text: string): moonward.Dockerfile?
---@return string?
function held.text(file, read)
  local images, count = images_of(file)
  if count == 0 then
    return nil
  end
  local list, rests = lines.split(file.text), {}
  for _, instruction in ipairs(file.instructions) do
    local image = images[instruction.line]
    if image then
      rests[instruction.line] = rest_of(instruction, image)
      list[instruction.line] = string.upper(instruction.name) .. " " .. rests[instruction.line] .. "\n"
      for at = instruction.line + 1, instruction.last do
        list[at] = "\n" -- what follows keeps its line
      end
    end
  end
  local text = table.concat(list)
  if not says(file, read(text), rests) then
    error("the Dockerfile cannot be held to its images", 0)
  end
  return text
end

return held
