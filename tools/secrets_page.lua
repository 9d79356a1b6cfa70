-- The page docs/secrets.md, without the note on top: made from moonward.secrets, by tools/docs.lua.
local secrets = require "moonward.secrets"

local function code(list)
  local quoted = {}
  for i, text in ipairs(list) do
    quoted[i] = "`" .. text .. "`"
  end
  return table.concat(quoted, ", ")
end

-- Operations that have the same places share a line.
local function places_of_sort(sort)
  local operations, lines, names = {}, {}, {}
  for name in pairs(secrets.places) do
    names[#names + 1] = name
  end
  table.sort(names)
  for _, name in ipairs(names) do
    local paths = secrets.places[name][sort]
    local text = paths and code(paths)
    if text and not operations[text] then
      operations[text] = {}
      lines[#lines + 1] = text
    end
    if text then
      table.insert(operations[text], name)
    end
  end
  for i, text in ipairs(lines) do
    lines[i] = "- " .. code(operations[text]) .. ": " .. text
  end
  return table.concat(lines, "\n")
end

return function()
  local parts = { [[

# Where answers can hold secrets

Policies for clients, `read-only` without `-allowsecrets`, `container-filter` with `SCRUB_ENVS=true` and,
but for what it typed itself, `agent` leave out of the engine's answers what is listed here. A client's policy
that shows a sort of it names the reason: `moonward policies NAME` prints it. In a policy of yours,
`client.policy` does the same, and `redact = require("moonward.secrets").paths(request.operation)` elsewhere.

Command lines in events (`exec_create: ...`) are left out with them. Labels are shown: clients need them, and
whoever writes a secret there tells it to all. So are the processes of `top`, where a policy allows that at
all.
]] }
  for _, row in ipairs(secrets.sorts) do
    parts[#parts + 1] = ("\n## %s\n\n%s\n\n%s\n"):format(row[1], row[2], places_of_sort(row[1]))
  end
  local whole = {}
  for name, sort in pairs(secrets.whole) do
    whole[#whole + 1] = ("| `%s` | %s |"):format(name, sort)
  end
  table.sort(whole)
  parts[#parts + 1] = [[

## What cannot be emptied

These are denied where the sort is left out:

| operation | sort |
| --- | --- |
]] .. table.concat(whole, "\n") .. "\n"
  return table.concat(parts)
end
