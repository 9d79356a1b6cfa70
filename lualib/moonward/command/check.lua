--- `moonward check`: is this set-up good, and what does it say? Opens no listener and serves nobody. Asks
--- the policies about every operation, since one that errs denies.
---
--- With -matrix it writes what they say to each, for review (matrix.lua); with -against, what two set-ups say
--- differently.
local client = require "moonward.command.client"
local core = require "moonward.core"
local matrix = require "moonward.command.matrix"
local setups = require "moonward.command.setups"

local RESOLVED = "192.0.2.1" -- what every host name has for an address in a dry run
local MOST_ERRORS = 20 -- different ones that are shown
local DIFFERS = 4 -- exit status

-- What it is -----------------------------------------------------------------------------------

local function say_listeners(tools, setup)
  tools.say "listeners\n"
  for _, l in ipairs(setup.listeners) do
    tools.say(table.concat {
      "  ", l.unix and "unix " or "tcp ", l.address, l.unix and string.format(", mode %04o", l.mode) or "",
      l.owner and ", owner " .. l.owner or "", l.group and ", group " .. l.group or "",
      l.name ~= l.address and ", called " .. l.name or "", "\n",
    })
  end
  tools.say("\nengine\n  " .. (setup.engine.unix and "unix " or "tcp ") .. setup.engine.address .. "\n")
end

-- One option as it would be given, an entry of a list a line.
local function say_option(tools, option)
  local name = (option.name ~= "" and "-" or "") .. setups.key(option)
  local from = "  (" .. option.origin .. ")\n"
  local values = option.values or { option.value }
  if #values == 0 or values[1] == "" then
    tools.say("  " .. name .. " is empty" .. from)
  elseif option.secret then
    tools.say("  " .. name .. " is secret, and set" .. from)
  else
    for _, value in ipairs(values) do
      tools.say("  " .. name .. " = " .. value .. from)
    end
  end
end

-- Of a file with several listeners: what each of its policies has.
local function say_policies(tools, setup)
  for _, policy in ipairs(setup.policies) do
    if policy.listener then
      tools.say(string.format("\npolicy %s of listener %s\n", policy.name, policy.listener))
    end
    for _, option in ipairs(policy.options or {}) do
      say_option(tools, option)
    end
  end
end

-- Only what somebody chose, of the core; all of a policy's, since the defaults are its rules too.
local function say_options(tools, setup)
  local owner
  for _, option in ipairs(setup.options) do
    if not option.sets and (option.owner ~= "core" or option.given) then
      if option.owner ~= owner then
        owner = option.owner
        tools.say(owner == "core" and "\noptions\n" or "\npolicy " .. owner .. "\n")
      end
      say_option(tools, option)
    end
  end
end

-- What the policies logged while they started, which is warnings. Returns how many lines.
local function say_log(tools)
  local log = tools.log()
  if log ~= "" then
    tools.say("\nlog of the policies\n" .. log)
  end
  return select(2, string.gsub(log, "\n", ""))
end

-- Asking the policies ---------------------------------------------------------------------------

-- An address that -allowfrom of the policies lets in, if there is such an option: the dry run is about what
-- clients may do, and not about who is none.
local function address_of(options)
  local from = options.allowfrom and options.allowfrom.value or "" -- somebody's own may be a list
  if from == "" then
    return "127.0.0.1"
  end
  local first = string.match(from, "^[^,/]*")
  return core.address(first) and first or RESOLVED
end

-- Notes what a case says of the policies: { errors = { { text =, request =, more = } }, left_off =, worst = }
local function note(found, one)
  local request = one.method .. " " .. one.target
  if one.is_whole and one.takes_over and one.allowed and not found.worst then
    found.worst = { request = request, does = one.does or "", policy = one.policy }
  end
  if not one.errs then
    return
  end
  local seen = found.by_text[one.reason]
  if seen then
    seen.more = seen.more or seen.request ~= request
  elseif #found.errors == MOST_ERRORS then
    found.left_off = found.left_off + 1
  else
    seen = { text = one.reason, request = request }
    found.errors[#found.errors + 1], found.by_text[one.reason] = seen, seen
  end
end

-- Asks set-up n; visit(case) sees each case as well.
local function ask_policies(tools, n, options, visit)
  local found = { errors = {}, by_text = {}, left_off = 0 }
  setups.need(tools.dry_run(n, address_of(options), function(one)
    note(found, one)
    visit(one)
  end))
  return found
end

local function say_errors(tools, found)
  for i, one in ipairs(found.errors) do
    tools.say((i == 1 and "\nerrors, each of them a denial\n" or "") .. "  " .. one.text .. "\n    at "
      .. one.request .. (one.more and " and others" or "") .. "\n")
  end
  if found.left_off > 0 then
    tools.say("  and more at " .. found.left_off .. " requests\n")
  end
end

-- Warnings --------------------------------------------------------------------------------------

local function is_loopback(listener)
  return string.sub(listener.host, 1, 4) == "127." or listener.host == "::1"
end

local function warn_unused(warn, setup, options)
  local has_endpoint = options.proxysocketendpoint.value ~= ""
  if not has_endpoint and options.proxysocketendpointfilemode.given then
    warn "-proxysocketendpointfilemode does nothing without -proxysocketendpoint"
  end
  if has_endpoint and (options.listenip.given or options.proxyport.given) then
    warn "-listenip and -proxyport do nothing with -proxysocketendpoint"
  end
  for _, variable in ipairs(setup.unread) do
    warn(variable .. " looks like a switch, and no policy in use reads it; MOONWARD_POLICY says which are "
      .. "used")
  end
  if options.stoponwatchdog.value == "true" and options.watchdoginterval.number == 0 then
    warn "-stoponwatchdog does nothing without -watchdoginterval"
  end
end

-- A listener that more than this machine reaches, and the default of an option that lets in nobody else:
-- everybody is denied, and the log is the first to say so.
local function warn_nobody(warn, setup, options)
  local from = options.allowfrom
  if not from or not from.value or from.given then
    return
  end
  for _, listener in ipairs(setup.listeners) do
    if not listener.unix and not is_loopback(listener) then
      warn(string.format("%s can be reached from elsewhere, and -allowfrom=%s, the default, denies whoever "
        .. "comes from there; -allowfrom says who may ask", listener.address, from.value))
    end
  end
end

local function warn_worst(warn, worst)
  if worst then
    warn(string.format("policy %s takes over the host for whoever may ask it: %s is allowed, which %s; add "
      .. "-policy=no-host-power, or trust every client as root", worst.policy, worst.request, worst.does))
  end
end

-- A list of texts.
local function find_warnings(tools, setup, options, found)
  local list = {}
  local function warn(text)
    list[#list + 1] = text
  end
  list[1] = tools.engine_fault(1)
  warn_unused(warn, setup, options)
  warn_nobody(warn, setup, options)
  warn_worst(warn, found.worst)
  return list
end

-- The report ------------------------------------------------------------------------------------

local function say_end(tools, has_errors, warnings, is_strict)
  if has_errors then
    tools.say "\nnot ok: a policy errs\n"
    return 1
  elseif warnings == 0 then
    tools.say "\nok\n"
    return 0
  end
  local count = warnings .. " warning" .. (warnings == 1 and "" or "s")
  tools.say(is_strict and "\nnot ok: " .. count .. ", and -strict\n" or "\nok, with " .. count .. "\n")
  return is_strict and 1 or 0
end

local function report(tools, is_strict)
  local setup = tools.describe(1)
  local options = setups.by_key(setup.options)
  say_listeners(tools, setup)
  say_options(tools, setup)
  say_policies(tools, setup)
  local lines = say_log(tools)
  local found = ask_policies(tools, 1, options, function() end)
  local warnings = find_warnings(tools, setup, options, found)
  for i, text in ipairs(warnings) do
    tools.say((i == 1 and "\nwarnings\n" or "") .. "  " .. text .. "\n")
  end
  say_errors(tools, found)
  return say_end(tools, found.errors[1] ~= nil, lines + #warnings, is_strict)
end

-- The matrix ------------------------------------------------------------------------------------

-- Set-up n and its rows, and what was found besides.
local function make_matrix(tools, n)
  local setup = tools.describe(n)
  local made = matrix.new(client.listener(setup, tools.text(n, "listener")).name)
  local found = ask_policies(tools, n, setups.by_key(setup.options), made.add)
  return setup, made.rows(), found
end

-- What -strict minds is no part of the matrix, which is the same everywhere.
local function complain_strictly(tools, setup, found)
  local warnings = find_warnings(tools, setup, setups.by_key(setup.options), found)
  for line in string.gmatch(tools.log(), "[^\n]+") do
    warnings[#warnings + 1] = line
  end
  for _, text in ipairs(warnings) do
    tools.complain(text)
  end
  return warnings[1] and 1 or 0
end

local function say_matrix(tools, is_json, is_strict)
  local setup, rows, found = make_matrix(tools, 1)
  tools.say((is_json and matrix.json or matrix.markdown)(setup, rows))
  for _, one in ipairs(found.errors) do
    tools.complain(one.text .. " at " .. one.request)
  end
  return found.errors[1] and 1 or is_strict and complain_strictly(tools, setup, found) or 0
end

local function say_difference(tools, is_json)
  local first, rows = make_matrix(tools, 1)
  local second, others = make_matrix(tools, 2)
  local found = matrix.difference(rows, others)
  tools.say((is_json and matrix.difference_json or matrix.difference_markdown)({ first, second }, found))
  return found[1] and DIFFERS or 0
end

-- The command -----------------------------------------------------------------------------------

-- The words of the set-up, and of the other one behind -against: a policy, or options with their variables in
-- front.
local function split(words)
  for i, word in ipairs(words) do
    local value = string.match(word, "^%-%-?against=(.*)$")
    if value or word == "-against" or word == "--against" then
      local other = { table.unpack(words, i + 1) }
      if value then
        table.insert(other, 1, value)
      end
      return { table.unpack(words, 1, i - 1) }, other
    end
  end
  return words
end

local function open_other(tools, words)
  local environment, options = setups.take_variables(words, {})
  if not words[1] then
    setups.stop(2, "check: expected a policy or options behind -against, as in\n"
      .. "    moonward check -matrix -policy=read-only -against dozzle")
  elseif options[1] and string.sub(options[1], 1, 1) ~= "-" then
    options[1] = "-policy=" .. options[1]
  end
  setups.open(tools, 2, options, environment)
end

-- A switch of the command's own, on whichever side it stands.
local function is_set(tools, name, has_other)
  for n = 1, has_other and 2 or 1 do
    if setups.by_key(tools.describe(n).own)[name].value == "true" then
      return true
    end
  end
  return false
end

return setups.command(function(tools, words, environment)
  local own, other = split(words)
  local ok, why = pcall(setups.open, tools, 1, own, environment)
  if not ok then
    say_log(tools)
    error(why, 0)
  elseif other then
    open_other(tools, other)
  end
  local is_json, is_strict = is_set(tools, "json", other), is_set(tools, "strict", other)
  if is_set(tools, "matrix", other) then
    return other and say_difference(tools, is_json) or say_matrix(tools, is_json, is_strict)
  elseif other or is_json then
    setups.stop(2, "check: -json and -against go with -matrix")
  end
  return report(tools, is_strict)
end)
