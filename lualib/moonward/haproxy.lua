--- What the programs that are HAProxy with a configuration read from their environment.
---
--- A switch is the number that its text begins with, where anything but 0 is on. So "true" and "yes" are
--- off there, since they begin with no number; whoever wrote them thinks of the opposite. Such a value is a
--- mistake here, and what is plainly off is off.

local haproxy = {}

-- What people write for off. The empty text is what compose makes of an unset variable.
local words = { "", "deny", "disable", "disabled", "f", "false", "n", "never", "no", "none", "off" }
local is_no = {}
for _, word in ipairs(words) do
  is_no[word] = true
end

-- Without quotes and spaces around it, which env files leave in.
local function bare(value)
  return string.match(string.lower(value), "^[%s\"']*(.-)[%s\"']*$")
end

local function is_zero(text)
  return string.find(text, "^[+-]?0+$") ~= nil or string.find(text, "^[+-]?0+[^%w.]") ~= nil
end

--- Whether it is on.
---@param value string
---@return boolean? on nil: it looks on and is off
function haproxy.switch(value)
  local digits = string.match(value, "^[+-]?(%d+)") or ""
  if string.find(digits, "[1-9]") then
    return true
  end
  local text = bare(value)
  if is_no[text] or is_zero(text) then
    return false
  end
end

-- LOG_LEVEL as HAProxy has it, in words of -loglevel. Requests are lines of "info" there, and of INFO here;
-- denials are shown down to WARN.
local log_levels = {
  emerg = "ERROR", alert = "ERROR", crit = "ERROR", err = "ERROR", warning = "WARN", notice = "WARN",
  info = "INFO", debug = "DEBUG",
}

--- The address and port in the words of HAProxy's bind, which one of the programs reads.
---@type moonward.Option
haproxy.bind = {
  env = "BIND_CONFIG", sets = "listen", spelling = "haproxy-bind",
  help = "Where to listen, as HAProxy's bind: 127.0.0.1:2375, or [::]:2375 v4v6.",
}

--- What both programs that are HAProxy read besides switches. They differ in the words that DISABLE_IPV6
--- knows for on.
---@param on_words string[] in small letters
---@param more moonward.Option? what only one of them reads
---@return moonward.Option[]
function haproxy.options(on_words, more)
  local addresses = { ["0"] = "::", ["false"] = "::", no = "::", off = "::" }
  for _, word in ipairs(on_words) do
    addresses[word] = "0.0.0.0"
  end
  return {
    {
      env = "SOCKET_PATH", sets = "socketpath", default = "/var/run/docker.sock",
      help = "Path of the engine's Unix socket.",
    },
    {
      env = "DISABLE_IPV6", sets = "listenip", default = "0", words = addresses,
      help = "Listens on 0.0.0.0 only, and not on ::, which is all of IPv4 and IPv6.",
    },
    {
      env = "LOG_LEVEL", sets = "loglevel", default = "info", words = log_levels,
      help = "Which lines the log has.",
    },
    more,
  }
end

return haproxy
