-- default: regular expressions per method, with the flags, variables, rules and answers of
-- wollomatic/socket-proxy 1.13. Asked in this order:
--
--   1. Is the client in -allowfrom?                          else 403 forbidden IP
--   2. Is there any regex for the method?                    else 405 method not allowed
--   3. Does one match the path, "/v1.41/containers/json"?    else 403 path not allowed
--   4. With -allowbindmountfrom: are all mounts below it?    else 403 bind mount restriction: ...
--
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
--   * Lists per container by label (-proxycontainername, -dockerlabelprefix) are not here yet; the
--     start is refused when they are set.
local addresses = require "moonward.addresses"
local moonward = require "moonward"
local mounts = require "moonward.mounts"
local paths = require "moonward.paths"
local regexes = require "moonward.regexes"

local methods = { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "TRACE", "OPTIONS" }

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
  },
}
for i, method in ipairs(methods) do
  policy.options[i + 2] = {
    name = "allow" .. method, env = "SP_ALLOW_" .. method, env_family = true, kind = "list",
    help = "Regex for paths of " .. method .. " requests to allow. May be given several times.",
  }
end

-- Set by start.
local clients    -- who may connect
local rules = {} -- method -> its regexes; nil without any
local dirs = {}  -- cleaned; empty: no bind rule

local function warn_of(method, rule)
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
      local rule, why = regexes.compile(text)
      if not rule then
        error(string.format('invalid regex "%s" for method %s in %s or SP_ALLOW_%s: %s', text, method,
          flag, method, why), 0)
      end
      rule.name = flag .. "=" .. text
      warn_of(method, rule)
      list[#list + 1] = rule
    end
  end
  return #list > 0 and list or nil
end

function policy.start(options)
  local message
  clients, message = addresses.parse(options.allowfrom)
  if not clients then
    error("allowfrom: " .. message, 0)
  end
  for _, dir in ipairs(paths.list(options.allowbindmountfrom)) do
    if not paths.is_absolute(dir) then
      error(string.format('bind mount directory must start with /: "%s"', dir), 0)
    end
    dirs[#dirs + 1] = paths.clean(dir)
  end
  for _, method in ipairs(methods) do
    rules[method] = read_rules(method, options["allow" .. method])
  end
  policy.methods = {}
  for _, method in ipairs { "CONNECT", "TRACE" } do -- refused by the core, unless a policy asks for them
    policy.methods[#policy.methods + 1] = rules[method] and method or nil
  end
end

-- Why the mounts of a request are refused, and the directory that would have to be allowed.
local function mount_refusal(request)
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

function policy.decide(client, request, options)
  local method = request.method
  local path = (request.version and "/v" .. request.version or "") .. request.path

  local address = client.address
  if not client.uid and not (address and clients:has(address)) then -- a user id means a Unix socket
    local longer = address and clients:with(address)
    return moonward.deny("forbidden IP", { hint = longer and "-allowfrom=" .. longer })
  end

  local list = rules[method]
  local rule = list and regexes.first(list, path)
  if not rule then
    local hint = "-allow" .. method .. "=" .. regexes.quote(path)
    return list and moonward.deny("path not allowed", { hint = hint })
      or moonward.deny("method not allowed", { status = 405, hint = hint })
  end

  if #dirs > 0 then
    local refusal, dir = mount_refusal(request)
    if refusal then
      return moonward.deny("bind mount restriction: " .. refusal, {
        rule = rule.name,
        hint = dir and "-allowbindmountfrom=" .. options.allowbindmountfrom .. "," .. dir,
      })
    end
  end
  return moonward.allow { rule = rule.name }
end

return policy
