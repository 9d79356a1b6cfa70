--- What -help and the reference pages say about options. They are tables as of core/lua/option_table.h.
local usage = {}

local COLUMNS, INDENT = 96, 6

local head = [[
moonward: lets through to the Docker Engine what a policy in Lua allows.

  moonward [serve] [options]
  moonward check [options]                    (-matrix: a table for review; moonward check -help)
  moonward explain [options] METHOD PATH      (more of it: moonward explain -help)
  moonward compare [VARIABLE=VALUE...] [options] -with [VARIABLE=VALUE...] [options]
                                              (what two set-ups decide differently)
  moonward test [options] [DIR or FILE...]    (specs of policies, *_spec.lua: moonward test -help)
  moonward policies [-policydir DIR] [NAME]   (all of them, or the text of one)
  moonward new NAME                           (a policy to begin with; moonward new -help)
  moonward healthcheck
  moonward help [markdown] [options]
  moonward version

Options are written -name=value, -name value or --name=value; a switch is -name or
-name=false. An option goes before its variable, a variable before the default.
]]

-- The option whose kind and bounds count: the one that this is another name of, if it is.
local function judge_of(options, option)
  for _, other in ipairs(option.sets and options or {}) do
    if other.name == option.sets then
      return other
    end
  end
  return option
end

--- A paragraph below an entry: indented, in lines of a fair length.
---@param text string
---@return string
function usage.wrap(text)
  local lines, line = {}, ""
  for word in string.gmatch(text, "[^ ]+") do
    if line ~= "" and #line + 1 + #word > COLUMNS - INDENT then
      lines[#lines + 1], line = line, ""
    end
    line = line == "" and word or line .. " " .. word
  end
  lines[#lines + 1] = line
  local indent = string.rep(" ", INDENT)
  return indent .. table.concat(lines, "\n" .. indent) .. "\n"
end

local function range(option)
  local is_number = option.kind == "number" or option.kind == "size"
  local unit = option.unit or ""
  local gap = option.unit and " " or ""
  if not is_number or option.min == 0 and option.max == 0 then
    return unit
  elseif option.max == 0 then
    return "at least " .. option.min .. gap .. unit
  end
  return option.min .. " to " .. option.max .. gap .. unit
end

-- A switch, and what takes the word "true" in its place, may come without a value.
local function may_lack(option, judge)
  for _, word in ipairs(option.words or {}) do
    if string.lower(word) == "true" then
      return true
    end
  end
  return judge.kind == "switch"
end

-- Text ----------------------------------------------------------------------------------------

local function entry(options, option)
  local judge = judge_of(options, option)
  local form = may_lack(option, judge) and "" or judge.form
  local out = {}
  local function add(format, ...)
    out[#out + 1] = string.format(format, ...)
  end
  if option.name ~= "" then
    add("  -%s%s%s", option.name, form ~= "" and " " or "", form)
  end
  if option.variables[1] then
    add("%s%s%s", option.name ~= "" and "   " or "  ", table.concat(option.variables, ", "),
      option.env_family and "[_...]" or "")
  end
  if option.initial and option.initial ~= "" then
    local unit = judge.unit and judge.kind == "number" and " " .. judge.unit or ""
    add("   (default %s%s)", option.initial, unit)
  end
  add "\n"
  if option.help then
    add("%s", usage.wrap(option.help))
  end
  if option.words then
    add("      Takes %s.\n", table.concat(option.words, ", "))
  end
  if option.sets then
    add("      %s -%s.\n", option.words and "Sets" or "Another name of", option.sets)
  end
  return table.concat(out)
end

local function add_all(out, options)
  local owner
  for _, option in ipairs(options) do
    if option.owner ~= owner then
      owner = option.owner
      out[#out + 1] = string.format("\nOptions of %s:\n", owner == "core" and "the core" or owner)
    end
    out[#out + 1] = entry(options, option)
  end
end

--- All options, grouped by owner, the command's own first; and what the policies are for.
---@param setup table as of core/lua/setup_table.h
---@return string
function usage.text(setup)
  local out = { head }
  add_all(out, setup.own)
  add_all(out, setup.options)
  if setup.policies[1] then
    out[#out + 1] = "\nPolicies:\n"
  end
  for _, policy in ipairs(setup.policies) do
    out[#out + 1] = "  " .. policy.name .. "\n" .. (policy.summary and usage.wrap(policy.summary) or "")
  end
  return table.concat(out)
end

-- Markdown ------------------------------------------------------------------------------------

-- A bar would end the cell.
local function cell(text)
  return (string.gsub(text, "|", "\\|"))
end

local function code(text)
  return text and text ~= "" and "`" .. cell(text) .. "`" or ""
end

local function takes(option, judge)
  if option.words then
    return table.concat(option.words, ", ")
  end
  local kinds = { octal = "mode", list = "text, repeatable" }
  local bounds = range(judge)
  return (kinds[judge.kind] or judge.kind) .. (option.commas and ", commas between" or "")
    .. (bounds ~= "" and ", " .. bounds or "")
end

local function variables(option)
  local out = {}
  for i, variable in ipairs(option.variables) do
    out[i] = code(variable .. (option.env_family and i == #option.variables and "[_...]" or ""))
  end
  return table.concat(out, ", ")
end

local function row(options, option)
  local does = option.help and cell(option.help) or ""
  if option.sets then
    does = does .. string.format(" %s `-%s`.", option.words and "Sets" or "Another name of", option.sets)
  end
  local flag = option.name ~= "" and code("-" .. option.name) or ""
  return string.format("| %s | %s | %s | %s | %s |\n", flag, variables(option), code(option.initial),
    takes(option, judge_of(options, option)), does)
end

--- The options of one owner as a table, for docs/. "" if it has none.
---@param options table[]
---@param owner string
---@return string
function usage.markdown(options, owner)
  local out = {}
  for _, option in ipairs(options) do
    if option.owner == owner then
      out[#out + 1] = row(options, option)
    end
  end
  return out[1] and "| option | variable | default | takes | what it does |\n"
    .. "| --- | --- | --- | --- | --- |\n" .. table.concat(out) or ""
end

return usage
