--- `moonward explain`: what would happen to a request, and why. The request goes through the same parser and
--- the same policies as one from a client; only the listener's part is played by options.
---
--- The tools are described in core/command/script.h.
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
  return DENIED
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
  return answer.power >= HOST_POWER and is_about_allowing and not answer.looked
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
  say("beware", beware(answer))
  say("sent on as", answer.path)
  for _, key in ipairs(sorted_keys(answer.query or {})) do
    say("sent on as", key .. "=" .. answer.query[key])
  end
  say("body", answer.edits and "is sent on as the policy has edited it")
  say("answer", answer.filters and "is filtered")
  say("body", about_body(answer, body))
  return answer.allowed and 0 or DENIED
end

-- The text of the file, or nothing where it is too long.
local function read_body(tools)
  local file = tools.text(1, "body")
  if file == "" then
    return ""
  end
  local text, message, status, is_too_long = tools.read("-body", file, 1)
  return text or not is_too_long and setups.stop(status, message) or nil
end

return setups.command(function(tools, words, environment)
  local request = setups.open(tools, 1, words, environment)
  if #request ~= 2 then
    setups.stop(2, usage)
  end
  local body = read_body(tools)
  if not body then
    return say_refusal(tools, 413, TOO_LONG)
  end
  local answer = client.ask(tools, 1, { method = request[1], path = request[2], body = body },
    client.paint(tools, 1, 1))
  if answer.refused then
    return say_refusal(tools, answer.status, answer.reason)
  end
  say_request(tools, answer)
  return say_verdict(tools, answer, body)
end)
