--- Where a policy's text makes verdicts: each call of moonward.allow, deny, hide and view, and each entry of
--- what moonward.client makes a policy of. Read from the text, so that those are known which nothing has
--- reached.
---
--- Start reading at sites.of().
local native = require "moonward.native"

local sites = {}

local kinds = { allow = "allow", deny = "deny", hide = "hide", view = "allow" }

-- --- tokens ------------------------------------------------------------------------------------

local function count_lines(text)
  return select(2, string.gsub(text, "\n", ""))
end

-- Past a comment or a long text at this place; nil if there is none.
local function skip_long(text, at)
  local level = string.match(text, "^%[(=*)%[", at)
  return level and (select(2, string.find(text, "]" .. level .. "]", at, true)) or #text) + 1
end

-- Past what stands between quotes.
local function skip_quoted(text, at)
  local quote, place = string.sub(text, at, at), at + 1
  while place <= #text do
    local letter = string.sub(text, place, place)
    if letter == quote or letter == "\n" then
      return place + 1
    end
    place = place + (letter == "\\" and 2 or 1)
  end
  return place
end

-- One token: its kind and where the next one begins. A comment and a blank are of no kind.
local function token_at(text, at)
  local blank = select(2, string.find(text, "^%s+", at))
  if blank then
    return nil, blank + 1
  elseif string.find(text, "^%-%-", at) then
    return nil, skip_long(text, at + 2) or (string.find(text, "\n", at, true) or #text + 1)
  end
  local letter = string.sub(text, at, at)
  if letter == '"' or letter == "'" then
    return "text", skip_quoted(text, at)
  elseif skip_long(text, at) then
    return "text", skip_long(text, at)
  end
  local name = select(2, string.find(text, "^[%a_][%w_]*", at))
  local number = name or select(2, string.find(text, "^%d[%w.]*", at))
  return name and "name" or "mark", (number or at) + 1
end

local function tokens_of(text)
  local tokens, at, line = {}, 1, 1
  while at <= #text do
    local kind, next_at = token_at(text, at)
    local piece = string.sub(text, at, next_at - 1)
    if kind then
      tokens[#tokens + 1] = { kind = kind, text = piece, line = line }
    end
    line, at = line + count_lines(piece), next_at
  end
  return tokens
end

local nothing = { kind = "end", text = "", line = 0 }

-- The texts of the tokens from 'at' on are these.
local function are(tokens, at, ...)
  for i, text in ipairs { ... } do
    if (tokens[at + i - 1] or nothing).text ~= text then
      return false
    end
  end
  return true
end

local function unquote(token)
  return token and token.kind == "text" and string.match(token.text, "^[\"'](.*)[\"']$") or nil
end

local function is_call(token)
  return token ~= nil and (token.text == "(" or token.text == "{" or token.kind == "text")
end

-- --- names -------------------------------------------------------------------------------------

-- What `local NAME = require "MODULE"` says, by module and by name; and files of the folder.
local function required(tokens)
  local names, files = {}, {}
  for i, token in ipairs(tokens) do
    local module = token.text == "require"
      and (unquote(tokens[i + 1]) or tokens[i + 1] and tokens[i + 1].text == "(" and unquote(tokens[i + 2]))
    if module and are(tokens, i - 1, "=") and are(tokens, i - 3, "local") then
      names[tokens[i - 2].text] = module
    end
    if module and not string.find(module, ".", 1, true) and module ~= "moonward" and module ~= "lpeg" then
      files[#files + 1] = module
    end
  end
  return names, files
end

-- The verb that stands here, as in moonward.deny; and past it.
local function verb_at(tokens, at, names)
  local token = tokens[at] or nothing
  if names[token.text] == "moonward" and are(tokens, at + 1, ".") and not are(tokens, at - 1, ".") then
    local verb = (tokens[at + 2] or nothing).text
    return kinds[verb] and verb, at + 3
  end
end

-- `local allow, deny = moonward.allow, moonward.deny` gives a verb another name.
local function add_aliases(tokens, at, names, aliases)
  local list = {}
  repeat
    at = at + 1
    list[#list + 1] = (tokens[at] or nothing).text
    at = at + 1
  until not are(tokens, at, ",")
  if not are(tokens, at, "=") then
    return
  end
  for _, name in ipairs(list) do
    local verb, behind = verb_at(tokens, at + 1, names)
    if not verb or is_call(tokens[behind]) then
      return
    end
    aliases[name], at = verb, behind
    if not are(tokens, at, ",") then
      return
    end
  end
end

-- --- entries of moonward.client ----------------------------------------------------------------

local opens = { ["{"] = 1, ["("] = 1, ["["] = 1, ["function"] = 1, ["if"] = 1, ["do"] = 1, ["repeat"] = 1 }
local closes = { ["}"] = 1, [")"] = 1, ["]"] = 1, ["end"] = 1, ["until"] = 1 }

-- Calls visit(key, first, last) for each item of the table that opens at 'at'; returns where it closes.
local function each_item(tokens, at, visit)
  local depth, first = 0, at + 1
  for i = at, #tokens do
    local text = tokens[i].kind ~= "text" and tokens[i].text or ""
    depth = depth + (opens[text] or 0) - (closes[text] or 0)
    if depth == 0 or depth == 1 and (text == "," or text == ";") then
      if i > first then
        local has_key = tokens[first].kind == "name" and are(tokens, first + 1, "=")
          and not are(tokens, first + 2, "=")
        visit(has_key and tokens[first].text or nil, has_key and first + 2 or first, i - 1)
      end
      first = i + 1
    end
    if depth == 0 then
      return i
    end
  end
end

local function add_entries(found, tokens, at, what)
  if not are(tokens, at, "{") then
    return
  end
  local number = 0
  each_item(tokens, at, function(_, first)
    number = number + 1
    found[#found + 1] = { line = tokens[first].line, kind = "entry", key = what .. ", entry " .. number }
  end)
end

local function add_option(found, tokens, at)
  local name, allows
  each_item(tokens, at, function(key, first)
    if key == "name" then
      name = unquote(tokens[first])
    elseif key == "allows" then
      allows = first
    end
  end)
  if name and allows then
    add_entries(found, tokens, allows, "option " .. name)
  end
end

-- The description of a policy, which opens at 'at'.
local function add_description(found, tokens, at)
  each_item(tokens, at, function(key, first)
    if key == "always" then
      add_entries(found, tokens, first, "always")
    elseif key == "options" and are(tokens, first, "{") then
      each_item(tokens, first, function(_, option)
        if are(tokens, option, "{") then
          add_option(found, tokens, option)
        end
      end)
    end
  end)
end

-- ------------------------------------------------------------------------------------------------

-- As places of Lua have it.
local function shown(path)
  return #path <= 59 and path or "..." .. string.sub(path, -56)
end

local function line_of(text, number)
  for line in string.gmatch(text, "([^\n]*)\n?") do
    number = number - 1
    if number == 0 then
      return (string.gsub(string.match(line, "^%s*(.-)%s*$"), "\t", " "))
    end
  end
end

--- Those of one file; and the names of files that it requires.
---@param text string
---@return { line: integer, kind: string, key?: string }[]
---@return string[]
function sites.scan(text)
  local tokens, found, aliases = tokens_of(text), {}, {}
  local names, files = required(tokens)
  for i, token in ipairs(tokens) do
    local verb, behind = verb_at(tokens, i, names)
    if token.text == "local" then
      add_aliases(tokens, i, names, aliases)
    elseif token.kind == "name" and not verb and not are(tokens, i - 1, ".")
      and not are(tokens, i - 1, ":") then
      verb, behind = aliases[token.text], i + 1
    end
    if verb and is_call(tokens[behind]) then
      found[#found + 1] = { line = token.line, kind = kinds[verb] }
    elseif names[token.text] == "moonward.client" and are(tokens, i + 1, ".", "policy", "{") then
      add_description(found, tokens, i + 3)
    end
  end
  return found, files
end

local function add_file(result, seen, path, text, folder, read)
  local found, files = sites.scan(text)
  seen[path] = true
  for _, site in ipairs(found) do
    local place = shown(path) .. ":" .. site.line
    local hit = site.key and path .. ": " .. site.key or place
    if not seen[hit .. site.kind] then
      seen[hit .. site.kind] = true
      result[#result + 1] = { place = place, hit = hit .. "\t" .. site.kind, text = line_of(text, site.line) }
    end
  end
  for _, name in ipairs(folder and files or {}) do
    local other = folder .. name .. ".lua"
    local inner = not seen[other] and read(other)
    if inner then
      add_file(result, seen, other, inner, folder, read)
    end
  end
end

--- All of a policy: its name, and where it makes verdicts.
---@param name string a name or a path
---@param directory? string
---@param read fun(path: string): string?
---@return string
---@return { place: string, hit: string, text: string }[]
function sites.of(name, directory, read)
  local is_path = string.find(name, "/", 1, true) or string.find(name, "%.lua$")
  local path = is_path and name or directory and directory .. "/" .. name .. ".lua"
  local text = path and read(path)
  local folder = text and (string.match(path, "^.*/") or "./") or nil
  if not text then
    path = "policies/" .. name .. ".lua"
    text = native.bundled(path) or ""
  end
  local result = {}
  add_file(result, {}, path, text, folder, read)
  return string.match(path, "([^/]+)%.lua$") or path, result
end

return sites
