--- The rules of another proxy as a list, asked from the top, and a small evaluator for it: what the specs hold
-- moonward's policies against. It shares no code with them. The same list can be written as HAProxy's rules.
--
-- A rule: say ("allow" or "deny"), status (of a denial, 403), and what must hold, all of it:
--   methods  one of these              others  none of these
--   path     a regex fits the path     on      this variable is on          off    this one is off

local core = require "moonward.core"

local ordered_rules = {}

--- What stands in front of every path of the originals' rules.
ordered_rules.version = [[^(/v[\d\.]+)?]]

local function set(words)
  local all = {}
  for word in (words or ""):gmatch("%S+") do
    all[word] = true
  end
  return all
end

--- A rule for each "section" or "section=VARIABLE" of a text.
---@param sections string
---@param before string what the regex has in front of the section
---@param behind string and behind it
---@param prefix? string of the variables
function ordered_rules.sections(sections, before, behind, prefix)
  local rules = {}
  for section in sections:gmatch("%S+") do
    local variable = section == "_ping" and "PING" or section:upper()
    rules[#rules + 1] = { say = "allow", path = before .. section .. behind, on = (prefix or "") .. variable }
  end
  return rules
end

--- Lists of rules, one after the other.
function ordered_rules.join(...)
  local all = {}
  for _, list in ipairs { ... } do
    table.move(list, 1, #list, #all + 1, all)
  end
  return all
end

-- As HAProxy's url_dec: nil where an escape is broken.
local function decode(path)
  local rest = path:gsub("%%%x%x", "")
  return not rest:find("%%") and path:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end) or nil
end

--- Makes the evaluator: verdict(config, method, target) gives a status, 200 for what is let through.
---@param rules table[]
---@param options? { fold: boolean, strip: string } whether case counts; a regex of what is not looked at
---@return fun(config: table<string, boolean>, method: string, target: string): integer
function ordered_rules.evaluator(rules, options)
  options = options or {}
  local prepared = {}
  for i, rule in ipairs(rules) do
    prepared[i] = {
      rule = rule, methods = rule.methods and set(rule.methods), others = rule.others and set(rule.others),
      regex = rule.path and core.regex((options.fold and "(?i)" or "") .. rule.path),
    }
  end
  local function holds(one, config, method, path)
    return (not one.methods or one.methods[method]) and not (one.others and one.others[method])
      and (not one.rule.on or config[one.rule.on]) and not (one.rule.off and config[one.rule.off])
      and (not one.regex or path and one.regex:find(path))
  end
  return function(config, method, target)
    local path = decode(target:match("^[^?]*"))
    if options.strip and path then
      path = path:gsub(options.strip, "")
    end
    for _, one in ipairs(prepared) do
      if holds(one, config, method, path) then
        return one.rule.say == "allow" and 200 or one.rule.status or 403
      end
    end
    return 403
  end
end

--- The same rules for HAProxy's frontend.
function ordered_rules.haproxy(rules)
  local lines = {}
  for i, rule in ipairs(rules) do
    local tests = {}
    tests[#tests + 1] = rule.methods and ("{ method %s }"):format(rule.methods)
    tests[#tests + 1] = rule.others and ("!{ method %s }"):format(rule.others)
    tests[#tests + 1] = rule.path and ("{ path,url_dec -m reg -i %s }"):format(rule.path)
    tests[#tests + 1] = rule.on and ("{ env(%s) -m bool }"):format(rule.on)
    tests[#tests + 1] = rule.off and ("!{ env(%s) -m bool }"):format(rule.off)
    lines[i] = ("  http-request %s %s"):format(rule.say, #tests > 0 and "if " .. table.concat(tests, " ") or "")
  end
  return table.concat(lines, "\n")
end

return ordered_rules
