local text = require "moonward.text"

describe("text", function()
  -- function, text, part, what it says
  for _, case in ipairs {
    { "starts", "registry/a", "registry/", true },
    { "starts", "registry", "registry/", false },
    { "starts", "a", "", true },
    { "starts", "", "a", false },
    { "starts", "a.b", "a%.", false },
    { "ends", "a.tar", ".tar", true },
    { "ends", "tar", ".tar", false },
    { "ends", "a", "", true },
    { "ends", "", "", true },
    { "ends", "ab", "a", false },
    { "contains", "a:b@c", "b@", true },
    { "contains", "a", "a.", false },
    { "contains", "a", "", true },
    { "contains", "a\0b", "\0b", true },
  } do
    local name, value, part, expected = table.unpack(case)
    it(("%s(%q, %q) is %s"):format(name, value, part, expected), function()
      assert.equal(expected, text[name](value, part))
    end)
  end

  -- text, separator, most, parts
  for _, case in ipairs {
    { "a:b:c", ":", nil, { "a", "b", "c" } },
    { "", ":", nil, { "" } },
    { ":a::", ":", nil, { "", "a", "", "" } },
    { "a, b,c", ", ", nil, { "a", "b,c" } },
    { "a.b%c", "%", nil, { "a.b", "c" } },
    { "a=b=c", "=", 2, { "a", "b=c" } },
    { "a=b=c", "=", 1, { "a=b=c" } },
    { "a", "=", 2, { "a" } },
    { "aaa", "aa", nil, { "", "a" } },
  } do
    it(("splits %q at %q%s"):format(case[1], case[2], case[3] and ", " .. case[3] .. " parts" or ""), function()
      assert.same(case[4], text.split(case[1], case[2], case[3]))
    end)
  end

  -- function, arguments, the message behind the line that calls
  for _, case in ipairs {
    { "starts", { nil, "a" }, "text.starts: expected a text as the first argument, got a nil" },
    { "starts", { 7, "a" }, "text.starts: expected a text as the first argument, got a number" },
    { "ends", { "a", nil }, "text.ends: expected a text as the end, got a nil" },
    { "contains", { "a", {} }, "text.contains: expected a text as the part, got a table" },
    { "split", { {}, ":" }, "text.split: expected a text as the first argument, got a table" },
    { "split", { "a", "" }, "text.split: the separator is empty" },
    { "split", { "a", ":", 0 }, "text.split: the most parts are 0, expected a number from 1 on" },
    { "split", { "a", ":", "2" }, "text.split: the most parts are 2, expected a number from 1 on" },
  } do
    it("says in the line that calls: " .. case[3], function()
      local ok, message = pcall(function()
        text[case[1]](case[2][1], case[2][2], case[2][3])
      end)
      assert.is_false(ok)
      assert.is_truthy(message:find("^spec/lualib/text_spec%.lua:%d+: "), message)
      assert.equal(case[3], (message:gsub("^[^:]+:%d+: ", "")))
    end)
  end
end)
