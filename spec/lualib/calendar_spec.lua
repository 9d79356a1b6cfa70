-- Dates, times, days and zones as people write them. Seconds are those of `date -u -d ... +%s`.
local calendar = require "moonward.calendar"

describe("calendar.moment", function()
  -- text, offset, seconds; nil: it cannot be read
  for _, case in ipairs {
    { "1970-01-01", 0, 0 },
    { "1970-01-01T00:00:01", 0, 1 },
    { "1969-12-31", 0, -86400 },
    { "2000-02-29", 0, 951782400 },
    { "2000-03-01", 0, 951868800 },
    { "2024-02-29T12:30", 0, 1709209800 },
    { "2026-12-24T18:00", 0, 1798135200 },
    { "2026-12-24T18:00", 7200, 1798128000 },
    { "2026-12-24T18:00:30", -19800, 1798155030 },
    { "2026-12-24T24:00", 0, 1798156800 },
    { "2100-03-01", 0, 4107542400 },
    { "2038-01-19T03:14:08", 0, 2147483648 },
    { "2026-02-29", 0 }, { "2100-02-29", 0 }, { "2026-13-01", 0 }, { "2026-00-01", 0 }, { "2026-04-31", 0 },
    { "2026-01-00", 0 }, { "2026-1-1", 0 }, { "2026-01-01T", 0 }, { "2026-01-01 10:00", 0 }, { "2026-01-01T25:00", 0 },
    { "2026-01-01T10:60", 0 }, { "2026-01-01T10:00:60", 0 }, { "2026-01-01T10:00Z", 0 }, { "2026-01-0110:00", 0 },
    { "2026-01-01T10:00:", 0 }, { "2026-01-01T10:001", 0 }, { "", 0 }, { "tomorrow", 0 }, { 7, 0 }, { {}, 0 },
  } do
    it(("reads %s as %s"):format(tostring(case[1]), case[3] or "none"), function()
      local seconds, message = calendar.moment(case[1], case[2])
      assert.equal(case[3], seconds)
      if not case[3] then
        assert.is_truthy(message:find("cannot be read; write 2026-12-24 or 2026-12-24T18:00", 1, true), message)
      end
    end)
  end

  it("counts days as the system does, for a thousand of them", function()
    for i = 0, 999 do
      local seconds = i * 86400 * 137 - 30000 * 86400
      assert.equal(seconds, calendar.moment(os.date("!%Y-%m-%dT%H:%M:%S", seconds), 0))
      local day = calendar.day_of(seconds, 0)
      assert.equal(tonumber(os.date("!%w", seconds)), (day + 1) % 7)
    end
  end)
end)

describe("calendar.zone", function()
  for text, seconds in pairs {
    UTC = 0, Z = 0, ["+00:00"] = 0, ["+02:00"] = 7200, ["-05:30"] = -19800, ["+14:00"] = 50400,
  } do
    it("reads " .. text, function()
      assert.equal(seconds, calendar.zone(text))
    end)
  end

  for _, text in ipairs { "Europe/Berlin", "CET", "utc", "+2:00", "+0200", "+15:00", "+02:60", "02:00", "", 2 } do
    it("refuses " .. text, function()
      local seconds, message = calendar.zone(text)
      assert.is_nil(seconds)
      assert.equal("the zone '" .. text .. "' is not known; write UTC, or an offset such as +02:00, which does not"
        .. " follow summer time: names of zones mean what a machine's files say", message)
    end)
  end
end)

describe("calendar.days", function()
  -- what is given, days from 0 for Monday; or the message
  for _, case in ipairs {
    { "mon-fri", { 0, 1, 2, 3, 4 } },
    { "sat,sun", { 5, 6 } },
    { "fri-mon", { 0, 4, 5, 6 } },
    { "wed", { 2 } },
    { "mon - wed, sun", { 0, 1, 2, 6 } },
    { { "mon", "thu-fri" }, { 0, 3, 4 } },
    { "mon-mon", { 0 } },
    { "", "the day '' is not known" },
    { "monday", "the day 'monday' is not known" },
    { "Mon", "the day 'Mon' is not known" },
    { "mon-", "the day 'mon-' is not known" },
    { "mon,", "the day '' is not known" },
    { {}, "days is empty, so there is no such moment" },
    { { 1 }, "days holds a number, expected texts" },
    { 5, "days is a number, expected \"mon-fri\" or { \"sat\", \"sun\" }" },
  } do
    local what = type(case[1]) == "table" and "{" .. table.concat(case[1], ";") .. "}" or tostring(case[1])
    it("reads " .. what, function()
      local set, message = calendar.days(case[1])
      if type(case[2]) == "string" then
        assert.is_nil(set)
        assert.equal(case[2], message:sub(1, #case[2]))
        return
      end
      local expected = {}
      for _, day in ipairs(case[2]) do
        expected[day] = true
      end
      assert.same(expected, set)
    end)
  end
end)
