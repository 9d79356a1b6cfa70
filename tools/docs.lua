-- Writes the pages of docs/ that follow from the code: options.md, policy-list.md,
-- operations.md, powers.md, secrets.md, references.md, library.md.
--
--   lua5.4 tools/docs.lua            writes them
--   lua5.4 tools/docs.lua --check    only says which ones differ, and fails then

package.path = "lualib/?.lua;lualib/?/init.lua;tools/?.lua;" .. package.path
package.cpath = "build/release/?.so;" .. package.cpath -- make build/release/moonward.so

local program = os.getenv("MOONWARD") or "build/release/moonward"
local note = "<!-- Written by `make docs`; do not edit. -->\n"

local function output_of(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read("a")
  if not pipe:close() then
    error(command .. " failed", 0)
  end
  return text
end

local function read(path)
  local file = io.open(path, "rb")
  local text = file and file:read("a")
  if file then
    file:close()
  end
  return text
end

-- The sections of `moonward help markdown`, by name. Variables of whoever runs this don't count.
local function sections(policy)
  local found = {}
  local text = output_of(("env -i %s help markdown '-policy=%s'"):format(program, policy))
  for name, body in (text .. "\n## \n"):gmatch("## ([^\n]+)\n(.-)\n%f[#]") do
    found[name] = body
  end
  return found
end

local function policies()
  local names = {}
  for path in output_of("ls policies"):gmatch("[^\n]+") do
    names[#names + 1] = path:match("^(.+)%.lua$")
  end
  return names
end

local pages = {}

-- --- options.md ----------------------------------------------------------------------------------

function pages.options()
  return note .. [[

# Options of the core

What policies add is in [policy-list.md](policy-list.md), and `moonward -help` prints both.

An option is written `-name=value`, `-name value` or with two dashes; a switch is `-name` or
`-name=false`, never `-name false`. Numbers may be `0x10`, `0o20`, `0b1` or, with a leading 0, octal;
in variables they are decimal, file modes octal. Sizes are `4096`, `64k`, `1m` or `2g`. A switch takes
`true`, `t`, `1`, `false`, `f` or `0`, in lower case, upper case or (the words) with one capital.

An option goes before its variable, a variable before the default. A variable that is set to nothing is
not set. A list given by options drops the whole list from variables. Entries of `MOONWARD_LISTEN`
and `MOONWARD_POLICY` have commas between them.

Nothing is ignored: an option nobody knows, a variable nobody knows that begins with `SP_` or
`MOONWARD_`, a stray word, a value of the wrong kind, two options that say the same thing: each stops the
start with a message. Exit codes: 0 well, 1 a bad value or policy, 2 a bad command line, no listener
or no engine, 3 denied (`explain` only), 4 not the same (`compare` and `check -against`), 10 stopped by
the watchdog.
]] .. sections("default").core .. "\n"
end

-- --- policy-list.md ------------------------------------------------------------------------------

-- The comment that a policy begins with.
local function header_of(name)
  local lines = {}
  for line in io.lines("policies/" .. name .. ".lua") do
    local text = line:match("^%-%- ?(.*)$")
    if not text then
      break
    end
    lines[#lines + 1] = text
  end
  return table.concat(lines, "\n")
end

pages["policy-list"] = function()
  local parts = { note, [[
# Policies that ship

Chosen with `-policy NAME` or `MOONWARD_POLICY`; without either, it is `default`. Of several, one denial
denies. [policies.md](policies.md) says how to write one.
]] }
  for _, name in ipairs(policies()) do
    local body = assert(sections(name)[name], "no section for the policy " .. name)
    parts[#parts + 1] = ("## %s\n%s\n\n```text\n%s\n```\n"):format(name, body:gsub("%s+$", ""),
      header_of(name))
  end
  return table.concat(parts, "\n")
end

-- --- operations.md -------------------------------------------------------------------------------

local powers = {
  [0] = "nothing", "leak", "tamper or deny service", "control the container",
  "take over the host, with the right fields", "take over the host",
}

local function cell(text)
  return (text:gsub("|", "\\|"))
end

local function operation_row(o)
  local flags = {}
  for _, flag in ipairs { "writes", "stream", "upgrade", "hijack" } do
    flags[#flags + 1] = o[flag] and flag or nil
  end
  return ("| `%s` | %s `%s` | %d | %s | %s |"):format(o.name, o.method, cell(o.path), o.power,
    table.concat(flags, ", "), cell(o.text))
end

-- Routes by family, in the order in which families and routes come first. The table of routes goes by
-- path, so one family may stand there in several places.
local function families(list)
  local found, by_name = {}, {}
  for _, o in ipairs(list) do
    local family = by_name[o.family] or {}
    found[#found + 1] = not by_name[o.family] and family or nil
    by_name[o.family] = family
    family[#family + 1] = o
  end
  return found
end

function pages.operations()
  local operations = require "moonward.operations"
  local lines = { note, "# Operations", "",
    "The names that `request:is(\"container.list\")` and `request.operation` use: one for each route of the",
    "Engine API and of libpod. A request that no route takes has none. *Power* is what the route can do at",
    "worst:", "" }
  for level = 0, #powers do
    lines[#lines + 1] = ("%d. %s"):format(level, powers[level])
  end
  lines[#lines + 1] = ""
  lines[#lines + 1] = "*writes*: changes something or takes input; *stream*: may answer for long or at"
    .. " length; *upgrade*: may answer 101;"
  lines[#lines + 1] = "*hijack*: may answer 200 and go raw."
  for _, family in ipairs(families(operations.list)) do
    lines[#lines + 1] = ("\n## %s\n"):format(family[1].family)
    lines[#lines + 1] = "| operation | route | power | | what it does |"
    lines[#lines + 1] = "| --- | --- | --- | --- | --- |"
    for _, o in ipairs(family) do
      lines[#lines + 1] = operation_row(o)
    end
  end
  return table.concat(lines, "\n") .. "\n"
end

-- --- secrets.md ----------------------------------------------------------------------------------

function pages.secrets()
  return note .. require "secrets_page" ()
end

-- --- powers.md -----------------------------------------------------------------------------------

local patterns = {
  flag = "no pattern", text = "a glob", path = "a directory", port = "ports",
  capability = "a glob, in any case", never = "cannot be let through",
}

-- The fields of each operation. Those at the top of a create are those of HostConfig again.
local function fields_of(entry)
  local order, fields, known = {}, {}, {}
  for _, place in ipairs(entry.places) do
    known[place] = true
  end
  for _, place in ipairs(entry.places) do
    local operation, field = place:match("^(%S+) ?(.*)$")
    if not known[operation .. " HostConfig." .. field] then
      order[#order + 1] = not fields[operation] and operation or nil
      fields[operation] = fields[operation] or {}
      table.insert(fields[operation], field ~= "" and "`" .. field .. "`" or nil)
    end
  end
  return order, fields
end

-- A line for each; operations with the same fields share one.
local function places_of(entry)
  local order, fields = fields_of(entry)
  local lines, operations = {}, {}
  for _, operation in ipairs(order) do
    local text = table.concat(fields[operation], ", ")
    if not operations[text] then
      operations[text] = {}
      lines[#lines + 1] = text
    end
    table.insert(operations[text], "`" .. operation .. "`")
  end
  for i, text in ipairs(lines) do
    lines[i] = "- " .. table.concat(operations[text], ", ") .. (text ~= "" and ": " .. text or "")
  end
  return lines
end

-- The list that "ordinary" stands for, in lines.
local function ordinary()
  local list = {}
  for entry in require("moonward.power_rules").ordinary:gmatch("[^,]+") do
    list[#list + 1] = "`" .. entry .. "`"
  end
  return table.concat(list, ", ") .. ".\n"
end

function pages.powers()
  local create = require "moonward.create"
  local lines = { note .. [[

# Powers

What a request can ask of the host, of its neighbours and of the engine, by the names that `moonward.create`
gives (`create.powers(request)`) and that `-allowpower` of the policy
[no-host-power](policy-list.md#no-host-power) takes: `-allowpower=NAME` or `-allowpower=NAME=PATTERN`.

Below each stands what is asked for: fields of the body, parameters (`query.x`), what the path names (`id`),
or the operation itself. Engines before 27 read the fields of `HostConfig` at the top of the body too, so
both are looked at. A field that stands nowhere here and is not known to be harmless is `unknown-field`,
unless it is null, and so is a parameter of the query that no engine is known to read.

Below API 1.40 a container without `HostConfig.IpcMode` is `shareable-ipc`, below 1.41 one without
`HostConfig.CgroupnsMode` has the host's `cgroup` namespace: engines choose so for old clients. A client that
speaks an old version and cannot write these fields (docker-java and Testcontainers for Java speak 1.32 unless
`api.version` says otherwise) needs `-allowpower=shareable-ipc,host-namespace=cgroup`.

`ordinary` stands for what an ordinary `docker run` and compose ask for, ports, volumes and networks, but no
files, devices and namespaces of the host:
]] .. ordinary() .. [[

| power | pattern | what it is |
| --- | --- | --- |]] }
  for _, entry in ipairs(create.list) do
    lines[#lines + 1] = ("| [`%s`](#%s) | %s | %s |"):format(entry.power, entry.power,
      patterns[entry.takes], cell(entry.text))
  end
  for _, entry in ipairs(create.list) do
    lines[#lines + 1] = ("\n## %s\n\n%s.\n"):format(entry.power, entry.text:gsub("^%l", string.upper))
    local places = places_of(entry)
    lines[#lines + 1] = #places > 0 and table.concat(places, "\n") or "- anywhere"
  end
  lines[#lines + 1] = "\n## What asks for nothing\n\nFields that clients still send and no engine reads:\n"
  for _, row in ipairs(require "moonward.powers.container".ignored) do
    lines[#lines + 1] = ("- `%s` of %s: %s"):format(row.field, row.place, row.why)
  end
  return table.concat(lines, "\n") .. "\n"
end

-- --- references.md -------------------------------------------------------------------------------

-- Rows that differ only in the operation are one line.
local function reference_lines()
  local places = require "moonward.references.places"
  local order, by_text = {}, {}
  local count = 0
  for _, row in ipairs(places.list) do
    local text = ("`%s` | %s | %s | %s | %s |"):format(row.place, row.kind, row.form,
      row.when .. (row.untried and " (not tried: " .. row.untried .. ")" or ""), row.held)
    if not by_text[text] then
      by_text[text] = {}
      order[#order + 1] = text
    end
    for _, operation in ipairs(row.operations) do
      count = count + 1
      table.insert(by_text[text], "`" .. operation .. "`")
    end
  end
  for i, text in ipairs(order) do
    order[i] = "| " .. table.concat(by_text[text], " ") .. " | " .. text
  end
  return order, count
end

function pages.references()
  local words = require "moonward.references.words"
  local rows, count = reference_lines()
  local lines = { (note .. [[

# References

Every place of a request that can name an object of the engine, or give one a name: %d of them. A name can
mean something else by the time the engine resolves it, so each place says *when* that is, and how a view,
and with it `owner` and `agent`, *holds* the request to what was judged. Each *when* was tried on an engine
(`spec/engine/reference_spec.lua`), unless it says why not. Each place is attacked on an engine, too
(`reference_table_spec.lua` and `reference_race_spec.lua`, beside it). `tools/api-diff` compares the list with
the engine's own description and with what moby's code reads.
]]):format(count) }
  local titles = { source = "Place", form = "Form", when = "When the engine resolves it",
    held = "How it is held to what was judged", untried = "Why it was not tried" }
  for _, column in ipairs { "source", "form", "when", "held", "untried" } do
    lines[#lines + 1] = ("## %s\n"):format(titles[column])
    for _, word in ipairs(words[column]) do
      lines[#lines + 1] = ("- **%s**: %s"):format(word[1], word[2])
    end
    lines[#lines + 1] = ""
  end
  lines[#lines + 1] = "## All places\n\n| operation | place | kind | form | when | held |\n"
    .. "| --- | --- | --- | --- | --- | --- |"
  return table.concat(lines, "\n") .. "\n" .. table.concat(rows, "\n") .. "\n"
end

-- --- library.md ----------------------------------------------------------------------------------

function pages.library()
  local annotations = require "annotations"
  local names = require "moonward.host.names"
  local parts = { note, [[
# Library

The types that a policy meets and all that it can require, from the annotations in `lualib/`. In words, and
in the order in which one needs it: [policy-api.md](policy-api.md). What is `T?` may be nil.

## Types
]], annotations.types("lualib/moonward/meta.lua"),
    annotations.section("moonward", "lualib/moonward/init.lua") }
  for _, module in ipairs(names.modules) do
    if module:find("^moonward%.") then
      parts[#parts + 1] = annotations.section(module, "lualib/" .. module:gsub("%.", "/") .. ".lua")
    end
  end
  return (table.concat(parts, "\n"):gsub("\n\n\n+", "\n\n"):gsub("\n+$", "\n"))
end

-- -------------------------------------------------------------------------------------------------

local function check(path, text)
  if read(path) == text then
    return true
  end
  io.stderr:write(path, " does not fit the code any more; run `make docs` and commit the result\n")
  return false
end

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  file:close()
  return true
end

local each = arg[1] == "--check" and check or write
local fine = true
for name, make in pairs(pages) do
  fine = each("docs/" .. name .. ".md", make()) and fine
end
os.exit(fine)
