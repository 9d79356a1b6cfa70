-- What reads a pattern raises where it cannot, in the line that calls: so a constant stops the start, and nobody
-- goes on with nil.
local test = require "moonward.test"
local folder = require "spec.support.folder"

local place = folder.new()

-- the module, what is called, and the message
local cases = {
  { "addresses", 'addresses.parse("10.0.0.0/88")', "the length in '10.0.0.0/88' must be between 0 and 32" },
  { "addresses", "addresses.parse(nil)", "expected addresses with commas between, got a nil" },
  { "cidr", 'cidr.parse("10.0.0.0/88")', "the length in '10.0.0.0/88' must be between 0 and 32" },
  { "cidr", "cidr.parse(8)", "expected an address or a network, got a number" },
  { "doublestar", 'doublestar.compile("/a/[b")', "'/a/[b' is not a glob: " },
  { "doublestar", "doublestar.compile({})", "expected a glob, got a table" },
  { "glob", 'glob.compile("[a")', "'[a' is not a glob: no ']' for the '[' at character 1" },
  { "glob", "glob.compile(nil)", "expected a glob, got a nil" },
  { "image", 'image.parse("Ubuntu")', 'no reference to an image in "Ubuntu": the name of a repository is in' },
  { "json", 'json.at({}, "A[0]")', 'json.at: elements count from 1, and "A[0]" has [0]' },
  { "json", 'json.ensure({}, "A[1]")', "json.ensure: " },
  { "text", 'text.starts(nil, "a")', "text.starts: expected a text as the first argument, got a nil" },
  { "paths", 'paths.is_below("/srv/a", "srv")', "a directory begins with /, got 'srv'" },
  { "paths", 'paths.is_below_any("/srv/a", { "/b", "" })', "a directory begins with /, got ''" },
  { "regexes", 'regexes.compile("(")', 'invalid regex "(": missing ): (' },
  { "regexes", "regexes.compile(nil)", 'invalid regex "nil": expected a pattern, got a nil' },
  { "toml", 'toml.decode("a = ")', "line 1, column 5: " },
  { "toml", "toml.decode(nil)", "expected a document of TOML, got a nil" },
  { "marks", 'marks.name("[a")', "'[a' is not a glob: no ']' for the '[' at character 1" },
}

describe("a policy does not load with", function()
  for i, case in ipairs(cases) do
    it(case[2], function()
      local path = folder.write(place .. "/house" .. i .. ".lua",
        ('local %s = require "moonward.%s"\nlocal made = %s\nreturn function() return made end'):format(
          case[1], case[1], case[2]))
      local ok, message = pcall(test.policy, path)
      assert.is_false(ok)
      assert.is_truthy(message:find("house" .. i .. ".lua:2: " .. case[3], 1, true), message)
    end)
  end
end)
