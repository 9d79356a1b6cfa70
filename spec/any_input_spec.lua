-- Whatever people write, in options, variables, requests and policies: every command ends with words and a code,
-- never in an abort. Values are made at random, by a seed that is the same in each run.
local cli = require "spec.support.pinger"
local folder = require "spec.support.folder"

local place = folder.new()

local random = math.random

local function pick(list)
  return list[random(#list)]
end

-- What values are made of: pieces that mean something somewhere, and bytes that mean nothing.
local pieces = {
  "", " ", ",", "=", ":", "/", "//", "..", "-", "--", "%", "%2", "%2f", "%00", "%s%n", "\n", "\r\n", "\t", "\1", "\127",
  "\255", "\226\128\174", "\195", "0", "1", "-1", "0660", "432", "0x1ff", "0b1", "1_0", "9e9", "18446744073709551616",
  "true", "False", "unix://", "tcp://", "tcp://[::1]:0", "?mode=0660", "&group=", "127.0.0.1", "10.0.0.0/88", "::",
  "fe80::1%eth0", "/var/run/docker.sock", "[", "[a", "[z-a]",
  "(", "(?P<", "a{1001}", "(a*)*", "\\", "\\Q", "*", "?", "|", "'", '"', "`", "$HOME",
  "${x}", "{", "}", "{}", "[]", "null", '{"a":[1,2', "sample", "container", "default", "read-only", "HTTP/1.1",
}

local lengths = { 1, 2, 3, 7, 63, 64, 65, 127, 128, 255, 256, 300, 511, 512, 513, 600, 1023, 1024, 1025, 4095, 4096, 4097, 70000 }

local function value()
  local kind, text = random(4), ""
  if kind == 1 then -- one thing, as often as one likes
    local piece = pick(pieces)
    text = string.sub(string.rep(piece == "" and "x" or piece, pick(lengths)), 1, 70000)
  else
    for _ = 1, random(6) do
      text = text .. pick(pieces)
    end
  end
  if kind == 4 then
    text = text .. string.rep("x", pick(lengths))
  end
  return text
end

local function ends_well(words, env, stdin)
  local result = cli.run(words, env or {}, stdin)
  local shown = {}
  for i, word in ipairs(words) do
    shown[i] = string.format("%q", #word > 200 and word:sub(1, 200) .. "..." or word)
  end
  local what = table.concat(shown, " ") .. "\n" .. string.sub(result.stderr, 1, 1000)
  assert.is_nil(result.signal, what)
  assert.is_truthy(result.code and result.code <= 4, tostring(result.code) .. " " .. what)
  assert.is_truthy(result.stdout ~= "" or result.stderr ~= "", what)
end

local function names_of(words)
  local flags, variables = {}, {}
  for line in string.gmatch(cli.run(words, {}).stdout, "[^\n]+") do
    local flag = string.match(line, "^  %-([%w_-]+)")
    if flag then
      flags[#flags + 1] = flag
    end
    for variable in string.gmatch(string.match(line, "^  .*") or "", "%f[%w_][A-Z][A-Z_]+[A-Z]%f[^%w_]") do
      variables[#variables + 1] = variable
    end
  end
  return flags, variables
end

describe("no input ends in an abort:", function()
  local policies = { "default", "agent", "tecnativa" }

  before_each(function()
    math.randomseed(20261127)
  end)

  it("values of every option", function()
    for _, policy in ipairs(policies) do
      for _, flag in ipairs((names_of { "help", "-policy=" .. policy })) do
        if flag ~= "policy" or policy == "default" then
          ends_well { "check", "-policy=" .. policy, "-" .. flag .. "=" .. value() }
        end
      end
    end
  end)

  it("values of variables", function()
    local _, variables = names_of { "help" }
    assert.is_true(#variables > 20)
    for _, variable in ipairs(variables) do
      ends_well({ "check" }, { variable .. "=" .. value() })
    end
  end)

  it("names of options and variables", function()
    for _ = 1, 40 do
      ends_well({ pick { "check", "explain", "help", "compare", "policies" }, "-" .. value() },
        { "SP_" .. string.gsub(value(), "=", "") .. "=1" })
    end
  end)

  it("requests that are explained", function()
    for i = 1, 80 do
      local path = pick { "/v1.41/containers/json?filters=", "/containers/", "/v", "/images/", "/build?t=", "" } .. value()
      local words = { "explain", "-policy=" .. pick(policies), pick { "GET", "POST", "DELETE", value() }, path }
      local more = pick { "-from", "-label", "-listener", "-body" }
      if i % 2 == 0 then
        table.insert(words, 2, more .. "=" .. value())
      end
      ends_well(words)
    end
  end)

  it("requests that are compared", function()
    for _ = 1, 30 do
      ends_well({ "compare", "-policy=read-only", "-with", "-policy=docker-cli", "-requests=-" }, {},
        pick { "GET ", "GET [/v1.47]", "GET [", "" } .. "/containers/" .. value() .. "\n" .. value() .. "\n")
    end
  end)

  it("what a policy declares", function()
    for i = 1, 30 do
      local kind = pick { "text", "list", "switch", "number", "octal", "size", "file" }
      local path = folder.write(place .. "/declares" .. i .. ".lua", string.format(
        "return { summary = %q, options = { { name = %q, env = %q, kind = %q, default = %q, help = %q, unit = %q } },"
          .. " decide = function() error(%q) end }",
        value(), pick { "x", "x" .. value() }, pick { "X_Y", "X" .. value() }, kind, value(),
        (string.gsub("x" .. value(), "%c", "")), pick { "s", value() }, value()))
      for _, command in ipairs { "help", "check" } do
        ends_well { command, "-policy=" .. path }
      end
      ends_well { "policies", "-policydir=" .. place, pick { "declares" .. i, value() } }
    end
  end)
end)
