-- Which C files call each other in a circle: who wants to understand one of them has to read them all. x.h
-- and x.c are one file here. A call is the name of another file's function in code, so a function whose
-- address is taken counts, and a function pointer that is called does not.

local circles = {}

local function unit_of(path)
  return (path:gsub("%.%w+$", ""))
end

-- The code of a file without texts, comments and what is the preprocessor's.
local function code_of(path)
  local file = assert(io.open(path))
  local text = file:read("a"):gsub("/%*.-%*/", "")
  file:close()
  local lines = {}
  for line in text:gmatch("[^\n]*") do
    line = line:gsub("\\.", ""):gsub('"[^"]*"', '""'):gsub("//.*", "")
    lines[#lines + 1] = line:find("^%s*#") and "" or line
  end
  return lines
end

-- Calls visit(head, body) for each function: what stands before the brace in the first column, as one line,
-- and what stands after it.
local function each_function(lines, visit)
  local head, body = {}, nil
  for _, line in ipairs(lines) do
    if line == "{" then
      body = {}
    elseif body and line == "}" then
      visit(table.concat(head, " "), table.concat(body, "\n"))
      head, body = {}, nil
    elseif body then
      body[#body + 1] = line
    elseif line == "" or line:find("[;}]%s*$") then
      head = {}
    else
      head[#head + 1] = line
    end
  end
end

-- The functions of a file: those that others can call, and those that only it can, as sets of names.
local function functions_of(path, lines)
  local public, own = {}, {}
  each_function(lines, function(head)
    local is_own = not path:find("%.h$") and head:find("%f[%w_]static%f[^%w_]")
    local names = is_own and own or public
    names[head:match("([%a_][%w_]*)%s*%(") or ""] = true
  end)
  return public, own
end

-- Which file a function is in that others can call, by its name.
local function owners_of(sources)
  local owners = {}
  for path, lines in pairs(sources) do
    for name in pairs((functions_of(path, lines))) do
      owners[name] = unit_of(path)
    end
  end
  return owners
end

-- Of each file the others that it calls, as a set. Of a header only the functions in it count: it declares
-- what its own file calls, or is called by.
local function calls_of(sources, owners)
  local calls = {}
  for path, lines in pairs(sources) do
    local unit = unit_of(path)
    local _, own = functions_of(path, lines)
    calls[unit] = calls[unit] or {}
    local function count(text)
      for name in text:gmatch("[%a_][%w_]*") do
        if owners[name] and owners[name] ~= unit and not own[name] then
          calls[unit][owners[name]] = true
        end
      end
    end
    if path:find("%.h$") then
      each_function(lines, function(_, body) count(body) end)
    else
      count(table.concat(lines, "\n"))
    end
  end
  return calls
end

-- What can be reached from a file over calls.
local function reached_from(calls, unit)
  local reached, waiting = {}, { unit }
  while #waiting > 0 do
    for other in pairs(calls[table.remove(waiting)] or {}) do
      if not reached[other] then
        reached[other] = true
        waiting[#waiting + 1] = other
      end
    end
  end
  return reached
end

-- The circles as lists: files that reach each other.
local function find(calls)
  local reached, units, found, placed = {}, {}, {}, {}
  for unit in pairs(calls) do
    reached[unit] = reached_from(calls, unit)
    units[#units + 1] = unit
  end
  table.sort(units)
  for _, unit in ipairs(units) do
    if reached[unit][unit] and not placed[unit] then
      local circle = {}
      for _, other in ipairs(units) do
        if reached[unit][other] and reached[other][unit] then
          circle[#circle + 1] = other
          placed[other] = true
        end
      end
      found[#found + 1] = circle
    end
  end
  return found
end

--- Calls complain(text) for each circle.
---@param paths string[] the C files
---@param complain fun(text: string)
function circles.check(paths, complain)
  local sources = {}
  for _, path in ipairs(paths) do
    sources[path] = code_of(path)
  end
  for _, circle in ipairs(find(calls_of(sources, owners_of(sources)))) do
    complain("these files call each other in a circle: " .. table.concat(circle, ", "))
  end
end

return circles
