--- What specs have reached of the policies that they load, added up over files of specs, and in words.
local operations = require "moonward.operations"

local coverage = {}

local LISTED = 12 -- names of operations on a line

---@return table
function coverage.new()
  return { order = {}, policies = {}, hits = {} }
end

local function policy_of(all, name)
  local policy = all.policies[name]
  if not policy then
    policy = { name = name, sites = {}, seen = {}, allowed = {}, denied = {} }
    all.policies[name] = policy
    all.order[#all.order + 1] = name
  end
  return policy
end

local takes = {}

function takes.policy(all, name)
  policy_of(all, name)
end

function takes.site(all, name, place, hit, kind, text)
  local policy = policy_of(all, name)
  hit = hit .. "\t" .. kind
  if not policy.seen[hit] then
    policy.seen[hit] = true
    policy.sites[#policy.sites + 1] = { place = place, kind = kind, hit = hit, text = text }
  end
end

function takes.hit(all, place, kind)
  all.hits[place .. "\t" .. kind] = true
end

function takes.operation(all, name, operation, outcome)
  policy_of(all, name)[outcome][operation] = true
end

--- Adds the lines of one file of specs, see moonward.spec.reached.
---@param all table
---@param lines string
function coverage.add(all, lines)
  for line in string.gmatch(lines, "([^\n]*)\n") do
    local fields = {}
    for field in string.gmatch(line, "[^\t]+") do
      fields[#fields + 1] = field
    end
    local take = takes[fields[1]]
    if take then
      take(all, table.unpack(fields, 2))
    end
  end
end

local function count(set)
  local number = 0
  for _ in pairs(set) do
    number = number + 1
  end
  return number
end

-- The operations that no spec has asked this policy about.
local function never_asked(policy)
  local names = {}
  for _, entry in ipairs(operations.list) do
    if not policy.allowed[entry.name] and not policy.denied[entry.name] then
      names[#names + 1] = entry.name
    end
  end
  table.sort(names)
  return names
end

local function say_operations(policy, say)
  local never = never_asked(policy)
  local text = string.format("  operations: %d allowed, %d denied, %d never asked about",
    count(policy.allowed), count(policy.denied), #never)
  if #never > 0 then
    text = text .. ": " .. table.concat(never, ", ", 1, math.min(#never, LISTED))
      .. (#never > LISTED and ", ..." or "")
  end
  say(text .. "\n")
end

-- How many of a policy's verdicts were reached, in percent; rounded down, so that 100 means all.
local function say_policy(all, policy, say)
  local missing = {}
  for _, site in ipairs(policy.sites) do
    if not all.hits[site.hit] then
      missing[#missing + 1] = site
    end
  end
  local total = #policy.sites
  local percent = total == 0 and 100 or (total - #missing) * 100 // total
  say(string.format("%s: %d of %d verdicts reached, %d %%\n", policy.name, total - #missing, total, percent))
  for _, site in ipairs(missing) do
    say(string.format("  never reached: %s  %s\n", site.place, site.text))
  end
  say_operations(policy, say)
  return percent
end

--- Says what was reached and what not. False if it is less than it has to be.
---@param all table
---@param least integer percent
---@param say fun(text: string)
---@return boolean
function coverage.report(all, least, say)
  local fine = true
  table.sort(all.order)
  for _, name in ipairs(all.order) do
    local percent = say_policy(all, all.policies[name], say)
    if percent < least then
      say(string.format("FAILED %s: %d %% of its verdicts were reached; -min asks for %d\n", name, percent,
        least))
      fine = false
    end
  end
  return fine
end

return coverage
