--- What a set-up says to every operation, as a table for review that can be committed: it has no times, no
--- lines of code but those of errors, and always the same order. For `moonward check -matrix`.
---
--- A row is { operation, method, path, body, here, nowhere }; the last two are what is said to a container
--- without labels about what exists, and to nobody about what does not.
local samples = require "moonward.host.samples"
local setups = require "moonward.command.setups"

local matrix = {}

-- Making it -------------------------------------------------------------------------------------

local function verdict_of(one)
  if one.errs then
    return "error"
  elseif one.failed then
    return "unknown" -- only an engine could tell
  elseif one.allowed then
    return "allowed"
  end
  return one.hidden and "hidden" or "denied"
end

local function outcome_of(one)
  local verdict = verdict_of(one)
  local is_no = verdict ~= "allowed"
  return {
    verdict = verdict, policy = one.policy, status = is_no and one.status or nil,
    reason = is_no and one.reason or nil, where = verdict == "error" and one.where or nil,
    filtered = one.filters, edited = one.edits, asks_engine = one.asked_engine, reads_body = one.asked_body,
  }
end

-- Rows of one operation stand together.
local function by_operation(rows)
  local groups, order = {}, {}
  for _, row in ipairs(rows) do
    local group = groups[row.operation]
    if not group then
      group = {}
      groups[row.operation], order[#order + 1] = group, group
    end
    group[#group + 1] = row
  end
  local sorted = {}
  for _, group in ipairs(order) do
    for _, row in ipairs(group) do
      sorted[#sorted + 1] = row
    end
  end
  return sorted
end

--- A matrix that is to be filled by the cases of a dry run: add(case) for each, then rows().
---@param listener string whose policies count
function matrix.new(listener)
  local list, rows, at = samples.list(), {}, { [true] = 0, [false] = 0 }
  local made = {}

  function made.add(one)
    if not one.is_whole or one.listener ~= listener then
      return
    end
    local i = at[one.has_objects] + 1
    at[one.has_objects] = i
    local sample = list[i]
    rows[i] = rows[i]
      or { operation = one.operation, method = one.method, path = one.target, body = sample.body }
    rows[i][one.has_objects and "here" or "nowhere"] = outcome_of(one)
  end

  function made.rows()
    return by_operation(rows)
  end

  return made
end

-- Comparing -------------------------------------------------------------------------------------

local function same(a, b)
  return a.verdict == b.verdict and a.status == b.status and a.filtered == b.filtered
    and a.edited == b.edited
end

--- The rows that two set-ups decide differently: { operation, method, path, body, first, second }, where the
--- last two are rows. Words of denials do not count.
---@param first table[]
---@param second table[]
---@return table[]
function matrix.difference(first, second)
  local found = {}
  for i, row in ipairs(first) do
    local other = second[i]
    if not same(row.here, other.here) or not same(row.nowhere, other.nowhere) then
      found[#found + 1] = {
        operation = row.operation, method = row.method, path = row.path, body = row.body,
        first = row, second = other,
      }
    end
  end
  return found
end

-- Markdown --------------------------------------------------------------------------------------

local function cell(text)
  local special = { ["|"] = "\\|", ["<"] = "&lt;", [">"] = "&gt;", ["\\"] = "\\\\" }
  return (string.gsub(string.gsub(text, "%c+", " "), "[|<>\\]", special))
end

-- Inside of backticks only a bar is special.
local function code(text)
  return "`" .. string.gsub(text, "|", "\\|") .. "`"
end

local function words_of(outcome)
  local text = outcome.verdict
  if outcome.filtered then
    text = text .. ", answer filtered"
  end
  if outcome.edited then
    text = text .. ", body edited"
  end
  if text == "denied" and outcome.status ~= 403 then
    text = text .. " with " .. outcome.status
  end
  return cell(text .. (outcome.reason and outcome.reason ~= "" and ": " .. outcome.reason or ""))
end

local function asks(row)
  local list = {}
  list[#list + 1] = row.here.reads_body and "body" or nil
  list[#list + 1] = row.here.asks_engine and "engine" or nil
  return table.concat(list, ", ")
end

local function request(row)
  return code(row.method .. " " .. row.path .. (row.body ~= "" and " " .. row.body or ""))
end

-- Nothing where it is the same.
local function nowhere(row)
  return same(row.here, row.nowhere) and "" or words_of(row.nowhere)
end

local function both(row)
  local other = nowhere(row)
  return words_of(row.here) .. (other ~= "" and "; to nobody of nothing: " .. other or "")
end

local function settings(setup)
  local lines = {}
  for _, option in ipairs(setup.options) do
    if option.owner ~= "core" and option.given and not option.sets then
      local name = (option.name ~= "" and "-" or "") .. (option.name ~= "" and option.name or option.env)
      for _, value in ipairs(option.values or { option.value }) do
        lines[#lines + 1] = name .. "=" .. (option.secret and "(secret)" or value)
      end
    end
  end
  return lines
end

local function names(setup)
  local list = {}
  for i, policy in ipairs(setup.policies) do
    list[i] = policy.name
  end
  return list
end

local function say_setup(setup)
  local text = code(table.concat(names(setup), ", "))
  for i, line in ipairs(settings(setup)) do
    text = text .. (i == 1 and " with " or ", ") .. code(line)
  end
  return text
end

--- The whole as Markdown.
---@param setup table as of core/lua/setup_table.h
---@param rows table[]
---@return string
function matrix.markdown(setup, rows)
  local out = {
    "# What " .. say_setup(setup) .. " says to each operation\n\nThe client is a container without "
      .. "labels, and what it names exists. The last column is what is said to no container about what "
      .. "does not exist, where that differs.\n\n"
      .. "| operation | request | verdict | asks for | to nobody, of nothing |\n"
      .. "| --- | --- | --- | --- | --- |\n",
  }
  for _, row in ipairs(rows) do
    out[#out + 1] = string.format("| %s | %s | %s | %s | %s |\n", code(row.operation), request(row),
      words_of(row.here), asks(row), nowhere(row))
  end
  return table.concat(out)
end

--- A difference as Markdown.
---@param both_setups table[]
---@param rows table[] as of matrix.difference()
---@return string
function matrix.difference_markdown(both_setups, rows)
  local head = "# What " .. say_setup(both_setups[1]) .. " and " .. say_setup(both_setups[2])
  local out = { head .. " say differently\n\n" }
  if not rows[1] then
    out[#out + 1] = "Nothing.\n"
    return table.concat(out)
  end
  out[#out + 1] = "| operation | request | first | second |\n| --- | --- | --- | --- |\n"
  for _, row in ipairs(rows) do
    out[#out + 1] = string.format("| %s | %s | %s | %s |\n", code(row.operation), request(row),
      both(row.first), both(row.second))
  end
  return table.concat(out)
end

-- JSON ------------------------------------------------------------------------------------------

local function lines(list)
  local out = {}
  for i, one in ipairs(list) do
    out[i] = setups.json(one)
  end
  return "[\n" .. table.concat(out, ",\n") .. "\n]"
end

-- A list is one even if it is empty.
local function list_of(texts)
  return texts[1] and setups.json(texts) or "[]"
end

local function setup_json(setup)
  return '{"policies":' .. list_of(names(setup)) .. ',"options":' .. list_of(settings(setup)) .. "}"
end

--- The whole as JSON, a row on each line.
function matrix.json(setup, rows)
  return '{"setup":' .. setup_json(setup) .. ',"rows":' .. lines(rows) .. "}\n"
end

--- A difference as JSON, a row on each line.
function matrix.difference_json(both_setups, rows)
  local short = {}
  for i, row in ipairs(rows) do
    short[i] = {
      operation = row.operation, method = row.method, path = row.path, body = row.body,
      first = { here = row.first.here, nowhere = row.first.nowhere },
      second = { here = row.second.here, nowhere = row.second.nowhere },
    }
  end
  return '{"first":' .. setup_json(both_setups[1]) .. ',"second":' .. setup_json(both_setups[2])
    .. ',"rows":' .. lines(short) .. "}\n"
end

return matrix
