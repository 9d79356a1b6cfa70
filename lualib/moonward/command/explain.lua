--- `moonward explain`: what would happen to a request, and why. The request goes through the same parser and
--- the same policies as one from a client; only the listener's part is played by options.
---
--- The tools are described in core/command/script.h.
local alternatives = require "moonward.command.alternatives"
local client = require "moonward.command.client"
local setups = require "moonward.command.setups"

local DENIED = 3 -- exit status
local HOST_POWER = 4 -- with the right fields it takes over the host
local TOO_LONG = "the body is longer than -maxbody, if a policy looks into it"

local usage = "explain: expected METHOD PATH, as in\n    moonward explain GET /containers/json -from 10.0.0.5"

local takes_body = { POST = true, PUT = true }

-- Lines of a name and what is said of it, which is left off where there is nothing to say.
local function new_page(tools)
  return function(name, text)
    if text and text ~= "" then
      tools.say(string.format("%-10s %s\n", name, text))
    end
  end
end

local function say_refusal(tools, status, reason)
  tools.say(string.format("refused with %d before any policy\n", status))
  new_page(tools)("reason", reason)
end

local function say_request(tools, answer)
  local say = new_page(tools)
  say("request", answer.method .. " " .. answer.target)
  say("operation", answer.operation ~= "" and answer.operation or "none: the route is unknown")
  say("client", answer.address .. (answer.address ~= "" and " on " or "on ") .. answer.listener)
end

local function sorted_keys(map)
  local keys = {}
  for key in pairs(map) do
    keys[#keys + 1] = key
  end
  table.sort(keys)
  return keys
end

-- What allowing it means, where no policy has looked at what it asks for.
local function beware(answer)
  local is_about_allowing = answer.allowed or answer.hint ~= ""
  return not answer.refused and answer.power >= HOST_POWER and is_about_allowing and not answer.looked
    and "this can take over the host: " .. answer.does
end

local function about_body(answer, body)
  if answer.looked then
    return "is held back until the policy has seen all of it"
  end
  return (answer.allowed or answer.failed) and body == "" and takes_body[answer.method]
    and "none was judged; -body FILE gives one"
end

local function say_verdict(tools, answer, body)
  local say = new_page(tools)
  tools.say(answer.allowed and "\nallowed\n"
    or string.format("\ndenied with %d%s\n", answer.status,
      answer.failed and ", since the policy failed" or ""))
  say("policy", answer.policy)
  say("rule", answer.rule)
  say("where", answer.where)
  say("reason", not answer.allowed and answer.reason)
  say("to allow", not answer.allowed and answer.hint)
  say("to allow", answer.allowed_by and "policies that do: " .. answer.allowed_by)
  say("beware", beware(answer))
  say("sent on as", answer.path)
  for _, key in ipairs(sorted_keys(answer.query or {})) do
    say("sent on as", key .. "=" .. answer.query[key])
  end
  say("body", answer.edits and "is sent on as the policy has edited it")
  say("answer", answer.filters and "is filtered")
  say("body", about_body(answer, body))
  if answer.body then
    tools.say("\nthe body as it goes on\n" .. answer.body .. "\n")
  end
end

-- What the client sees of the answer that was given.
local function say_answer(tools, answer)
  if answer.fault then
    tools.say("\nthe answer is ended: " .. answer.fault .. "\n")
  elseif answer.missing then
    tools.say("\nthe client gets 404: " .. answer.missing .. "\n")
  else
    tools.say("\nthe answer as the client sees it\n" .. answer.answer .. "\n")
  end
end

-- The text of the file that an option names, and nothing where it is too long; without it "".
local function read(tools, option, file, n)
  if file == "" then
    return ""
  end
  local text, message, status, is_too_long = tools.read("-" .. option, file, n)
  return text or not (is_too_long and n) and setups.stop(status, message) or nil
end

local function check_headers(lines)
  for _, line in ipairs(lines) do
    if not string.find(line, "^[^%c:%s]+:[^%c]*$") then
      setups.stop(2, string.format('-header: expected Name: value, got "%.99s"', line))
    end
  end
  return lines
end

-- What of an answer is no part of the JSON: it is said by other fields, or says nothing.
local function as_json(answer, has_answer)
  local copy = {}
  for key, value in pairs(answer) do
    if value ~= "" then
      copy[key] = value
    end
  end
  local is_shown = has_answer and answer.allowed and not answer.fault and not answer.missing
  copy.answer = is_shown and answer.answer or nil
  copy.status = not answer.allowed and answer.status or nil
  copy.beware = beware(answer) or nil
  return copy
end

local function say(tools, answer, body, is_json, has_answer)
  if is_json then
    tools.say(setups.json(as_json(answer, has_answer)) .. "\n")
  elseif answer.refused then
    say_refusal(tools, answer.status, answer.reason)
  else
    say_request(tools, answer)
    say_verdict(tools, answer, body)
    if has_answer and answer.allowed then
      say_answer(tools, answer)
    end
  end
  return answer.allowed and 0 or DENIED
end

return setups.command(function(tools, words, environment)
  local line = setups.open(tools, 1, words, environment)
  if #line ~= 2 then
    setups.stop(2, usage)
  end
  local own = setups.by_key(tools.describe(1).own)
  local is_json = own.json.value == "true"
  local request = {
    method = line[1], path = line[2], headers = check_headers(own.header.values),
    body = read(tools, "body", own.body.value, 1), answer = read(tools, "answer", own.answer.value),
  }
  if not request.body then
    return say(tools, { refused = true, allowed = false, status = 413, reason = TOO_LONG }, "", is_json)
  end
  local painted = client.paint(tools, 1, 1)
  local answer = client.ask(tools, 1, request, painted)
  answer.allowed = answer.allowed or false
  answer.allowed_by = alternatives.find(tools, request, painted, answer)
  return say(tools, answer, request.body, is_json, own.answer.value ~= "")
end)
