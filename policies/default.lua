-- default: regular expressions per method, with the flags, variables, labels, rules and answers of
-- wollomatic/socket-proxy 1.13. Asked in this order:
--
--   1. Has the client's container a list of its own?         then that one, and not 2
--   2. Is the client in -allowfrom?                          else 403 forbidden IP
--   3. Is there any regex for the method?                    else 405 method not allowed
--   4. Does one match the path, "/v1.41/containers/json"?    else 403 path not allowed
--   5. With -allowbindmountfrom: are all mounts below it?    else 403 bind mount restriction: ...
--
-- A container's own list are its labels PREFIX.allow.METHOD, PREFIX.allow.METHOD.anything and
-- PREFIX.allow.bindmountfrom; they are read when -proxycontainername is set, for clients over TCP.
-- Whoever can create containers can write labels, and so grants; see -selectable for the safe kind.
-- Clients of a Unix socket are not asked for an address: who may open the file decides.
--
-- What is different there, on purpose:
--   * A regex matches the path as a whole, ^(?:regex)$. There, "a|b" becomes ^a|b$, which takes every
--     path that begins with a or ends in b. A warning at the start names such regexes.
--   * The path is canonical; other spellings of one get 400 before they come here.
--   * The bind rule knows every way in (lualib/moonward/mounts.lua says which), and refuses what it
--     does not understand. A body that two readers could read in two ways gets 400.
--   * An entry of -allowfrom that could never match stops the start.
--   * A GET regex that reaches attach/ws, which writes to a container's stdin, is warned about.
--   * A container's own list drops the default bind rule only if it names its own. A label that cannot
--     be read refuses that container's clients, and nobody else's.
--   * While it is not known which container asks (the engine is away), the answer is 403; there, such a
--     client counts as one without labels.
local addresses = require "moonward.addresses"
local allowlist = require "moonward.allowlist"
local moonward = require "moonward"
local mounts = require "moonward.mounts"
local paths = require "moonward.paths"
local regexes = require "moonward.regexes"

local policy = {
  summary = "Regexes per method, client addresses and bind directories, as in wollomatic/socket-proxy.",
  options = {
    {
      name = "allowfrom", env = "SP_ALLOWFROM", default = "127.0.0.1/32",
      help = "Clients that may connect over TCP: addresses, networks, host names; commas between.",
    },
    {
      name = "allowbindmountfrom", env = "SP_ALLOWBINDMOUNTFROM",
      help = "Directories that containers, services and volumes may mount, commas between; empty: all.",
    },
    {
      name = "proxycontainername", env = "SP_PROXYCONTAINERNAME",
      help = "Name of the container that moonward is in; set, it lets containers have lists as labels.",
    },
    {
      name = "dockerlabelprefix", env = "SP_DOCKERLABELPREFIX", default = "socket-proxy",
      help = "What those labels begin with, as in socket-proxy.allow.get.",
    },
  },
}
for _, method in ipairs(allowlist.methods) do
  policy.options[#policy.options + 1] = {
    name = "allow" .. method, env = "SP_ALLOW_" .. method, env_family = true, kind = "list",
    whole = true, -- a regex may have commas
    help = "Regex for paths of " .. method .. " requests to allow. May be given several times.",
  }
end

-- Set by start.
local clients  -- who may connect
local general  -- the list of those without one of their own
local own_list -- gives a container's own list, or why it has none; nil: there are none

local function warn_of(method, rule)
  local doubt = regexes.doubt(rule)
  if doubt then
    moonward.warn(rule.name .. ": matches no request: " .. doubt)
  end
  if rule.has_alternatives then
    moonward.warn(rule.name .. ": is anchored as a whole, ^(?:" .. rule.text .. ")$; socket-proxy anchors"
      .. " only the first alternative in front and the last one behind, and lets more through")
  end
  for _, version in ipairs { "", "/v1.24", "/v1.41", "/v1.47", "/v1.51" } do
    if method == "GET" and rule.regex:match(version .. "/containers/web/attach/ws") then
      moonward.warn(rule.name .. ": takes /containers/{id}/attach/ws too, a GET that writes to stdin")
      return
    end
  end
end

local function read_rules(method, texts)
  local flag, list = "-allow" .. method, {}
  for _, text in ipairs(texts) do
    if text ~= "" then
      local rule = allowlist.rule(text, method, flag .. " or SP_ALLOW_" .. method)
      rule.name = flag .. "=" .. text
      warn_of(method, rule)
      list[#list + 1] = rule
    end
  end
  return #list > 0 and list or nil
end

local function warn_of_list(container, list, message)
  if message then
    moonward.warn("container " .. container.name .. ": " .. message)
  end
  for method, rules in pairs(list and list.rules or {}) do
    for _, rule in ipairs(rules) do
      warn_of(method, rule)
    end
  end
end

local PREFIX = moonward.regex "[a-z0-9]+(?:[.-][a-z0-9]+)*"

function policy.start(options)
  local message
  if not PREFIX:match(options.dockerlabelprefix) then
    error(string.format('invalid dockerlabelprefix "%s": use lowercase letters, digits, dots, and hyphens'
      .. " only; dots and hyphens must separate alphanumeric parts", options.dockerlabelprefix), 0)
  end
  clients, message = addresses.try(options.allowfrom)
  if not clients then
    error("allowfrom: " .. message, 0)
  end
  general = { rules = {}, dirs = allowlist.directories(options.allowbindmountfrom) }
  for _, method in ipairs(allowlist.methods) do
    general.rules[method] = read_rules(method, options["allow" .. method])
  end
  if next(general.rules) == nil and options.proxycontainername == "" then
    moonward.warn("nothing is allowed: there is no -allowGET, -allowHEAD, ... and no SP_ALLOW_GET, ...; or"
      .. " name another policy with -policy; who comes from another proxy sets MOONWARD_POLICY=tecnativa,"
      .. " linuxserver, godoxy, allow-filters or container-filter")
  end
  if options.proxycontainername ~= "" then
    own_list = allowlist.of_containers(options.dockerlabelprefix, warn_of_list)
    moonward.watch_containers { self = options.proxycontainername }
  end
  -- Without these a verdict follows from the request's head and the address alone.
  policy.pure = not own_list and not clients:has_names() and #general.dirs == 0
  policy.methods = {}
  for _, method in ipairs { "CONNECT", "TRACE" } do -- refused by the core, unless a policy asks for them
    policy.methods[#policy.methods + 1] = (own_list or general.rules[method]) and method or nil
  end
end

-- Why the mounts of a request are refused, and the directory that would have to be allowed.
local function mount_refusal(request, dirs)
  local ok, found = pcall(mounts.of, request)
  if not ok and type(found) == "string" then
    return found
  elseif not ok then
    error(found, 0) -- the body itself was refused, with 400
  end
  for _, mount in ipairs(found) do
    if mount.kind == "from" then
      return "volumes-from is not allowed when bind mount restrictions are configured"
    elseif mount.kind == "bind" and not paths.is_below_any(mount.source, dirs) then
      return "bind mount source directory not allowed: " .. mount.source .. " (" .. mount.where .. ")",
        paths.is_absolute(mount.source) and mount.source or nil
    end
  end
end

-- The list that counts for a client, or a denial.
local function list_for(client)
  local address = client.address
  local container = own_list and address and client.container
  if container then
    local list, message = own_list(container)
    if message then
      return nil, moonward.deny("container " .. container.name .. ": " .. message)
    elseif list then
      return list
    end
  end
  if not client.uid and not (address and clients:has(address)) then -- a user id means a Unix socket
    local longer = address and clients:with(address)
    return nil, moonward.deny("forbidden IP", { hint = longer and "-allowfrom=" .. longer })
  end
  return general
end

-- The bind rule of a list, as it was set.
local function dirs_setting(list, options)
  if not list.dirs or list == general then
    return "-allowbindmountfrom=" .. options.allowbindmountfrom
  end
  return "label " .. options.dockerlabelprefix .. ".allow.bindmountfrom=" .. table.concat(list.dirs, ",")
end

function policy.decide(client, request, options)
  local list, refusal = list_for(client)
  if not list then
    return refusal
  end

  local method = request.method
  local path = (request.version and "/v" .. request.version or "") .. request.path
  local rules = list.rules[method]
  local rule = rules and regexes.first(rules, path)
  if not rule then
    local what = list == general and "-allow" .. method
      or "label " .. options.dockerlabelprefix .. ".allow." .. string.lower(method)
    local hint = what .. "=" .. regexes.quote(path)
    return rules and moonward.deny("path not allowed", { hint = hint })
      or moonward.deny("method not allowed", { status = 405, hint = hint })
  end

  local dirs = list.dirs or general.dirs
  if #dirs > 0 then
    local why, dir = mount_refusal(request, dirs)
    if why then
      return moonward.deny("bind mount restriction: " .. why, {
        rule = rule.name,
        hint = dir and dirs_setting(list, options) .. "," .. dir,
      })
    end
  end
  return moonward.allow { rule = rule.name }
end

return policy
