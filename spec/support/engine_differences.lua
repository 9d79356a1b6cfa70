--- Where engines differ in what a case of a spec shows of them, asked straight: one row for each. What moonward
-- makes of the case is the same on all of them, and so stands in the spec.

local engine = require "spec.support.engine"

local differences = {}

-- case: its name in the spec; from: the first engine that does it so; shows: what stands then where the spec has
-- the text of older engines. Those from 27.0 were seen in 28.5, and not in 26.1.
local rows = {
  -- Fields of HostConfig at the top of a body are none any more.
  { case = "privileged at the top", from = "27.0", shows = '"Privileged":false' },
  { case = "a bind at the top", from = "27.0", shows = '"Binds":null' },
  -- A list with something behind it is a line of words.
  { case = "an address in a list with something behind it", from = "27.0", shows = "file not found in build context" },
}

local function numbers(version)
  local major, minor = version:match "^(%d+)%.(%d+)"
  return tonumber(major) * 1000 + tonumber(minor)
end

--- What the engine of this run shows in this case, where `usual` is what older ones do.
---@param case string
---@param usual string
---@return string
function differences.shows(case, usual)
  for _, row in ipairs(rows) do
    if row.case == case and numbers(engine.version()) >= numbers(row.from) then
      return row.shows
    end
  end
  return usual
end

return differences
