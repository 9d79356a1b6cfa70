--- What a policy may use in place of what Lua has and the sandbox has not (moonward.host.names says why it
--- has not): for messages. False: there is nothing like it, since nothing that a policy decides needs it.

local globals = {
  _G = "a local variable", collectgarbage = false, coroutine = false, debug = false,
  dofile = "require, of a file beside the policy", getmetatable = false,
  io = "an option that the policy declares; it reads and writes no files", load = "a function",
  loadfile = "require, of a file beside the policy", loadstring = "a function",
  module = "a local table that the file returns",
  os = "an option that the policy declares, with env = for a variable; moonward.now() is the clock",
  package = "require",
  print = "moonward.warn(text), which goes to the log",
  rawequal = "==", rawget = "t[key]", rawlen = "#t",
  rawset = "t[key] = value", setfenv = false, setmetatable = "a function that makes the table",
  unpack = "table.unpack", utf8 = false, warn = "moonward.warn(text), which goes to the log",
  xpcall = "pcall",
}

local libraries = {
  lpeg = { locale = "lpeg.R and lpeg.S", pcode = false, ptree = false, setmaxstack = false, utfR = "lpeg.R" },
  math = { abs = "x < 0 and -x or x", fmod = "the operator %", pow = "the operator ^", random = false,
    randomseed = false, ult = false },
  string = {
    dump = false, find = "moonward.regex(p):find(s)", gmatch = "lpeg", gsub = "lpeg.Cs",
    match = "moonward.regex(p):find(s), or moonward.regex(p):captures(s)", pack = false, packsize = false,
    rep = "a loop, or a text that is written out", reverse = "a loop with string.byte", unpack = false,
  },
  table = {
    getn = "#list", insert = "list[#list + 1] = value", move = "a loop", pack = "{ ... }",
    remove = "list[#list] = nil for the last one, else a new list",
  },
}

local no_connections = "moonward.resolve(host) for names; a policy opens no connections"

local modules = {
  cjson = "moonward.json", dkjson = "moonward.json", http = no_connections, inspect = "moonward.json.encode",
  json = "moonward.json", lfs = globals.io, ["lpeg.re"] = "lpeg", ["cjson.safe"] = "moonward.json",
  posix = false, rapidjson = "moonward.json", re = "lpeg", rex_pcre = "moonward.regex",
  rex_pcre2 = "moonward.regex",
  socket = no_connections, ["socket.http"] = no_connections, toml = "moonward.toml",
}

local instead = {}

local function words(name, found)
  if found == nil then
    return nil
  end
  local use = found and "use " .. found or "nothing that a policy decides needs it"
  return name .. " is not in the sandbox; " .. use
end

--- Why there is no global of that name; nil: Lua has none either.
---@param name any
---@return string?
function instead.of_global(name)
  return words(tostring(name), globals[name])
end

--- Why a library has no function of that name; nil: Lua's has none either.
---@param library string
---@param name any
---@return string?
function instead.of_library(library, name)
  return words(library .. "." .. tostring(name), (libraries[library] or {})[name])
end

--- What to require in place of a module, or to do; nil: nothing is known of it.
---@param name string
---@return string?
function instead.of_module(name)
  local found = modules[name]
  if found == nil then
    found = globals[name]
  end
  return libraries[name] and "it without require" or found or nil
end

return instead
