-- What -help and the reference pages say about options.

local daemon = require "spec.support.daemon"
local usage = require "moonward.command.usage"

local function option(fields)
  local made = { name = "", kind = "text", form = "TEXT", owner = "x", min = 0, max = 0, variables = {} }
  for key, value in pairs(fields) do
    made[key] = value
  end
  return made
end

local engine = option { name = "engine", owner = "core", kind = "number", form = "NUMBER", unit = "s", max = 9 }
local level = option { name = "level", owner = "core" }

-- What is special about the option, its text and its row.
local cases = {
  { "a flag with variables and a default", { name = "a", variables = { "A", "B" }, initial = "x|y", help = "Does a|b." },
    "  -a TEXT   A, B   (default x|y)\n      Does a|b.\n", "| `-a` | `A`, `B` | `x\\|y` | text | Does a\\|b. |\n" },
  { "a variable alone, of a family", { variables = { "A", "B" }, env_family = true, kind = "list" },
    "  A, B[_...]\n",
    "|  | `A`, `B[_...]` |  | text, repeatable |  |\n" },
  { "a switch", { name = "s", kind = "switch", form = "", initial = "0" },
    "  -s   (default 0)\n", "| `-s` |  | `0` | switch |  |\n" },
  { "a number with a unit", { name = "n", kind = "number", form = "NUMBER", unit = "s", min = 1, max = 9,
    initial = "5" },
    "  -n NUMBER   (default 5 s)\n", "| `-n` |  | `5` | number, 1 to 9 s |  |\n" },
  { "a size without an upper limit", { name = "n", kind = "size", form = "SIZE", unit = "bytes", min = 1, initial = "5" },
    "  -n SIZE   (default 5)\n", "| `-n` |  | `5` | size, at least 1 bytes |  |\n" },
  { "a mode", { name = "m", kind = "octal", form = "MODE" }, "  -m MODE\n", "| `-m` |  |  | mode |  |\n" },
  { "another name of a core option", { name = "e", sets = "engine", help = "Where." },
    "  -e NUMBER\n      Where.\n      Another name of -engine.\n",
    "| `-e` |  |  | number, 0 to 9 s | Where. Another name of `-engine`. |\n" },
  { "words", { variables = { "L" }, words = { "debug", "err" }, sets = "level", initial = "err" },
    "  L   (default err)\n      Takes debug, err.\n      Sets -level.\n", "|  | `L` | `err` | debug, err |  Sets `-level`. |\n" },
  { "words that a switch has", { name = "w", words = { "TRUE", "no" } }, "  -w\n      Takes TRUE, no.\n",
    "| `-w` |  |  | TRUE, no |  |\n" },
  { "commas between", { name = "c", kind = "list", form = "TEXT, repeatable", commas = true }, "  -c TEXT, repeatable\n",
    "| `-c` |  |  | text, repeatable, commas between |  |\n" },
}

describe("the usage of", function()
  for _, case in ipairs(cases) do
    it(case[1], function()
      local options = { engine, level, option(case[2]) }
      local text = usage.text { own = {}, options = options, policies = {} }
      assert.equal(case[3], text:match("\nOptions of x:\n(.*)$"))
      assert.equal(case[4], usage.markdown(options, "x"):match("\n[^\n]*\n(.*)$"))
    end)
  end

  it("somebody who has none is nothing", function()
    assert.equal("", usage.markdown({ engine }, "nobody"))
  end)

  it("a long help is broken into lines", function()
    local wrapped = usage.wrap(("word "):rep(40) .. ("x"):rep(200))
    for line in wrapped:gmatch("[^\n]+") do
      assert.is_truthy(line:find("^      [^ ]"))
      assert.is_true(#line <= 96 or line == "      " .. ("x"):rep(200), line)
    end
    assert.equal(4, select(2, wrapped:gsub("\n", "")))
  end)

  it("every option of the core is in both", function()
    local text = daemon.run({ "help" }, { env = {} }).stdout
    local count = 0
    for name, variable in daemon.run({ "help", "markdown" }, { env = {} }).stdout:match("## core(.-)\n## "):gmatch(
      "\n| `%-([^`]+)` | `([^`]+)`") do
      count = count + 1
      assert.is_truthy(text:find("\n  %-" .. name .. "[^\n]*   " .. variable), name)
    end
    assert.is_true(count > 30)
  end)
end)
