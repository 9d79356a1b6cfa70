--- Runs one file of specs, with busted's words: in a Lua state of its own, which core/native/spec.h makes.
---
--- The module is a function of the tools that are described there and of the file's path. It says what failed
--- at once, and returns lines for lualib/moonward/command/test.lua:
---
---   count PASSED FAILED ERRORS PENDING     and then, of what was reached, those of moonward.spec.reached
---
--- A block of describe runs when what stands above it has run to its end, as in busted. Start reading at the
--- end.
local assertions = require "moonward.spec.assertions"
local environment = require "moonward.spec.environment"
local reached = require "moonward.spec.reached"
local show = require "moonward.spec.show"
local test = require "moonward.test"

local hook_names = { "before_each", "after_each", "setup", "teardown" }

---@class moonward.spec.Block
---@field name string
---@field body function
---@field place string "file_spec.lua:3"
---@field parent? moonward.spec.Block
---@field children table[] blocks and cases, in their order
---@field hooks table<string, function[]>

local run = {}
run.__index = run

local function new_block(name, body, place, parent)
  local block = { name = name, body = body, place = place, parent = parent, children = {}, hooks = {} }
  for _, hook in ipairs(hook_names) do
    block.hooks[hook] = {}
  end
  return block
end

local function full_name(node)
  local names = {}
  while node.parent do
    table.insert(names, 1, node.name)
    node = node.parent
  end
  return table.concat(names, " ")
end

-- --- messages ----------------------------------------------------------------------------------

local function indent(text)
  return "  " .. string.gsub(text, "\n", "\n  ")
end

-- What an error says. Whatever is thrown has to come out as a text.
local function words_of(value)
  local message = assertions.message_of(value)
  if message or type(value) == "string" then
    return message or value
  end
  return "an error that is no text: " .. show.value(value)
end

-- Where it happened, if the message does not say so: the lines of specs on the way, innermost first.
local function way_of(places, node, message)
  local lines = {}
  for place in string.gmatch(places or "", "[^\n]+") do
    if place ~= node.place and not string.find(message, place, 1, true) and #lines < 4 then
      lines[#lines + 1] = "\n  at " .. place
    end
  end
  return table.concat(lines)
end

function run:complain(what, node, message, places)
  local name = full_name(node)
  self.say(string.format("%s %s%s\n  %s\n%s%s\n", what, name, name == "" and self.path or "", node.place,
    indent(message), way_of(places, node, message)))
end

-- Takes what guard() returned. True if all went well.
function run:settle(node, ok, value, places)
  if ok then
    return true
  elseif type(value) == "table" and rawget(value, "pending") == self then
    self.pending = self.pending + 1
    return false
  end
  local is_failure = assertions.message_of(value) ~= nil
  local count = is_failure and node.is_case and "failed" or "errors"
  self[count] = self[count] + 1
  self:complain(is_failure and "FAILED" or "ERROR", node, words_of(value), places)
  return false
end

-- --- cases -------------------------------------------------------------------------------------

-- Hooks of all blocks around a case: the outermost first, or last.
local function hooks_around(block, hook, is_reversed)
  local list = {}
  while block do
    for i = #block.hooks[hook], 1, -1 do
      list[#list + 1] = block.hooks[hook][i]
    end
    block = block.parent
  end
  if not is_reversed then
    for i = 1, #list // 2 do
      list[i], list[#list + 1 - i] = list[#list + 1 - i], list[i]
    end
  end
  return list
end

-- What comes behind runs whatever came before.
function run:case(case)
  local fine, finals = true, {}
  self.finals = finals
  for _, hook in ipairs(hooks_around(case.parent, "before_each")) do
    fine = fine and self:settle(case, self.guard(hook))
  end
  fine = fine and self:settle(case, self.guard(case.body))
  for _, hooks in ipairs { finals, hooks_around(case.parent, "after_each", true) } do
    for _, hook in ipairs(hooks) do
      fine = self:settle(case, self.guard(hook)) and fine
    end
  end
  self.finals = nil
  self.passed = self.passed + (fine and 1 or 0)
end

function run:hooks(block, hook)
  for _, fn in ipairs(block.hooks[hook]) do
    if not self:settle(block, self.guard(fn)) then
      return false
    end
  end
  return true
end

function run:block(block)
  self.current = block
  if not self:settle(block, self.guard(block.body)) then
    return
  end
  self.current = nil
  if self:hooks(block, "setup") then
    for _, child in ipairs(block.children) do
      if child.is_case then
        self:case(child)
      else
        self:block(child)
      end
    end
  end
  self:hooks(block, "teardown")
end

-- --- words -------------------------------------------------------------------------------------

function run:here()
  local first
  for place in string.gmatch(self.places(), "[^\n]+") do
    first = first or place
    if string.sub(place, 1, #self.shown_path + 1) == self.shown_path .. ":" then
      return place
    end
  end
  return first or self.path
end

function run:declare(word, name, body)
  if not self.current then
    error(word .. ": it stands in a describe or at the top of the file, not inside of a case or a hook", 3)
  elseif type(name) ~= "string" then
    error(word .. ": expected a text as the first argument, got a " .. type(name), 3)
  elseif type(body) ~= "function" then
    error(word .. ": expected a function as the second argument, got a " .. type(body)
      .. "; pending(name) is for what is to come", 3)
  end
  return new_block(name, body, self:here(), self.current)
end

function run:words()
  local words = { assert = assertions.new() }
  function words.describe(name, body)
    local block = self:declare("describe", name, body)
    table.insert(block.parent.children, block)
  end
  function words.it(name, body)
    local case = self:declare("it", name, body)
    case.is_case = true
    table.insert(case.parent.children, case)
  end
  function words.pending(_)
    if not self.current then
      error({ pending = self }, 0)
    end
    self.pending = self.pending + 1
  end
  function words.finally(hook)
    if not self.finals or type(hook) ~= "function" then
      error("finally: expected a function, inside of a case", 2)
    end
    table.insert(self.finals, 1, hook)
  end
  function words.print(...)
    local texts = table.pack(...)
    for i = 1, texts.n do
      texts[i] = tostring(texts[i])
    end
    self.say(table.concat(texts, "\t") .. "\n")
  end
  for _, hook in ipairs(hook_names) do
    words[hook] = function(fn)
      if not self.current or type(fn) ~= "function" then
        error(hook .. ": expected a function, in a describe or at the top of the file", 2)
      end
      table.insert(self.current.hooks[hook], fn)
    end
  end
  words.context, words.insulate, words.expose = words.describe, words.describe, words.describe
  words.spec, words.test = words.it, words.it
  words.lazy_setup, words.strict_setup = words.setup, words.setup
  words.lazy_teardown, words.strict_teardown = words.teardown, words.teardown
  words.randomize = function() end
  return words
end

-- ------------------------------------------------------------------------------------------------

-- A file's folder, and those above it up to the working directory, each with its slash.
local function folders_of(path)
  local folders, folder = {}, string.match(path, "^(.*/)") or ""
  folders[1] = folder
  local is_below = string.sub(folder, 1, 1) ~= "/" and not string.find("/" .. folder, "/../", 1, true)
  while is_below and folder ~= "" do
    folder = string.match(folder, "^(.*/)[^/]+/$") or ""
    folders[#folders + 1] = folder
  end
  if folders[#folders] ~= "" then
    folders[#folders + 1] = ""
  end
  return folders
end

-- A path as the places of errors have it: Lua shortens long ones.
local function shown(path)
  return #path <= 59 and path or "..." .. string.sub(path, -56)
end

return function(tools, path)
  local self = setmetatable({
    path = path, shown_path = shown(path), say = tools.say, guard = tools.guard, places = tools.places,
    passed = 0, failed = 0, errors = 0, pending = 0,
  }, run)
  local folders = folders_of(path)
  test.use { limits = tools.limits, directory = tools.policydir, folder = folders[1], traces = tools.traces }
  local words = self:words()
  local env = environment.new(tools.read, folders, { luassert = words.assert }, words)
  local root = new_block("", nil, path)
  local text, message = tools.read(path)
  if text then
    root.body, message = load(string.gsub(text, "^#[^\n]*", ""), "@" .. path, "t", env)
  end
  if not root.body then
    self:settle(root, false, message)
  else
    self:block(root)
  end
  return string.format("count\t%d\t%d\t%d\t%d\n", self.passed, self.failed, self.errors, self.pending)
    .. (tools.traces and reached.lines(tools.read) or "")
end
