--- The table of references as code asks it.
---
---   places.at("container.commit", "query.container")     the row; nil: nothing that names an object
---   places.of("container.create")                        all rows of an operation
---   places.target("container.start")                     the row of what a request is about: an object
---                                                        of a kind that targets have
local operations = require "moonward.operations"
local words = require "moonward.references.words"

local places = {}

---@class moonward.Reference
---@field operations string[]
---@field place string
---@field kind string
---@field form string
---@field when string
---@field held string
---@field power? string
---@field source string where in a request: "path", "query", "filters", "body", "header", "tar", "state"
---@field untried? string why `when` was not tried, where the engine resolves it later than it is judged
---@field key string what comes behind that: "container", "HostConfig.Binds[]"; "" for a path

--- Every row, in the order of the tables.
---@type moonward.Reference[]
places.list = {}

local by_operation, by_place, by_power = {}, {}, {}

local function check(row, column, value)
  for _, word in ipairs(words[column]) do
    if word[1] == value then
      return value
    end
  end
  error(string.format("%s %s: unknown %s '%s'", row[1], row[2], column, tostring(value)))
end

local function add_operation(entry, operation)
  assert(operations.names[operation], operation)
  local rows, of_place = by_operation[operation] or {}, by_place[entry.place] or {}
  by_operation[operation], by_place[entry.place] = rows, of_place
  assert(not of_place[operation], operation)
  of_place[operation], rows[#rows + 1] = entry, entry
  entry.operations[#entry.operations + 1] = operation
end

local late = { start = true, use = true, ["end"] = true }

---@param row table as in engine.lua
---@param untried? string of all rows of a table
local function add(row, untried)
  local source, key = string.match(row[2], "^(%a+)%.?(.*)$")
  local entry = {
    operations = {}, place = row[2], kind = row[3], power = row[7], key = key,
    source = check(row, "source", source), form = check(row, "form", row[4]),
    when = check(row, "when", row[5]), held = check(row, "held", row[6]),
  }
  untried = row.untried or untried
  entry.untried = untried and late[entry.when] and check(row, "untried", untried) or nil
  for operation in string.gmatch(row[1], "%S+") do
    add_operation(entry, operation)
  end
  places.list[#places.list + 1] = entry
  if entry.power then
    by_power[entry.power] = by_power[entry.power] or entry
  end
end

for _, row in ipairs(require "moonward.references.engine") do
  add(row)
end
for _, row in ipairs(require "moonward.references.libpod") do
  add(row, "podman")
end

---@param operation string?
---@return moonward.Reference[]
function places.of(operation)
  return by_operation[operation or ""] or {}
end

---@param operation string?
---@param place string
---@return moonward.Reference?
function places.at(operation, place)
  local of_place = by_place[place]
  return of_place and of_place[operation or ""]
end

--- Every place, as pairs of an operation and its row.
---@return { operation: string, row: moonward.Reference }[]
function places.all()
  local list = {}
  for _, row in ipairs(places.list) do
    for _, operation in ipairs(row.operations) do
      list[#list + 1] = { operation = operation, row = row }
    end
  end
  return list
end

--- Rows by where in a request they are, for tables that are made once.
---@param source string
---@param accepts? fun(row: moonward.Reference): boolean
---@return moonward.Reference[]
function places.from(source, accepts)
  local found = {}
  for _, row in ipairs(places.list) do
    if row.source == source and (not accepts or accepts(row)) then
      found[#found + 1] = row
    end
  end
  return found
end

-- Kinds that request.target can be, or lead to.
local kinds = { container = true, exec = true, image = true, network = true, volume = true }

--- What a request is about: the object that its path names, or a query that is held by its id.
---@param operation string?
---@return moonward.Reference?
function places.target(operation)
  local row = places.at(operation, "path") or places.at(operation, "query.container")
  return row and kinds[row.kind] and row.form ~= "new" and row.held ~= "refused" and row or nil
end

--- Kind and form of what a power of moonward.create names; nil if that is no object.
---@param power string
---@return moonward.Reference?
function places.of_power(power)
  return by_power[power]
end

return places
