--- Templates of commands, for moonward.exec: as lists, and as an operator writes them.
local glob = require "moonward.glob"

local template = {}

-- Functions, so that the copies that policies get are the same.
template.any = function() return true end
template.rest = function() return true end

-- Programs that run what they are told, by name; versions behind it do not count (python3.11).
local launchers = {}
for name in string.gmatch([[ash awk bash busybox chroot csh dash doas env ex expect fish find flock gawk gdb
  ksh lua mawk mksh nawk nice node nohup nsenter parallel perl php python pypy rbash ruby runuser script
  setsid sh ssh strace stdbuf su sudo tclsh tcsh time timeout toybox unshare vi vim watch xargs
  zsh]], "%S+") do
  launchers[name] = true
end

local function base_name(word)
  local name = string.match(word, "[^/]*$")
  return launchers[name] and name or string.gsub(name, "[%d.]+$", "")
end

-- Why a template needs to say `shell = true`; nil: it does not.
local function shell_in(words)
  if type(words[1]) ~= "string" then
    return "it leaves the program open"
  end
  for _, word in ipairs(words) do
    if type(word) == "string" and launchers[base_name(word)] then
      return word .. " runs what it is told"
    end
  end
end

local function check(words, what, level)
  if type(words) ~= "table" or #words == 0 then
    error(what .. " is no list such as { \"pg_dump\", \"-U\", exec.any }", level + 1)
  end
  for key, word in pairs(words) do
    if key ~= "shell" and math.type(key) ~= "integer" then
      error(string.format("%s has the unknown key '%s'; known is shell", what, tostring(key)), level + 1)
    elseif key ~= "shell" and type(word) ~= "string" and type(word) ~= "function" then
      error(string.format("%s holds a %s, expected texts, exec.any, exec.rest or functions", what,
        type(word)), level + 1)
    elseif word == template.rest and key ~= #words then
      error(what .. " has exec.rest before its end", level + 1)
    end
  end
  if words.shell ~= nil and type(words.shell) ~= "boolean" then
    error(what .. ": shell is a " .. type(words.shell) .. ", expected true or false", level + 1)
  end
end

local function fits(word, argument)
  if type(word) == "string" then
    return word == argument
  end
  local result = word(argument)
  if type(result) ~= "boolean" and result ~= nil then
    error("a function of a template returned a " .. type(result) .. ", expected true or false", 0)
  end
  return result == true
end

--- Reads a template. What is none is an error that begins with `what`.
---@param words moonward.exec.Template
---@param what string
---@param level integer as of error(), from where this is called
---@return fun(command: string[]): boolean
function template.read(words, what, level)
  check(words, what, level + 1)
  local why = not words.shell and shell_in(words)
  if why then
    error(what .. ": " .. why .. "; if that is meant, write shell = true in it", level + 1)
  end
  local copy = { table.unpack(words) }
  local is_open = copy[#copy] == template.rest
  local least = is_open and #copy - 1 or #copy
  return function(command)
    if #command < least or #command > least and not is_open then
      return false
    end
    for i = 1, least do
      if not fits(copy[i], command[i]) then
        return false
      end
    end
    return true
  end
end

local LONGEST = 120

--- A command for people.
---@param command string[]
---@return string
function template.show(command)
  local words = {}
  for i, word in ipairs(command) do
    words[i] = string.find(word, "^[%w_./:=@,+-]+$") and word or string.format("%q", word)
  end
  local text = table.concat(words, " ")
  return #text > LONGEST and string.sub(text, 1, LONGEST) .. "..." or text
end

-- Flags of `docker exec`: the key of the rule, and whether a value follows; switches are true.
local flags = {
  ["-u"] = "users", ["--user"] = "users", ["-e"] = "environment", ["--env"] = "environment",
  ["-w"] = "directories", ["--workdir"] = "directories",
}
local switches = {
  ["-i"] = { "stdin" }, ["--interactive"] = { "stdin" }, ["-t"] = { "tty" }, ["--tty"] = { "tty" },
  ["-it"] = { "stdin", "tty" }, ["-ti"] = { "stdin", "tty" }, ["--privileged"] = { "privileged" },
  ["--shell"] = { "shell" },
}

local function words_of(text)
  local words = {}
  for word in string.gmatch(text, "%S+") do
    words[#words + 1] = word
  end
  return words
end

local function complain(option, text, why)
  error(string.format("%s: '%s': %s", option, text, why), 0)
end

-- Reads the flags into the rule. Returns the number of the first word of the command.
local function read_flags(rule, words, option, text)
  local at = 1
  while words[at] and string.sub(words[at], 1, 1) == "-" do
    local key, names = flags[words[at]], switches[words[at]]
    if key == "directories" and not string.find(words[at + 1] or "/", "^/") then
      complain(option, text, "a directory begins with /, got " .. words[at + 1])
    elseif key and words[at + 1] then
      rule[key] = rule[key] or {}
      table.insert(rule[key], words[at + 1])
      at = at + 2
    elseif names then
      for _, name in ipairs(names) do
        rule[name] = true
      end
      at = at + 1
    else
      complain(option, text, "the flag " .. words[at] .. " is not known, or has no value; known are -u, -e,"
        .. " -w, -i, -t, --privileged and --shell")
    end
  end
  return at
end

--- Reads what an operator wrote: "-u postgres pg_dump -U *". A word without *, ?, [ and \ is itself.
---@param text string
---@param option string for messages
---@return moonward.exec.Rule
function template.rule(text, option)
  local rule, words, command = {}, words_of(text), {}
  for at = read_flags(rule, words, option, text), #words do
    local word = words[at]
    if word == "..." and at == #words then
      command[#command + 1] = template.rest
    elseif string.find(word, "[*?%[\\]") then
      local matches, message = glob.try(word)
      command[#command + 1] = matches or complain(option, text, message)
    else
      command[#command + 1] = word
    end
  end
  if #command == 0 then
    complain(option, text, "there is no command")
  end
  command.shell, rule.shell = rule.shell, nil
  local why = not command.shell and shell_in(command)
  if why then
    complain(option, text, why .. "; if that is meant, write --shell in front")
  end
  rule.commands = { command }
  return rule
end

return template
