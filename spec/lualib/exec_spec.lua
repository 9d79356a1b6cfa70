-- Which commands a rule lets run, of the bodies that clients send.
local exec = require "moonward.exec"
local json = require "moonward.json"

local function request(body, operation)
  return { operation = operation or "exec.create", has_body = body ~= "", body = body,
    json = body ~= "" and assert(json.decode(body)) or nil }
end

local function digits(text)
  return text:find("^%d+$") ~= nil
end

local rules = {
  dumps = {
    commands = { { "pg_dump", "-U", exec.any }, { "pg_isready" }, { "tail", "-n", digits, exec.rest } },
    users = { "postgres" }, environment = { "PGPASSWORD", "TZ=UTC" }, directories = { "/var/lib" },
  },
  open = { commands = { { "psql", exec.rest } }, tty = true, stdin = true, privileged = true },
  shell = { commands = { { "sh", "-c", exec.any, shell = true } } },
}

describe("an exec rule", function()
  -- rule, body, why not; nil: it passes
  for _, case in ipairs {
    { "dumps", '{"Cmd":["pg_isready"]}' },
    { "dumps", '{"cmd":["pg_isready"],"AttachStdout":true,"AttachStderr":true,"Tty":false,"Detach":true}' },
    { "dumps", '{"Cmd":["pg_dump","-U","x; y"]}' },
    { "dumps", '{"Cmd":["pg_dump","-U",""],"User":"postgres","Env":["PGPASSWORD=a=b","TZ=UTC"]}' },
    { "dumps", '{"Cmd":["pg_isready"],"WorkingDir":"/var/lib/x","User":null,"Env":null,"Unheard":null}' },
    { "dumps", '{"Cmd":["tail","-n","12"]}' },
    { "dumps", '{"Cmd":["tail","-n","12","a","b"],"ConsoleSize":[1,2],"DetachKeys":"a"}' },
    { "dumps", '{"Cmd":["pg_dump","-U"]}', "the command pg_dump -U is not among those that are allowed" },
    { "dumps", '{"Cmd":["pg_dump","-U","a","b"]}', "the command pg_dump -U a b is not among those that are allowed" },
    { "dumps", '{"Cmd":["/tmp/pg_isready"]}', "the command /tmp/pg_isready is not among those that are allowed" },
    { "dumps", '{"Cmd":["pg_isready "]}', 'the command "pg_isready " is not among those that are allowed' },
    { "dumps", '{"Cmd":["tail","-n","+1"]}', "the command tail -n +1 is not among those that are allowed" },
    { "dumps", '{"Cmd":["pg_isready"],"User":"root"}', "the command is not to run as root" },
    { "dumps", '{"Cmd":["pg_isready"],"USER":"0"}', "the command is not to run as 0" },
    { "dumps", '{"Cmd":["pg_isready"],"Privileged":true}', "the command is not to be privileged" },
    { "dumps", '{"Cmd":["pg_isready"],"Tty":true}', "the command is not to have a terminal" },
    { "dumps", '{"Cmd":["pg_isready"],"AttachStdin":true}', "the command is not to have stdin" },
    { "dumps", '{"Cmd":["pg_isready"],"WorkingDir":"/var/lib/../run"}', "the command is not to run in /var/lib/../run" },
    { "dumps", '{"Cmd":["pg_isready"],"Env":["PATH=/tmp"]}', "the variable PATH is not among those of the command" },
    { "dumps", '{"Cmd":["pg_isready"],"Env":["TZ=CET"]}', "the variable TZ is not among those of the command" },
    { "dumps", '{"Cmd":["pg_isready"],"Env":["TZ"]}', "the variable TZ is not among those of the command" },
    { "dumps", '{"Cmd":["pg_isready"],"Env":["PGPASSWORD=a","PGHOST=b"]}',
      "the variable PGHOST is not among those of the command" },
    { "dumps", "", "exec: expected an object, got a nil (the body)" },
    { "dumps", "null", "exec: expected an object, got null (the body)" },
    { "dumps", "[]", "exec: expected an object, got a list (the body)" },
    { "dumps", "{}", "exec: there is no command (Cmd)" },
    { "dumps", '{"Cmd":"pg_isready"}', "exec: expected a list, got a string (Cmd)" },
    { "dumps", '{"Cmd":["pg_isready",null]}', "exec: expected a string, got null (Cmd[2])" },
    { "dumps", '{"Cmd":["pg_isready"],"Privileged":"no"}', "exec: expected true or false, got a string (Privileged)" },
    { "dumps", '{"Cmd":["pg_isready"],"Env":{"A":"b"}}', "exec: expected a list, got an object (Env)" },
    { "dumps", '{"Cmd":["pg_isready"],"Entrypoint":["sh"]}', "exec: the field Entrypoint is not known" },
    { "open", '{"Cmd":["psql"],"Tty":true,"AttachStdin":true,"Privileged":true}' },
    { "open", '{"Cmd":["psql","-c","x"]}' },
    { "shell", '{"Cmd":["sh","-c","id"]}' },
    { "shell", '{"Cmd":["sh","-c","id","x"]}', "the command sh -c id x is not among those that are allowed" },
  } do
    it(("%s %s"):format(case[3] and "refuses" or "lets pass", case[2]), function()
      local fine, why = exec.rule(rules[case[1]])(request(case[2]))
      assert.equal(case[3], why)
      assert.equal(case[3] == nil, fine)
    end)
  end

  it("is of exec.create alone, podman's own as well", function()
    local rule = exec.rule(rules.dumps)
    assert.is_true(rule(request('{"Cmd":["pg_isready"]}', "libpod.exec.create")))
    for _, operation in ipairs { "exec.start", "container.create", "libpod.exec.start" } do
      local fine, why = rule(request('{"Cmd":["pg_isready"]}', operation))
      assert.is_false(fine)
      assert.equal("this creates no exec", why)
    end
  end)

  it("stays as it was when its table is changed", function()
    local given = { commands = { { "a" } }, users = { "x" } }
    local rule = exec.rule(given)
    given.commands[1][1], given.users[1], given.privileged = "b", "root", true
    assert.is_true(rule(request '{"Cmd":["a"],"User":"x"}'))
    assert.is_false(rule(request '{"Cmd":["b"]}'))
    assert.is_false(rule(request '{"Cmd":["a"],"User":"root"}'))
    assert.is_false(rule(request '{"Cmd":["a"],"Privileged":true}'))
  end)

  -- rule, message
  for _, case in ipairs {
    { nil, "exec.rule: expected { commands = { { \"pg_dump\" }, ... } }" },
    { {}, "exec.rule: expected { commands = { { \"pg_dump\" }, ... } }" },
    { { commands = {} }, "exec.rule: expected { commands = { { \"pg_dump\" }, ... } }" },
    { { commands = { "pg_dump" } }, "exec.rule: command 1 is no list such as { \"pg_dump\", \"-U\", exec.any }" },
    { { commands = { { "a" }, {} } }, "exec.rule: command 2 is no list such as" },
    { { commands = { { "a", 7 } } }, "exec.rule: command 1 holds a number, expected texts," },
    { { commands = { { "a", exec.rest, "b" } } }, "exec.rule: command 1 has exec.rest before its end" },
    { { commands = { { "a", shel = true } } }, "exec.rule: command 1 has the unknown key 'shel'; known is shell" },
    { { commands = { { "a", shell = "yes" } } }, "exec.rule: command 1: shell is a string, expected true or false" },
    { { commands = { { "a" } }, user = "x" }, "exec.rule: unknown key 'user', did you mean users?" },
    { { commands = { { "a" } }, users = "x" }, "exec.rule: users is a string, expected a list of texts" },
    { { commands = { { "a" } }, environment = { 7 } }, "exec.rule: environment holds a number, expected texts" },
    { { commands = { { "a" } }, tty = "yes" }, "exec.rule: tty is a string, expected true or false" },
    { { commands = { { "a" } }, directories = { "srv" } }, "exec.rule: a directory begins with /, got 'srv'" },
    { { commands = { { exec.any } } }, "exec.rule: command 1: it leaves the program open; if that is meant," },
    { { commands = { { "sh", "-c", "x" } } }, "exec.rule: command 1: sh runs what it is told; if that is meant, write" },
    { { commands = { { "/bin/bash" } } }, "exec.rule: command 1: /bin/bash runs what it is told; " },
    { { commands = { { "python3.11", "x.py" } } }, "exec.rule: command 1: python3.11 runs what it is told; " },
    { { commands = { { "env", "A=b", "ls" } } }, "exec.rule: command 1: env runs what it is told; " },
    { { commands = { { "docker-entrypoint", "sh" } } }, "exec.rule: command 1: sh runs what it is told; " },
  } do
    it("says in the line that calls: " .. case[2], function()
      local ok, message = pcall(function()
        local rule = exec.rule(case[1])
        return rule
      end)
      assert.is_false(ok)
      local words = message:match("^spec/lualib/exec_spec%.lua:%d+: (.*)$")
      assert.equal(case[2], words and words:sub(1, #case[2]), message)
    end)
  end
end)

describe("the option allowexec", function()
  local function when(_, options)
    return options.held ~= false, "it is not the client's"
  end

  local function judge(list, body, held)
    local option = exec.option(when)
    option.check(list)
    return option.allows[1].when(request(body), { allowexec = list, held = held }, {})
  end

  -- entry, body, whether it passes
  for _, case in ipairs {
    { "pg_isready", '{"Cmd":["pg_isready"]}', true },
    { "pg_dump -U *", '{"Cmd":["pg_dump","-U","a b"]}', true },
    { "pg_dump -U *", '{"Cmd":["pg_dump","-U"]}', false },
    { "pg_dump -U p*", '{"Cmd":["pg_dump","-U","postgres"]}', true },
    { "pg_dump -U p*", '{"Cmd":["pg_dump","-U","root"]}', false },
    { "tail ...", '{"Cmd":["tail"]}', true },
    { "tail ...", '{"Cmd":["tail","-f","x"]}', true },
    { "-u postgres psql", '{"Cmd":["psql"],"User":"postgres"}', true },
    { "psql", '{"Cmd":["psql"],"User":"postgres"}', false },
    { "-it psql", '{"Cmd":["psql"],"Tty":true,"AttachStdin":true}', true },
    { "-t psql", '{"Cmd":["psql"],"Tty":true,"AttachStdin":true}', false },
    { "-e PGPASSWORD -e TZ=UTC psql", '{"Cmd":["psql"],"Env":["PGPASSWORD=x","TZ=UTC"]}', true },
    { "-w /srv psql", '{"Cmd":["psql"],"WorkingDir":"/srv/a"}', true },
    { "--privileged mount", '{"Cmd":["mount"],"Privileged":true}', true },
    { "--shell sh -c *", '{"Cmd":["sh","-c","id"]}', true },
  } do
    it(("%s with '%s' %s"):format(case[2], case[1], case[3] and "passes" or "is refused"), function()
      assert.equal(case[3], (judge({ "other", case[1] }, case[2])))
    end)
  end

  it("asks first whether the container is the client's", function()
    local fine, why = judge({ "psql" }, '{"Cmd":["psql"]}', false)
    assert.is_false(fine)
    assert.equal("it is not the client's", why)
  end)

  -- entry, message
  for _, case in ipairs {
    { "", "option allowexec: '': there is no command" },
    { "-u postgres", "option allowexec: '-u postgres': there is no command" },
    { "-x psql", "option allowexec: '-x psql': the flag -x is not known, or has no value; known are" },
    { "-w srv psql", "option allowexec: '-w srv psql': a directory begins with /, got srv" },
    { "sh -c *", "option allowexec: 'sh -c *': sh runs what it is told; if that is meant, write --shell in front" },
    { "* x", "option allowexec: '* x': it leaves the program open; if that is meant, write --shell in front" },
    { "a [b", "option allowexec: 'a [b': '[b' is not a glob: no ']' for the '[' at character 1" },
  } do
    it("stops the start at '" .. case[1] .. "'", function()
      local ok, message = pcall(exec.option(when).check, { case[1] })
      assert.is_false(ok)
      assert.equal(case[2], message:sub(1, #case[2]))
    end)
  end
end)
