--- Which commands may be run in a container that runs: templates for what `docker exec` asks for.
---
---   local exec = require "moonward.exec"
---   local dumps = exec.rule {
---     commands = { { "pg_dump", "-U", exec.any }, { "pg_isready" } },
---     users = { "postgres" }, environment = { "PGPASSWORD" },
---   }
---   local fine, why = dumps(request)          -- of exec.create
---
--- What a rule does not name it refuses: another user than the container's own, variables, a working
--- directory, a terminal, stdin, privileges, and fields that nobody knows. The body is read as the engine
--- reads it. A program is found by the container's PATH, unless it is written with its path.
---
--- A shell runs whatever it is told, and so do interpreters and programs that start others (env, xargs,
--- find): a template that names one, or leaves the program open, is an error unless it says `shell = true`.
--- The list of them cannot be complete: a program that runs what its arguments say is as good as a shell.
---
--- exec.start names no command: exec.rule judges an exec when it is created. The option -allowexec looks at
--- what is started as well, since somebody else may have created it: at its command, privileges, terminal and
--- stdin, which is what the engine tells of an exec.
local json = require "moonward.json"
local mount_fields = require "moonward.mount_fields"
local nearest = require "moonward.nearest"
local paths = require "moonward.paths"
local reply = require "moonward.reply"
local template = require "moonward.exec_template"

local exec = {}

--- In a template: one argument, whatever it is, also one that begins with a dash.
exec.any = template.any

--- In a template, at its end: any number of arguments.
exec.rest = template.rest

---@class moonward.exec.Template a list: texts, exec.any, exec.rest, or functions of an argument
---@field shell? boolean it may name a program that runs what it is told

---@class moonward.exec.Rule
---@field commands moonward.exec.Template[]
---@field users? string[] whom they may run as, besides the container's own user: "postgres", "1000:1000"
---@field environment? string[] variables they may be given: "PGPASSWORD" with any value, "TZ=UTC" with this
--one
---@field directories? string[] where they may run, and below
---@field tty? boolean they may have a terminal
---@field stdin? boolean they may be written to
---@field privileged? boolean they may have all privileges, and with them the host

local keys = { "commands", "directories", "environment", "privileged", "stdin", "tty", "users" }

local known_fields = {}
for name in string.gmatch([[User Privileged Tty ConsoleSize AttachStdin AttachStdout AttachStderr Detach
  DetachKeys Env WorkingDir Cmd Container containerId]], "%S+") do
  known_fields[json.fold(name)] = true
end

local function texts(given, what, level)
  if given ~= nil and type(given) ~= "table" then
    error(string.format("exec.rule: %s is a %s, expected a list of texts", what, type(given)), level + 1)
  end
  for _, text in ipairs(given or {}) do
    if type(text) ~= "string" or text == "" then
      error(string.format("exec.rule: %s holds a %s, expected texts", what, type(text)), level + 1)
    end
  end
  return given or {}
end

local function check_keys(rule, level)
  if type(rule) ~= "table" or type(rule.commands) ~= "table" or #rule.commands == 0 then
    error("exec.rule: expected { commands = { { \"pg_dump\" }, ... } }", level + 1)
  end
  for key, value in pairs(rule) do
    local is_known = false
    for _, name in ipairs(keys) do
      is_known = is_known or name == key
    end
    if not is_known then
      error(string.format("exec.rule: unknown key '%s'%s", tostring(key), nearest.hint(tostring(key), keys)),
        level + 1)
    elseif (key == "tty" or key == "stdin" or key == "privileged") and type(value) ~= "boolean" then
      error(string.format("exec.rule: %s is a %s, expected true or false", key, type(value)), level + 1)
    end
  end
  for _, directory in ipairs(texts(rule.directories, "directories", level + 1)) do
    if not paths.is_absolute(directory) then
      error("exec.rule: a directory begins with /, got '" .. directory .. "'", level + 1)
    end
  end
end

local function set_of(list)
  local set = {}
  for _, item in ipairs(list) do
    set[item] = true
  end
  return set
end

-- A copy, so that what a policy changes later counts for nothing.
local function read_rule(rule, level)
  check_keys(rule, level + 1)
  local commands = {}
  for i, command in ipairs(rule.commands) do
    commands[i] = template.read(command, "exec.rule: command " .. i, level + 1)
  end
  return {
    commands = commands, users = set_of(texts(rule.users, "users", level + 1)),
    environment = set_of(texts(rule.environment, "environment", level + 1)),
    directories = { table.unpack(rule.directories or {}) },
    tty = rule.tty == true, stdin = rule.stdin == true, privileged = rule.privileged == true,
  }
end

-- Requests ------------------------------------------------------------------------------------------

local function list_of_texts(body, name)
  local list = {}
  for i, text in ipairs(mount_fields.list_at(body, name, "")) do
    list[i] = mount_fields.text(text, name .. "[" .. i .. "]")
  end
  return list
end

-- What the body of an exec.create asks for. What it cannot be read as is raised.
local function read_body(request)
  local body = mount_fields.object(request.has_body and request.json or nil, "the body")
  for name, value in pairs(body) do
    if not known_fields[json.fold(name)] and value ~= json.null then
      error("the field " .. name .. " is not known", 0)
    end
  end
  local asked = {
    command = list_of_texts(body, "Cmd"), environment = list_of_texts(body, "Env"),
    user = mount_fields.text_at(body, "User", ""), directory = mount_fields.text_at(body, "WorkingDir", ""),
    tty = mount_fields.flag_at(body, "Tty", ""), stdin = mount_fields.flag_at(body, "AttachStdin", ""),
    privileged = mount_fields.flag_at(body, "Privileged", ""),
  }
  if #asked.command == 0 then
    error("there is no command (Cmd)", 0)
  end
  return asked
end

local function refusal_of_environment(rule, list)
  for _, text in ipairs(list) do
    local name = string.match(text, "^[^=]*")
    if not rule.environment[text] and not rule.environment[name] then
      return "the variable " .. name .. " is not among those of the command"
    end
  end
end

local function has_command(rule, command)
  for _, matches in ipairs(rule.commands) do
    if matches(command) then
      return true
    end
  end
  return false
end

-- Why a rule does not let pass what is asked for; nil: it does.
local function refusal_of(rule, asked)
  if not has_command(rule, asked.command) then
    return "the command " .. template.show(asked.command) .. " is not among those that are allowed"
  elseif asked.privileged and not rule.privileged then
    return "the command is not to be privileged"
  elseif asked.user ~= "" and not rule.users[asked.user] then
    return "the command is not to run as " .. asked.user
  elseif asked.directory ~= "" and not paths.is_below_any(asked.directory, rule.directories) then
    return "the command is not to run in " .. asked.directory
  elseif asked.tty and not rule.tty then
    return "the command is not to have a terminal"
  elseif asked.stdin and not rule.stdin then
    return "the command is not to have stdin"
  end
  return refusal_of_environment(rule, asked.environment)
end

-- What the engine tells of an exec; nil: there is none.
local function read_created(id)
  local engine = require "moonward.host.engine" -- only here, so that the rest can be used without the daemon
  local status, text = engine.get("/exec/" .. engine.quote(id) .. "/json")
  if status == 404 then
    return nil
  end
  local given = reply.table(status == 200 and reply.decode(text))
  local process = reply.table(given.ProcessConfig)
  local command = { reply.text(process.entrypoint) }
  for _, argument in ipairs(reply.texts(process.arguments)) do
    command[#command + 1] = argument
  end
  return {
    command = command, environment = {}, user = "", directory = "", tty = process.tty ~= false,
    stdin = given.OpenStdin ~= false, privileged = process.privileged ~= false,
  }
end

-- Whether one of the rules lets pass what is asked for; of several the refusal of the one that has its
-- command.
local function judge_asked(rules, asked)
  local reason
  for _, rule in ipairs(rules) do
    local why = refusal_of(rule, asked)
    if not why then
      return true
    elseif not reason or has_command(rule, asked.command) then
      reason = why
    end
  end
  return false, reason
end

-- The same for an exec.create.
local function judge(rules, request)
  local ok, asked = pcall(read_body, request)
  if not ok then
    return false, type(asked) == "string" and "exec: " .. asked or error(asked, 0)
  end
  return judge_asked(rules, asked)
end

-- And for an exec.start. That there is none the engine says itself: it gives no id twice.
local function judge_start(rules, request)
  local created = read_created(request.id)
  if not created then
    return true
  end
  return judge_asked(rules, created)
end

--- A function of a request that says whether it is an exec.create that the rule lets pass, and if not, why.
--- It is a `when` for moonward.client, too.
---@param rule moonward.exec.Rule
---@return fun(request: moonward.Request): boolean, string?
function exec.rule(rule)
  local read = { read_rule(rule, 2) }
  return function(request)
    if request.operation ~= "exec.create" and request.operation ~= "libpod.exec.create" then
      return false, "this creates no exec"
    end
    return judge(read, request)
  end
end

--- The option -allowexec, for policies that are made by moonward.client: the commands that the client may run
--- in the containers that `when` holds for, each written as `docker exec` takes it: flags -u, -e, -w, -i, -t
--- and --privileged, then the command, in which each word is a glob and "..." at the end any number of words.
--- --shell lets it name a shell.
---@param when moonward.client.When
---@return moonward.client.Option
function exec.option(when)
  local text, rules = nil, {}
  local function rules_of(list)
    local key = table.concat(list, "\0")
    if key ~= text then
      rules = {}
      for i, entry in ipairs(list) do
        rules[i] = read_rule(template.rule(entry, "option allowexec"), 2)
      end
      text = key
    end
    return rules
  end
  return {
    name = "allowexec", env = "MOONWARD_ALLOWEXEC", env_family = true, kind = "list", whole = true,
    help = "A command that it may run in containers, as docker exec takes it: -u postgres pg_dump -U *",
    check = rules_of,
    allows = { { "exec.create", "exec.start", "exec.inspect", "exec.resize",
      when = function(request, options, who)
        local holds, why, more = when(request, options, who)
        if holds and request.operation == "exec.create" then
          holds, why = judge(rules_of(options.allowexec), request)
        elseif holds and request.operation == "exec.start" then
          holds, why = judge_start(rules_of(options.allowexec), request)
        end
        return holds, why, more
      end } },
  }
end

return exec
