-- The comments of lualib as a page: the head of each module, and with their types the functions, values and
-- types that carry `---` text. What has none is nobody's business but the module's.

local annotations = {}

-- Reading -----------------------------------------------------------------------------------------------

-- The type at the beginning of a text, and what follows it: "fun(a: b): c what it is".
local function take_type(text)
  local depth = 0
  for i = 1, #text do
    local letter = text:sub(i, i)
    if letter:find("[%(<%[{]") then
      depth = depth + 1
    elseif letter:find("[%)>%]}]") then
      depth = depth - 1
    elseif letter == " " and depth == 0 and not text:sub(i - 1, i - 1):find("[:,]") then
      return text:sub(1, i - 1), text:sub(i + 1)
    end
  end
  return text, ""
end

local tags = {}

function tags.param(comment, rest)
  local name, kind = rest:match("^(%S+) (.*)$")
  local what
  kind, what = take_type(kind)
  comment.last = { name = name, type = kind, text = what }
  table.insert(comment.params, comment.last)
end

tags["return"] = function(comment, rest)
  local kind, what = take_type(rest)
  comment.last = { type = kind, text = what }
  table.insert(comment.returns, comment.last)
end

function tags.class(comment, rest)
  local name, what = rest:match("^([%w_.]+):? ?(.*)$")
  comment.class, comment.what = name, what
end

function tags.alias(comment, rest)
  local name, kind = rest:match("^(%S+) ?(.*)$")
  comment.alias, comment.kinds = name, { kind ~= "" and kind or nil }
end

function tags.field(comment, rest)
  local name, kind = rest:match("^(%S+) (.*)$")
  if name ~= "private" then
    local what
    kind, what = take_type(kind)
    comment.last = { name = name, type = kind, text = what }
    table.insert(comment.fields, comment.last)
  end
end

function tags.type(comment, rest)
  comment.type = rest
end

local function add_line(comment, line)
  local tag, rest = line:match("^@(%l+) ?(.*)$")
  if tag then
    local add = tags[tag]
    if add then
      add(comment, rest)
    end
  elseif line:find("^|") then
    table.insert(comment.kinds, (line:match("^| ?(.*)$")))
  elseif comment.last then
    comment.last.text = (comment.last.text .. " " .. line):gsub("%s+", " ")
  else
    table.insert(comment.lines, line)
  end
end

-- The comments of a file, each with the line of code that follows it.
local function comments_of(path)
  local list, current = {}, nil
  for line in io.lines(path) do
    local text = line:match("^%-%-%- ?(.*)$") or line:match("^%-%-%-(@.*)$")
    if text then
      current = current or { lines = {}, params = {}, returns = {}, fields = {} }
      add_line(current, text)
    elseif current and not line:find("^%-%-") then
      current.code = line
      list[#list + 1] = current
      current = nil
    end
  end
  return list
end

-- Writing -----------------------------------------------------------------------------------------------

local function code(text)
  return "`" .. text .. "`"
end

local function cell(text)
  return (text:gsub("|", "\\|"))
end

-- Plain text, in which Markdown would take some letters for its own; not between backticks.
local function prose(text)
  local out = {}
  if select(2, text:gsub("`", "")) % 2 == 1 then
    return text -- what is between them goes on in another line
  end
  for plain, quoted in (text .. "``"):gmatch("([^`]*)(`[^`]*`)") do
    out[#out + 1] = plain:gsub("[*<]", "\\%0") .. quoted
  end
  return (table.concat(out):gsub("``$", ""))
end

-- Text as it stands. What is set off by blanks is code, unless it is a list.
local function add_text(out, lines)
  local in_code, in_list = false, false
  for _, line in ipairs(lines) do
    local is_item = line:find("^  %* %S")
    in_list = is_item or in_list and line:find("^    ")
    local is_code = not in_list and line:find("^  ") ~= nil
    if is_code ~= in_code then
      out[#out + 1] = is_code and "```lua" or "```"
    end
    in_code = is_code
    if is_code then
      out[#out + 1] = line:gsub("^  ", "")
    else
      out[#out + 1] = prose((line:gsub("^  %* (%S)", "- %1"):gsub("^    ", "  ")))
    end
  end
  if in_code then
    out[#out + 1] = "```"
  end
  out[#out + 1] = ""
end

local function add_fields(out, comment)
  if #comment.fields == 0 then
    return
  end
  out[#out + 1] = "| field | type | what it is |"
  out[#out + 1] = "| --- | --- | --- |"
  for _, field in ipairs(comment.fields) do
    out[#out + 1] = ("| `%s` | `%s` | %s |"):format(field.name, cell(field.type), cell(prose(field.text)))
  end
  out[#out + 1] = ""
end

local function add_class(out, comment)
  out[#out + 1] = ("### %s\n"):format(comment.class or comment.alias)
  add_text(out, comment.lines)
  if (comment.what or ""):find("^[%w_.]+$") then
    add_text(out, { "Has the fields of " .. code(comment.what) .. ", and:" })
  elseif (comment.what or "") ~= "" then
    add_text(out, { (comment.what:gsub("^%l", string.upper):gsub("%w$", "%0.")) })
  end
  for _, kind in ipairs(comment.kinds or {}) do
    out[#out + 1] = "- " .. code(kind)
  end
  if comment.kinds then
    out[#out + 1] = ""
  end
  add_fields(out, comment)
end

local function signature(name, comment)
  local params, returns = {}, {}
  for _, param in ipairs(comment.params) do
    params[#params + 1] = param.name .. ": " .. param.type
  end
  for _, value in ipairs(comment.returns) do
    returns[#returns + 1] = value.type
  end
  return name .. "(" .. table.concat(params, ", ") .. ")"
    .. (#returns > 0 and ": " .. table.concat(returns, ", ") or "")
end

local function add_details(out, comment)
  for _, param in ipairs(comment.params) do
    if param.text ~= "" then
      out[#out + 1] = ("- `%s`: %s"):format(param.name:gsub("%?$", ""), prose(param.text))
    end
  end
  for _, value in ipairs(comment.returns) do
    local name, rest = value.text:match("^(%S+) (.+)$")
    if name then
      out[#out + 1] = ("- gives `%s`; %s"):format(name, prose(rest))
    end
  end
  if out[#out] ~= "" then
    out[#out + 1] = ""
  end
end

-- What a line of code makes public: "glob.compile", and whether it is a function.
local function public_name(line, module)
  local short = module:match("[%w_]+$")
  local name = line:match("^function ([%w_.:]+)%(")
  if name then
    local owner = name:match("^([%w_]+)[.:]")
    return (owner == short or name:find(":", 1, true)) and name or nil, true
  end
  name = line:match("^([%w_.]+) = ")
  return name and name:match("^" .. short .. "%.") and name or nil, false
end

local function add_value(out, comment, module)
  local name, is_function = public_name(comment.code, module)
  if not name or #comment.lines == 0 then
    return
  end
  local kind = comment.type and ": " .. comment.type or ""
  local text = is_function and signature(name, comment) or name .. kind:gsub("^: fun%(", "(")
  out[#out + 1] = ("### `%s`\n"):format(text)
  add_text(out, comment.lines)
  add_details(out, comment)
end

--- A module as a section: what its file says on top, then what is public in it.
---@param module string
---@param path string
---@return string
function annotations.section(module, path)
  local out = { "## " .. module .. "\n" }
  for i, comment in ipairs(comments_of(path)) do
    if comment.class or comment.alias then
      add_class(out, comment)
    elseif i == 1 then
      add_text(out, comment.lines)
    else
      add_value(out, comment, module)
    end
  end
  return table.concat(out, "\n")
end

--- The types of a file that only declares, with their methods.
---@param path string
---@return string
function annotations.types(path)
  local out = {}
  for _, comment in ipairs(comments_of(path)) do
    if comment.class or comment.alias then
      add_class(out, comment)
    elseif comment.code:find("^function ") then
      local name = comment.code:match("^function ([%w_:]+)")
      out[#out + 1] = ("### `%s`\n"):format(signature(name, comment))
      add_text(out, comment.lines)
    end
  end
  return table.concat(out, "\n")
end

return annotations
