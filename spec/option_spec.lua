-- Options that policies declare, and the values that they get.
local folder = require "spec.support.folder"
local test = require "moonward.test"

local function write(text, name, directory)
  directory = directory or folder.new()
  return folder.write(directory .. "/" .. (name or "policy") .. ".lua", text)
end

local function load(text, options, settings)
  return test.policy((write(text)), options, settings)
end

local function has(text, part)
  return assert.truthy(string.find(text, part, 1, true), ("'%s' is not in: %s"):format(part, text))
end

describe("options", function()
  local policy = [[
    local moonward = require "moonward"
    return {
      options = {
        { name = "word", env = "WORD", default = "none", help = "A word." },
        { name = "on", kind = "switch", help = "On or off." },
        { name = "count", kind = "number", min = 1, max = 9, default = 3, help = "How many." },
        { name = "mode", kind = "octal", default = "0600", help = "A mode." },
        { name = "room", kind = "size", default = "4k", help = "How much." },
        { name = "paths", env = "PATHS", env_family = true, kind = "list", help = "Some paths." },
        { env = "ONLY_ENV", help = "Without a flag." },
      },
      decide = function(_, _, options)
        return moonward.deny(table.concat({ options.word, tostring(options.on), options.count, options.mode,
          options.room, table.concat(options.paths, "+"), options.ONLY_ENV }, " "))
      end,
    }
  ]]
  local cases = {
    { "have defaults", {}, {}, "none false 3 384 4096  " },
    { "are read from flags", { word = "x", on = true, count = 5, mode = "0644", room = "1m", paths = { "/a", "/b" } },
      {}, "x true 5 420 1048576 /a+/b " },
    { "are read from variables", {}, { WORD = "y", PATHS_1 = "/c", ONLY_ENV = "z" }, "y false 3 384 4096 /c z" },
    { "prefer flags", { word = "x", paths = { "/a" } }, { WORD = "y", PATHS = "/c" }, "x false 3 384 4096 /a " },
    { "can be a command line", { "-word", "x", "-on" }, {}, "x true 3 384 4096  " },
  }
  for _, case in ipairs(cases) do
    it(case[1], function()
      local verdict = load(policy, case[2], { environment = case[3] }):decide { path = "/info" }
      assert.equal(case[4], verdict.reason)
    end)
  end

  describe("of kind list", function()
    -- the option, the flags, the variables, and the entries
    local lists = {
      { 'kind = "list"', { "-x=a, b ,,c" }, {}, { "a", "b", "c" } },
      { 'kind = "list"', { "-x=a,b", "-x", "c" }, {}, { "a", "b", "c" } },
      { 'kind = "list"', {}, { X = "a, b" }, { "a", "b" } },
      { 'kind = "list", env_family = true', {}, { X = "a,b", X_1 = "c , d" }, { "a", "b", "c", "d" } },
      { 'kind = "list"', { "-x=c" }, { X = "a,b" }, { "c" } },
      { 'kind = "list", default = "a, b"', {}, {}, { "a", "b" } },
      { 'kind = "list", default = { "a", "b" }', {}, {}, { "a", "b" } },
      { 'kind = "list", default = {}', {}, {}, {} },
      { 'kind = "list", default = "a"', { "-x=" }, {}, {} },
      { 'kind = "list", default = "a"', { "-x=b" }, {}, { "b" } },
      { 'kind = "list", whole = true', { "-x=/a{1,2}", "-x=/b, c" }, {}, { "/a{1,2}", "/b, c" } },
      { 'kind = "list", whole = true', {}, { X = " a,b" }, { " a,b" } },
      { 'kind = "list", whole = true, default = { "a,b" }', {}, {}, { "a,b" } },
    }
    for i, case in ipairs(lists) do
      it(("has %s with %s (%d)"):format(table.concat(case[4], "+"), case[1], i), function()
        local loaded = load(([[
          local moonward = require "moonward"
          return {
            options = { { name = "x", env = "X", %s, help = "Some." } },
            decide = function(_, _, options) return moonward.deny("<" .. table.concat(options.x, "><") .. ">") end,
          }
        ]]):format(case[1]), case[2], { environment = case[3] })
        assert.equal("<" .. table.concat(case[4], "><") .. ">", loaded:decide({ path = "/info" }).reason)
      end)
    end
  end)

  it("that are declared wrong stop the start", function()
    for declared, message in pairs {
      ['kind = "list", default = { "a,b" }'] = "option 'x': default is 'a,b', which is no such name",
      ['kind = "list", default = { a = "b" }'] = "option 'x': default is a list; it has the key 'a'",
      ['kind = "list", default = { 1 }'] = "option 'x': default is a number, expected a text",
      ['kind = "list", whole = true, default = { "a", "b" }'] = "option 'x': default has 2 entries;",
      ['kind = "list", default = true'] = "option 'x': default is a boolean, expected a string or a list of them",
      ["whole = true"] = "option 'x': whole is for lists",
      ['kind = "switch", secret = true'] = "option 'x': secret is for texts and lists",
      ['secret = true, default = "a"'] = "option 'x': a secret has no default",
    } do
      local ok, found = pcall(load, ('return { options = { { name = "x", %s, help = "Some." } } }'):format(declared))
      assert.is_false(ok, declared)
      has(found, message)
    end
  end)

  it("may have several variables, and words of their own", function()
    local loaded = load([[
      local moonward = require "moonward"
      return {
        options = {
          { env = { "A_POST", "POST" }, kind = "switch", default = false, env_strict = true, help = "Write." },
          { env = "LOG_LEVEL", default = "err", words = { err = "ERROR", debug = "DEBUG" }, help = "How much." },
        },
        decide = function(_, _, options)
          return moonward.deny(tostring(options.A_POST) .. " " .. options.LOG_LEVEL)
        end,
      }
    ]], {}, { environment = { POST = "1", LOG_LEVEL = "DEBUG" } })
    assert.equal("true DEBUG", loaded:decide({ path = "/info" }).reason)
  end)

  it("that are wrong stop the start with the option's name", function()
    for _, wrong in ipairs { { { count = 10 }, "count" }, { { wrd = "x" }, "wrd" }, { { on = "maybe" }, "on" } } do
      local ok, message = pcall(load, policy, wrong[1])
      assert.is_false(ok)
      has(message, "-" .. wrong[2])
    end
  end)

  it("of kind file have the path and the text", function()
    local directory = folder.new()
    local path = directory .. "/rules.txt"
    folder.write(path, "one\ntwo\n")
    local files = [[
      local moonward = require "moonward"
      return {
        options = {
          { name = "rules", env = "RULES", kind = "file", help = "Rules." },
          { env = "MORE", kind = "file", help = "More." },
        },
        decide = function(_, _, options)
          return moonward.deny(options.rules.path .. "|" .. options.rules.text .. "|" .. options.MORE.path .. options.MORE.text)
        end,
      }
    ]]
    assert.equal(path .. "|one\ntwo\n|", load(files, { rules = path }):decide({ path = "/info" }).reason)
    assert.equal("file", load(files):options()[1].kind)
    local wrong = { ["/nowhere"] = "No such file or directory", [directory] = "expected a file, got a folder",
      ["/dev/zero"] = "expected a file, got something else" }
    for named, why in pairs(wrong) do
      local ok, message = pcall(load, files, { rules = named })
      assert.is_false(ok)
      has(message, "-rules: " .. named .. ": " .. why)
    end
    has(select(2, pcall(load, files, {}, { environment = { MORE = "/nowhere" } })), "MORE: /nowhere: No such file")
  end)

  it("are listed with what they declare", function()
    local declared = load(policy):options()
    assert.equal(7, #declared)
    assert.same({ "word", "WORD", "text", "none", "A word.", "policy" }, { declared[1].name, declared[1].env,
      declared[1].kind, declared[1].initial, declared[1].help, declared[1].owner })
    assert.is_true(declared[6].env_family)
  end)

  local wrong = {
    { "{ name = 'a' }", "option 'a' has no help" },
    { "{ help = 'x' }", "has neither a name nor a variable" },
    { "{ name = '-a', help = 'x' }", "name is '-a', which is no such name" },
    { "{ name = 1, help = 'x' }", "name is a number, expected a text" },
    { "{ name = 'a', help = 'x', knd = 'list' }", "unknown key 'knd'; did you mean 'kind'?" },
    { "{ name = 'a', help = 'x', kind = 'lst' }", "unknown kind 'lst'; did you mean 'list'?" },
    { "{ name = 'a', help = 'x', min = -1 }", "min is -1, expected a whole number" },
    { "{ name = 'a', help = 'x', env_family = true }", "env_family is for lists that have a variable" },
    { "{ name = 'a', help = 'x', kind = 'switch', default = 'yes' }", "default is a string, expected a boolean" },
    { "{ name = 'a', help = 'x', default = {} }", "default is a table, expected a string" },
    { "{ name = 'a', kind = 'file', sets = 'policydir', help = 'x' }", "sets is not for files" },
    { "{ env = {}, help = 'x' }", "env is an empty list" },
    { "{ env = { 'A', 'A' }, help = 'x' }", "env has A twice" },
    { "{ env = { 'A', 1 }, help = 'x' }", "option 'A': env is a number, expected a text" },
    { "{ env = 'A', env_empty = true, kind = 'switch', help = 'x' }", "env_empty is for texts" },
    { "{ env = 'A', env_strict = 1, help = 'x' }", "env_strict is true or false" },
    { "{ env = 'A', env_near = 1, help = 'x' }", "env_near is true or false" },
    { "{ env = 'A', required = 1, help = 'x' }", "required is true or false" },
    { "{ name = 'a', words = {}, help = 'x' }", "words is a table such as" },
    { "{ name = 'a', words = { on = true }, help = 'x' }", "what 'on' means is a boolean" },
    { "{ name = 'a', words = { 'on' }, help = 'x' }", "one of words is a number" },
    { "{ name = 'a', kind = 'list', words = { on = '1' }, help = 'x' }", "words is for texts" },
    { "{ name = 'a', words = { on = '1' }, default = 'off', help = 'x' }", "expected one of on; got" },
    { "{ name = 'a', refused = 'x' }", "refused is for variables" },
    { "{ env = 'A', refused = true }", "refused is a boolean, expected a text" },
    { "{ env = 'A', spelling = 'haproxy', sets = 'listen', help = 'x' }", "unknown spelling 'haproxy'" },
    { "{ env = 'A', spelling = 'haproxy-bind', sets = 'upstream', help = 'x' }", "for a variable that sets listen" },
    { "'a'", "option 1 is a string, expected a table" },
    { "x = { name = 'a', help = 'x' }", "options is a list; it has the key 'x'" },
  }
  for _, case in ipairs(wrong) do
    it("are refused when declared wrongly: " .. case[1], function()
      local ok, message = pcall(load, "return { options = { " .. case[1] .. " }, decide = function() end }")
      assert.is_false(ok)
      has(message, case[2])
    end)
  end
end)

describe("a refused variable", function()
  local refusing = [[return { options = { { env = "DELETE", refused = "POST does it" }, { env = "PUT", refused = "no" } },
    decide = function(_, _, options) return require("moonward").deny(tostring(options.POST)) end }]]
  local having = [[return { options = { { env = "DELETE", help = "Deletes." } }, decide = function() end }]]

  it("stops the start with what does it instead", function()
    local ok, message = pcall(load, refusing, {}, { environment = { DELETE = "0" } })
    assert.is_false(ok)
    has(message, "unknown variable DELETE: POST does it")
  end)

  it("is not set if it is empty, and is no option", function()
    local policy = load(refusing, {}, { environment = { DELETE = "", OTHER = "1" } })
    assert.same({}, policy:options())
    has(policy:decide({ path = "/info" }).reason, "POST")
  end)

  it("is another policy's to have", function()
    local place = folder.new()
    local names = { folder.write(place .. "/a.lua", refusing), folder.write(place .. "/b.lua", having) }
    assert.is_truthy(test.policy(names, {}, { environment = { DELETE = "0" } }))
  end)
end)

describe("an option of several policies", function()
  local line = [[return { options = { { name = "allowed", env = "ALLOWED", kind = "list", default = %s, help = "%s" } },
    decide = function(_, request, options)
      if request.query[options.allowed[1] ] then return require("moonward").allow() end
    end }]]

  local function both(first, second)
    local place = folder.new()
    local names = {}
    for i, default in ipairs { first, second } do
      names[i] = folder.write(place .. "/p" .. i .. ".lua", line:format(default, "Help " .. i))
    end
    return test.policy(names, { allowed = "x" })
  end

  it("is one if they declare it alike", function()
    assert.is_true(both('"a"', '"a"'):decide({ path = "/info?x=1" }).allowed)
  end)

  it("is a mistake if they do not", function()
    assert.has_error(function() both('"a"', '"b"') end, "the option -allowed is declared twice: by p1 and by p2")
  end)
end)
