--- What the specs of one file have reached of the policies that they load: the lines that made verdicts, and
--- the operations that were decided. It goes to lualib/moonward/command/test.lua in lines, with tabs between:
---
---   policy NAME                     was loaded
---   site NAME FILE:LINE HIT TEXT    a call that makes a verdict; HIT has a tab in it
---   hit HIT                         such a call was made
---   operation NAME OPERATION OUTCOME
local sites = require "moonward.spec.sites"

local reached = {}

local opened, order, hits, operations = {}, {}, {}, {}

--- A policy was loaded.
---@param name string a name or a path
---@param directory? string where policies are looked for first
function reached.opened(name, directory)
  local key = name .. "\0" .. (directory or "")
  if not opened[key] then
    opened[key] = true
    order[#order + 1] = { name = name, directory = directory }
  end
end

--- A decision was made: takes the lines that are new since number 'from', and returns the last.
---@param host table
---@param from integer
---@param verdict moonward.test.Verdict
---@return integer
function reached.note(host, from, verdict)
  local text = host:traced(from + 1)
  while text do
    hits[text], from = text ~= "" or nil, from + 1
    text = host:traced(from + 1)
  end
  if verdict.policy ~= "" and verdict.operation then
    local outcome = verdict.allowed and "allowed" or "denied"
    operations[verdict.policy .. "\t" .. verdict.operation .. "\t" .. outcome] = true
  end
  return from
end

local function sorted(set)
  local list = {}
  for text in pairs(set) do
    list[#list + 1] = text
  end
  table.sort(list)
  return list
end

--- All of it.
---@param read fun(path: string): string?
---@return string
function reached.lines(read)
  local lines = {}
  local function add(...)
    lines[#lines + 1] = string.format(...) .. "\n"
  end
  for _, policy in ipairs(order) do
    local name, found = sites.of(policy.name, policy.directory, read)
    add("policy\t%s", name)
    for _, site in ipairs(found) do
      add("site\t%s\t%s\t%s\t%s", name, site.place, site.hit, site.text)
    end
  end
  for _, hit in ipairs(sorted(hits)) do
    add("hit\t%s", hit)
  end
  for _, operation in ipairs(sorted(operations)) do
    add("operation\t%s", operation)
  end
  return table.concat(lines)
end

return reached
