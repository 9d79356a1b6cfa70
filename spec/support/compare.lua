--- Runs the same shell script straight to the engine and through moonward, and says what differs.

local engine = require "spec.support.engine"
local process = require "spec.support.process"
local quiet = require "spec.support.quiet"
local shared = require "spec.support.shared"

local compare = {}

local count = shared.once("compare.count", function() return { runs = 0 } end)

-- Ids and this run's names differ between two runs of the same command, and nothing else may.
local function scrub(text, name)
  text = text:gsub(name, "NAME"):gsub("\r", "")
  return (text:gsub("%x+", function(word)
    if #word == 64 or #word == 12 then
      return "ID"
    end
  end))
end

--- One run per way, all at the same time; one after the other with 'alone'.
--- In the script, $n is a name that no other run uses; docker knows where to go.
---@param case table {script=, stdin=, when=, terminal=, timeout=, alone=, except=}
---@return table[] results {way, code, stdout, stderr}
function compare.run(case)
  local runs = {}
  quiet.begin()
  for _, way in ipairs(engine.ways()) do
    count.runs = count.runs + 1
    local name = "n" .. count.runs .. way.name
    if way.name ~= case.except then
      local run = { way = way.name, name = name }
      run.process = process.start({ "sh", "-c", case.script },
        { env = engine.env(way.host, name), stdin = case.stdin, when = case.when,
          terminal = case.terminal })
      if case.alone then
        run.result = run.process:wait(case.timeout or 60)
      end
      runs[#runs + 1] = run
    end
  end
  local results = {}
  for i, run in ipairs(runs) do
    local result = run.result or run.process:wait(case.timeout or 60)
    result.way = run.way
    result.stdout = scrub(result.stdout, run.name)
    result.stderr = scrub(result.stderr, run.name)
    if case.redraws then
      -- How often a shell draws its prompt anew depends on when the resize arrives, in every way.
      result.stdout = result.stdout:gsub(case.redraws, "")
    end
    results[i] = result
  end
  return results
end

--- Asserts that all ways gave the same, and that this is what the case expects:
--- redraws: a pattern of what may come any number of times. Expected are:
--- code (0 if not given), stdout and stderr (exact), shows (text somewhere in stdout).
---@param case table
---@param assert table luassert
function compare.check(case, assert)
  local results = compare.run(case)
  local straight = results[1]
  local about = ("straight: exit %s\n%s%s"):format(straight.code, straight.stdout:sub(1, 2000),
    straight.stderr:sub(1, 2000))
  assert.equal(case.code or 0, straight.code, about)
  for _, name in ipairs({ "stdout", "stderr" }) do
    if case[name] then
      assert.is_true(case[name] == straight[name], about)
    end
  end
  if case.shows then
    assert.is_truthy(straight.stdout:find(case.shows, 1, true), about)
  end
  for i = 2, #results do
    local got = results[i]
    local what = ("%s\n%s: exit %s\n%s%s"):format(about, got.way, got.late and "late" or got.code,
      got.stdout:sub(1, 2000), got.stderr:sub(1, 2000))
    assert.equal(straight.code, got.code, what)
    assert.is_true(straight.stdout == got.stdout, what)
    assert.is_true(straight.stderr == got.stderr, what)
  end
end

return compare
