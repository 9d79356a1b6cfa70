-- Reads Go sources of a git repository as far as tools/api-diff needs it: the types of a package with their
-- fields, and the functions with their texts. It is no parser of Go: it takes sources that gofmt has set.

local go = {}
go.__index = go

--- Sources at a revision of a git directory.
---@param git string
---@param revision string
function go.open(git, revision)
  return setmetatable({ git = git, revision = revision, packages = {}, files = {} }, go)
end

function go:run(command)
  local pipe = assert(io.popen(("git --git-dir='%s' %s 2>/dev/null"):format(self.git, command)))
  local text = pipe:read "a"
  pipe:close()
  return text
end

--- A file's text; nil if there is none.
---@param path string
---@return string?
function go:read(path)
  if self.files[path] == nil then
    local text = self:run(("show '%s:%s'"):format(self.revision, path))
    self.files[path] = text ~= "" and text or false
  end
  return self.files[path] or nil
end

--- The paths of a folder's files that are built on Linux, tests left out.
---@param folder string
---@return string[]
function go:list(folder)
  local paths = {}
  for path in self:run(("ls-tree --name-only '%s' '%s/'"):format(self.revision, folder)):gmatch "[^\n]+" do
    local is_other = path:find "_test%.go$" or path:find "_windows%.go$" or path:find "_unsupported%.go$"
    paths[#paths + 1] = path:find "%.go$" and not is_other and path or nil
  end
  return paths
end

local function without_comments(text)
  return (text:gsub("([\t ])//[^\n]*", "%1"):gsub("\n//[^\n]*", "\n"):gsub("([\n\t ])/%*.-%*/", "%1"))
end

-- `import x "a/b"` and what stands in `import (...)`: paths by the names that the file uses.
local function imports_of(text)
  local imports = {}
  local function add(line)
    local name, path = line:match '^%s*([%w_]*)%s*"([^"]+)"'
    if path then
      imports[name ~= "" and name or path:match "([^/]+)$"] = path
      local versioned = name == "" and path:match "([^/]+)/v%d+$" -- a module's version is no name
      if versioned then
        imports[versioned] = path
      end
    end
  end
  for block in text:gmatch "\nimport %(\n(.-)\n%)" do
    for line in block:gmatch "[^\n]+" do
      add(line)
    end
  end
  for line in text:gmatch "\nimport ([^(\n][^\n]*)" do
    add(line)
  end
  return imports
end

-- The folders where a package may be: moby's own, its modules, and what it vendors.
local function folders_of(path)
  local own = path:match "^github%.com/docker/docker/(.*)$" or path:match "^github%.com/moby/moby/v2/(.*)$"
    or path:match "^github%.com/moby/moby/(.*)$"
  return { own or "vendor/" .. path, own and "vendor/" .. path or nil }
end

--- A package: its types by name and its functions.
---@param folder string
---@return table package {types, functions}
function go:package(folder)
  if self.packages[folder] then
    return self.packages[folder]
  end
  local package = { folder = folder, types = {}, functions = {}, count = 0 }
  self.packages[folder] = package
  for _, path in ipairs(self:list(folder)) do
    local text = without_comments("\n" .. self:read(path))
    local imports = imports_of(text)
    package.count = package.count + 1
    local function add(name, definition)
      package.types[name] = { text = definition, imports = imports, folder = folder, name = name }
    end
    for name, kind, body in text:gmatch "\ntype (%w+) =? ?([%w.*%[%]]*) ?(%b{})" do
      add(name, kind .. " " .. body)
    end
    for name, definition in text:gmatch "\ntype (%w+) =? ?([^\n{(]+)\n" do
      add(name, definition)
    end
    for block in text:gmatch "\ntype (%b())" do
      for name, definition in block:gmatch "\n\t(%w+) =? ?([^\n{]+)\n" do
        add(name, definition)
      end
    end
    for at, header in text:gmatch "()\nfunc ([^\n]+)" do
      local name = header:match "^%b() ?(%w+)" or header:match "^%w+"
      local body = header:find "{$" and text:match("^.-\n}", at + 1) or header
      package.functions[name] = { text = body, imports = imports, folder = folder }
    end
  end
  return package
end

--- The type that an expression means where it stands; nil if its source is not there (Go's own library).
---@param expression string
---@param at table a type or a function, whose imports and folder count
---@return table?
function go:type(expression, at)
  local prefix, name = expression:match "^(%w+)%.(%w+)$"
  if not prefix then
    return self:package(at.folder).types[expression]
  end
  for _, folder in ipairs(at.imports[prefix] and folders_of(at.imports[prefix]) or {}) do
    local package = self:package(folder)
    if package.types[name] then
      return package.types[name]
    end
  end
end

local plain = {}
for word in string.gmatch([[
  bool byte int int8 int16 int32 int64 uint uint8 uint16 uint32 uint64 float32 float64
]], "%S+") do
  plain[word] = true
end

-- The fields of a struct's text: name, type, tag. A type may be a struct in place.
local function fields_of(text)
  local fields, at = {}, 1
  local body = text:match "^struct (%b{})$"
  body = body:sub(2, -2):gsub("`[^`]*`", function(tag) return (tag:gsub("[{}]", "")) end)
  while at <= #body do
    local names, rest = body:match("^%s*([%w, ]+) ()struct %b{}", at)
    if names then
      local inner, tag, after = body:match("^(struct %b{}) *(`?[^\n`]*`?)()", rest)
      fields[#fields + 1] = { names, inner, tag }
      at = after
    else
      local line, after = body:match("^([^\n]*)\n?()", at)
      local tag = line:match "(`.*`)" or ""
      local names_, kind = line:gsub("`.*`", ""):match "^%s*([%w_][%w_, ]-)%s+([%w%*%[%].{}]+)%s*$"
      local embedded = not kind and line:gsub("`.*`", ""):match "^%s*(%*?[%w.]+)%s*$"
      if kind then
        fields[#fields + 1] = { names_, kind, tag }
      elseif embedded then
        fields[#fields + 1] = { nil, embedded, tag }
      end
      at = after > at and after or #body + 1
    end
  end
  return fields
end

--- Calls 'found' with each place of a text below a type, as JSON has it.
---@param expression string of Go
---@param at table where it stands
---@param place string "body"
---@param found fun(place: string)
---@param seen? table types on the way
function go:walk(expression, at, place, found, seen)
  seen = seen or {}
  expression = expression:gsub("^%*", "")
  local key, value = expression:match "^map%[([%w.]+)%](.+)$"
  if key then
    found(place .. "{}")
    return self:walk(value, at, place .. "{}", found, seen)
  end
  local element = expression:match "^%[%d*%](.+)$"
  if element == "byte" then
    return found(place)
  elseif element then
    return self:walk(element, at, place .. "[]", found, seen)
  elseif expression == "string" then
    return found(place)
  elseif plain[expression] or expression:find "^interface" or expression == "any" then
    return
  elseif expression:find "^struct {" or expression:find "^struct{" then
    return self:walk_fields(expression:gsub("^struct ?", "struct "), at, place, found, seen)
  end
  local type = self:type(expression, at)
  if not type then
    return -- a time, an address: Go's own
  elseif type.text:find "^struct" then
    local id = type.folder .. "." .. type.name
    if not seen[id] then
      self:walk_fields(type.text, type, place, found, setmetatable({ [id] = true }, { __index = seen }))
    end
    return
  end
  return self:walk(type.text:gsub("%s+$", ""), type, place, found, seen)
end

function go:walk_fields(text, at, place, found, seen)
  for _, field in ipairs(fields_of(text)) do
    local names, kind, tag = field[1], field[2], field[3]
    local written = tag:match 'json:"([^",]*)'
    if written == "-" then
      goto continue
    elseif not names and (written == nil or written == "") then
      self:walk(kind, at, place, found, seen)
      goto continue
    end
    for name in (names or kind:match "(%w+)$"):gmatch "%w+" do
      if name:find "^%u" then
        self:walk(kind, at, place .. "." .. (written and written ~= "" and written or name), found, seen)
      end
    end
    ::continue::
  end
end

return go
