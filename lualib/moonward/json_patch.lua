--- Writes a document that was read and then changed, with the bytes of everything that nobody touched.
---
--- A table that was read knows its text, so that what is still the same is found by comparing, however it
--- was changed.

local core = require "moonward.core"
local json = require "moonward.json"
local json_writer = require "moonward.json_writer"

local json_patch = {}

--- Reads a text like json.decode. The function that comes with the value writes it as it is then; the
--- text itself if nothing was changed.
---@param text string
---@param how? "body"|"answer" an answer of the engine's may have more values
---@return any value
---@return (fun(): string)|string writer or, if the value is nil, what is wrong with the text
function json_patch.read(text, how)
  local value, message, single = core.json.read(text, how or "body")
  if message then
    return nil, message
  end
  text = single or text
  return value, function()
    if type(value) ~= "table" or value == json.null or core.json.source(value) then
      return text
    end
    return json_writer.encode(json, value, core.json.source)
  end
end

return json_patch
