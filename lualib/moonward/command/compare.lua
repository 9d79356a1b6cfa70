--- `moonward compare`: which requests two set-ups decide differently. Each side has policies, options and
--- variables of its own; the requests come from a file, or are all that the API knows.
---
--- Start reading at the end. The tools are described in core/command/script.h.
local client = require "moonward.command.client"
local samples = require "moonward.host.samples"
local setups = require "moonward.command.setups"
local usage_of = require "moonward.command.usage"

local DIFFERS = 4 -- exit status
local LONGEST_BODY = 60 -- of what is shown of a body
local LONGEST_PATH = 4095

local places = { "in front of -with", "behind -with" }
local usage = "compare: expected two set-ups with -with between them, as in\n"
  .. "    moonward compare CONTAINERS=1 -policy=tecnativa -with '-allowGET=/v1\\..+/containers/.*'"

local stop = setups.stop

-- Set-ups -------------------------------------------------------------------------------------

-- Where the second side begins; without -with there is still help.
local function find_with(words)
  local help
  for i, word in ipairs(words) do
    if word == "-with" or word == "--with" then
      return i
    elseif word == "-h" or word == "-help" or word == "--help" then
      help = #words + 1
    end
  end
  return help or stop(2, usage)
end

local function open(tools, n, words, inherited)
  local environment, options = setups.take_variables(words, inherited)
  local rest, message, status = tools.open(n, options, environment)
  if not rest and not message then
    tools.say(usage_of.text(tools.describe(n)))
    stop(status)
  elseif not rest then
    stop(status, string.format("compare: %s: %s", places[n], message))
  end
end

local function says_client(tools, n)
  return tools.is_given(n, "from") or tools.is_given(n, "listener") or tools.is_given(n, "label")
    or tools.is_given(n, "container")
end

local function paint(tools, n, from)
  local ok, result = pcall(client.paint, tools, n, from)
  if not ok and type(result) == "table" and result.message then
    result.message = string.format("compare: %s: %s", places[n], result.message)
  end
  return ok and result or error(result, 0)
end

-- What is said of the client on one side holds for both.
local function paint_clients(tools)
  local first = paint(tools, 1, says_client(tools, 1) and 1 or 2)
  return { first, paint(tools, 2, says_client(tools, 2) and 2 or 1) }
end

-- Requests ------------------------------------------------------------------------------------

-- The text of a file, and its name; or what the API knows.
local function read_requests(tools)
  local file = tools.text(1, "requests")
  file = file ~= "" and file or tools.text(2, "requests")
  if file == "" then
    return samples.text(), file
  end
  local text, message, status = tools.read("-requests", file)
  return text or stop(status, message), file
end

-- METHOD, [/v1.47]/PATH, and the body if there is one. What stands in brackets may be there or not.
local function read_line(line)
  local method, path, body = string.match(line, "^([^ \t]+)[ \t]+([^ \t]+)[ \t]*(.*)$")
  local version, rest = string.match(path or "", "^%[([^%]]*)%](.*)$")
  path = rest or path
  if not path or string.sub(path, 1, 1) ~= "/" or string.find(method .. path, "\0", 1, true) then
    return nil
  elseif #method + #path > LONGEST_PATH then
    stop(1, "-requests: a method, version or path that is too long: " .. string.sub(line, 1, 60) .. " ...")
  end
  return { method = method, version = version or "", path = path, body = body }
end

-- Calls visit(request) for each request of a text. Empty lines and those that begin with # are none.
local function each_request(text, file, visit)
  local number = 0
  for line in string.gmatch(text, "([^\n]*)\n?") do
    number = number + 1
    line = string.match(line, "^[ \t]*(.-)\r?$")
    if line ~= "" and string.sub(line, 1, 1) ~= "#" then
      visit(read_line(line) or stop(2, string.format("-requests %s, line %d: expected METHOD PATH, as in "
        .. 'GET /containers/json or POST [/v1.47]/containers/create {"Image":"busybox"}', file, number)))
    end
  end
end

-- Outcomes ------------------------------------------------------------------------------------

local outcomes = {
  denied = "denied", allowed = "allowed", filtered = "allowed, answer filtered", unknown = "not known",
}

local function kind_of(answer)
  if answer.failed then -- the engine is away, or something else
    return "unknown"
  end
  return not answer.allowed and "denied" or answer.filters and "filtered" or "allowed"
end

local function say_outcome(answer)
  local kind = kind_of(answer)
  local text = outcomes[kind]
  if kind == "denied" then
    text = text .. " with " .. answer.status .. (answer.reason ~= "" and " (" .. answer.reason .. ")" or "")
  end
  return text
end

local function pad(text, width)
  return text .. string.rep(" ", width - #text)
end

local function say_difference(request, path, pair)
  local body = request.body
  if body ~= "" then
    body = " " .. string.sub(body, 1, LONGEST_BODY) .. (#body > LONGEST_BODY and "..." or "")
  end
  return pad(request.method, 7) .. " " .. pad(path, 46) .. body .. "  " .. say_outcome(pair[1]) .. " -> "
    .. say_outcome(pair[2]) .. "\n"
end

-- Counts what a request comes to on both sides, and says where that differs.
local function report(tools, counts, request, path, pair)
  local first, second = kind_of(pair[1]), kind_of(pair[2])
  local unknown = first == "unknown" and pair[1] or second == "unknown" and pair[2]
  counts.total = counts.total + 1
  if first == second and not unknown then
    return
  end
  tools.say(say_difference(request, path, pair))
  local which = unknown and "unknown" or second == "denied" and "first" or first == "denied" and "second"
    or "filters"
  counts[which] = counts[which] + 1
  counts.why = counts.why or unknown and unknown.reason
end

local function say_sum(tools, counts)
  local differences = counts.first + counts.second + counts.filters
  if differences + counts.unknown == 0 then
    tools.say(string.format("all %d requests are decided alike\n", counts.total))
    return 0
  end
  tools.say(string.format("\n%d of %d requests are decided differently\n", differences, counts.total))
  tools.say(string.format("%6d  only the first allows\n%6d  only the second allows\n"
    .. "%6d  both allow, and one filters the answer\n", counts.first, counts.second, counts.filters))
  if counts.unknown > 0 then
    tools.say(string.format("%6d  cannot be told: %s\n", counts.unknown, counts.why))
  end
  return DIFFERS
end

-- The command ---------------------------------------------------------------------------------

-- Both sides' answers to a request.
local function judge(tools, clients, request, path)
  local one = { method = request.method, path = path, body = request.body }
  return { client.ask(tools, 1, one, clients[1]), client.ask(tools, 2, one, clients[2]) }
end

-- A request that may have a version is judged with and without; where that is all the same it is one.
local function compare_request(tools, clients, counts, request)
  local bare = judge(tools, clients, request, request.path)
  if request.version == "" then
    report(tools, counts, request, request.path, bare)
    return
  end
  local versioned, version = judge(tools, clients, request, request.version .. request.path), request.version
  if kind_of(bare[1]) == kind_of(versioned[1]) and kind_of(bare[2]) == kind_of(versioned[2]) then
    version = "[" .. version .. "]"
  else
    report(tools, counts, request, request.path, bare)
  end
  report(tools, counts, request, version .. request.path, versioned)
end

return setups.command(function(tools, words, environment)
  local with = find_with(words)
  open(tools, 1, { table.unpack(words, 1, with - 1) }, environment)
  open(tools, 2, { table.unpack(words, with + 1) }, {})
  local clients = paint_clients(tools)
  local counts = { total = 0, first = 0, second = 0, filters = 0, unknown = 0 }
  local text, file = read_requests(tools)
  each_request(text, file, function(request)
    compare_request(tools, clients, counts, request)
  end)
  return say_sum(tools, counts)
end)
