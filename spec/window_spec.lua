-- moonward.now and moonward.window, as policies use them; the clock is the case's.
local folder = require "spec.support.folder"
local test = require "moonward.test"

local place, count = folder.new(), 0

local function load(text)
  count = count + 1
  return test.policy(folder.write(place .. "/house" .. count .. ".lua", 'local moonward = require "moonward"\n' .. text))
end

local function window(description)
  return load("local open = moonward.window " .. description .. "\nreturn function()\n"
    .. 'return open() and moonward.allow() or moonward.deny "closed"\nend')
end

describe("moonward.window", function()
  -- 2026-11-27 is a Friday. The window, the moment (UTC), whether it is open
  for _, case in ipairs {
    { '{ days = "mon-fri" }', "2026-11-27", true },
    { '{ days = "mon-fri" }', "2026-11-27T23:59:59", true },
    { '{ days = "mon-fri" }', "2026-11-28", false },
    { '{ days = "mon-fri", zone = "-01:00" }', "2026-11-28T00:59", true },
    { '{ days = "mon-fri", zone = "+01:00" }', "2026-11-27T23:00", false },
    { '{ from = "08:00", to = "18:00" }', "2026-11-27T07:59:59", false },
    { '{ from = "08:00", to = "18:00" }', "2026-11-27T08:00", true },
    { '{ from = "08:00", to = "18:00" }', "2026-11-27T17:59:59", true },
    { '{ from = "08:00", to = "18:00" }', "2026-11-27T18:00", false },
    { '{ from = "08:00", to = "18:00", zone = "+02:00" }', "2026-11-27T06:00", true },
    { '{ from = "08:00", to = "18:00", zone = "+02:00" }', "2026-11-27T16:00", false },
    { '{ from = "00:00", to = "24:00" }', "2026-11-27T00:00", true },
    { '{ from = "22:00", to = "24:00" }', "2026-11-27T23:59:59", true },
    { '{ from = "22:00", to = "06:00", days = "fri" }', "2026-11-27T22:00", true },
    { '{ from = "22:00", to = "06:00", days = "fri" }', "2026-11-28T05:59", true },
    { '{ from = "22:00", to = "06:00", days = "fri" }', "2026-11-28T06:00", false },
    { '{ from = "22:00", to = "06:00", days = "fri" }', "2026-11-27T05:00", false },
    { '{ from = "22:00", to = "06:00", days = "mon" }', "2026-11-24T05:00", true },
    { '{ from = "22:00", to = "06:00", days = "sun" }', "2026-11-30T05:00", true },
    { '{ before = "2026-12-24" }', "2026-12-23T23:59:59", true },
    { '{ before = "2026-12-24" }', "2026-12-24", false },
    { '{ before = "2026-12-24", zone = "-01:00" }', "2026-12-24T00:30", true },
    { '{ after = "2026-12-24T18:00" }', "2026-12-24T17:59:59", false },
    { '{ after = "2026-12-24T18:00" }', "2026-12-24T18:00", true },
    { '{ after = "2026-11-27", before = "2026-11-28", days = "sat" }', "2026-11-27T12:00", false },
  } do
    it(("%s is %s at %s"):format(case[1], case[3] and "open" or "closed", case[2]), function()
      local verdict = window(case[1]):decide { path = "/_ping", now = case[2] }
      assert.is_false(verdict.failed)
      assert.equal(case[3], verdict.allowed)
    end)
  end

  -- what is written in line 2, the message
  for _, case in ipairs {
    { "moonward.window()", "moonward.window: expected { days = " },
    { "moonward.window {}", "moonward.window: expected { days = " },
    { 'moonward.window { day = "mon" }', "moonward.window: unknown key 'day'; did you mean 'days'?" },
    { 'moonward.window { ["until"] = "2026-12-24" }', "moonward.window: unknown key 'until'" },
    { 'moonward.window { days = "monday" }', "moonward.window: the day 'monday' is not known" },
    { 'moonward.window { from = "8:00", to = "18:00" }', "moonward.window: the time '8:00' cannot be read; write 08:30" },
    { 'moonward.window { from = "08:00" }', "moonward.window: from and to go together" },
    { 'moonward.window { from = "08:00", to = "08:00" }', "moonward.window: from and to are the same; a whole day" },
    { 'moonward.window { days = "mon", zone = "Europe/Berlin" }', "moonward.window: the zone 'Europe/Berlin' is not known;" },
    { 'moonward.window { before = "2026-02-30" }', "moonward.window: the moment '2026-02-30' cannot be read" },
    { 'moonward.window { after = "2026-02-02", before = "2026-02-01" }', "moonward.window: it ends before it begins" },
    { "moonward.now()", "moonward.now: call it in decide; before the first request it would stay as it is" },
    { 'moonward.window { days = "mon" }()', "moonward.now: call it in decide;" },
  } do
    it("does not load: " .. case[1], function()
      local ok, message = pcall(load, "local made = " .. case[1] .. "\nreturn function() return made end")
      assert.is_false(ok)
      local words = message:match("%.lua:2: (.*)$") or message
      if not case[1]:find("%(%)$") or case[1]:find("^moonward.window%(%)") then
        assert.is_truthy(message:find("house%d+%.lua:2: "), message)
      end
      assert.is_truthy(words:find(case[2], 1, true), message)
    end)
  end
end)

describe("moonward.now", function()
  local policy = load 'return function() return moonward.deny(tostring(moonward.now())) end'

  it("is the time of the case", function()
    assert.equal("1798135200", policy:decide({ path = "/_ping", now = "2026-12-24T18:00" }).reason)
    assert.equal("12", policy:decide({ path = "/_ping", now = 12 }).reason)
  end)

  it("is the clock's without one", function()
    local before = os.time()
    local said = tonumber(policy:decide({ path = "/_ping" }).reason)
    assert.is_true(before <= said and said <= os.time(), said)
  end)

  it("is the same when the answer is filtered", function()
    local filters = load("return function()\nlocal at = moonward.now()\nreturn moonward.allow { only = function()\n"
      .. "return moonward.now() == at end }\nend")
    local verdict = filters:decide { path = "/containers/json", now = 77, answer = '[{"Id":"1"}]' }
    assert.equal('[{"Id":"1"}]', verdict.answer)
  end)

  it("of a case that cannot be read is an error of the spec's line", function()
    local ok, message = pcall(function()
      policy:decide { path = "/_ping", now = "noon" }
    end)
    assert.is_false(ok)
    assert.is_truthy(message:find("^spec/window_spec%.lua:%d+: now: the moment 'noon' cannot be read"), message)
  end)
end)
