--- `moonward test`: runs files of specs, each in a sandbox of its own, and says what became of them and which
--- verdicts they have reached.
---
--- The tools are described in core/command/script.h. Start reading at the end.
local coverage = require "moonward.spec.coverage"
local environment = require "moonward.spec.environment"
local setups = require "moonward.command.setups"
local usage = require "moonward.command.usage"

local LONGEST_FILE = 1 << 20
local counted = { "passed", "failed", "errors", "pending" }

-- The core options that say where policies are and what they may use.
local borrowed = { "policydir", "policymemory", "policyinstructions", "policytime", "policyhang" }

local function each_line(text)
  return string.gmatch(text, "([^\n]*)\n")
end

-- The files that the words of the command line mean, each once.
local function find_files(tools, words)
  local files, seen = {}, {}
  for _, word in ipairs(words) do
    local lines, message = tools.find_specs(word)
    if not lines then
      setups.stop(2, "test: " .. message)
    elseif lines == "" then
      setups.stop(2, "test: " .. word .. ": no file in there ends in _spec.lua")
    end
    for path in each_line(lines) do
      if not seen[path] then
        files[#files + 1], seen[path] = path, true
      end
    end
  end
  return files
end

-- Why a file is not run here; nil if it is.
local function needs_busted(tools, path)
  local text = tools.read("test", path)
  return text and #text <= LONGEST_FILE and environment.needs_busted(text) or nil
end

local function plural(count, word)
  return string.format("%d %s%s", count, word, count == 1 and "" or "s")
end

-- Runs one file and adds up what came of it.
local function run_file(tools, settings, path, sum)
  local reason = needs_busted(tools, path)
  if reason then
    tools.say(path .. ": left to busted: " .. reason .. "\n")
    sum.left = sum.left + 1
    return
  end
  local lines, message = tools.run_spec(1, path, settings.coverage)
  if not lines then
    tools.say("ERROR " .. path .. "\n  " .. message .. "\n")
    sum.errors = sum.errors + 1
    return
  end
  sum.files = sum.files + 1
  local cases = 0
  for i, count in ipairs { string.match(lines, "^count\t(%d+)\t(%d+)\t(%d+)\t(%d+)\n") } do
    count = math.tointeger(tonumber(count))
    sum[counted[i]], cases = sum[counted[i]] + count, cases + count
  end
  if cases == 0 then
    tools.say("ERROR " .. path .. "\n  there is no case in it: no it() was reached\n")
    sum.errors = sum.errors + 1
  end
  if settings.coverage then
    coverage.add(sum.coverage, lines)
  end
end

local function run_all(tools, settings, words)
  local sum = { files = 0, left = 0, passed = 0, failed = 0, errors = 0, pending = 0 }
  sum.coverage = coverage.new()
  for _, path in ipairs(find_files(tools, words)) do
    run_file(tools, settings, path, sum)
  end
  local fine = sum.failed + sum.errors == 0
  if settings.coverage then
    fine = coverage.report(sum.coverage, settings.min, tools.say) and fine
  end
  tools.say(string.format("%d passed, %d failed, %s, %d pending in %s%s\n", sum.passed, sum.failed,
    plural(sum.errors, "error"), sum.pending, plural(sum.files, "file"),
    sum.left > 0 and string.format(", %s left to busted", plural(sum.left, "file")) or ""))
  return fine and 0 or 1
end

local function stamp(tools, words)
  local parts = {}
  for i, word in ipairs(words) do
    parts[i] = tools.stamp(word) or "gone"
  end
  return table.concat(parts, "\n")
end

-- Runs them whenever something has changed, until somebody ends the process.
local function watch(tools, settings, words)
  while true do
    local before = stamp(tools, words)
    local ok, result = pcall(run_all, tools, settings, words)
    if not ok then
      tools.complain(type(result) == "table" and result.message or tostring(result))
    end
    tools.say "watching; Ctrl-C ends it\n"
    while stamp(tools, words) == before do
      tools.pause()
    end
    tools.say "\n"
  end
end

local function read_settings(tools)
  local own = setups.by_key(tools.describe(1).own)
  local covers = own.coverage.value == "true"
  if own.min.given and not covers then
    setups.stop(2, "-min says how many verdicts have to be reached; it needs -coverage")
  end
  return { watch = own.watch.value == "true", coverage = covers, min = own.min.number }
end

return setups.command(function(tools, words, environment_of_process)
  -- Variables of other options are none of this command's business, whatever is wrong with them.
  local rest, message, status = tools.open_bare(1, borrowed, words, environment_of_process)
  if not rest and not message then
    tools.say(usage.text(tools.describe(1)))
  end
  words = rest or setups.stop(status, message, status == 2)
  words = words[1] and words or { "." }
  local settings = read_settings(tools)
  return (settings.watch and watch or run_all)(tools, settings, words)
end)
