--- Arguments of ps in container.top. The engine runs ps with them on the host, over all its processes, takes
--- the number below the title PID out of each line, and shows the lines of the container's own. Where a line
--- has no number there, its error quotes the word: so arguments that put text before the number read any
--- process's command line to whoever asks. Those on the list do not:
---
---   local reason = ps_args.refusal(request)     -- nil: no container.top, or its arguments are on the list
local lpeg = require "lpeg"

local ps_args = {}

local function set(text)
  local words = {}
  for word in string.gmatch(text, "%S+") do
    words[word] = true
  end
  return words
end

-- Whole words that choose and format; none of them has text in front of the number.
local plain = set [[-e -A -a -f -F -l -ef -eF -el -elf -ely -Af -AF -w -ww a x u w ww ax au aux -aux auxw
  auxww axu axw axww -efw -efww -L -eLf -T -H -ejH f axf axjf auxf]]
-- Those that add the environment behind the command line.
local with_environment = set [[e axe auxe axew axeww auxew auxeww -efe]]

-- Columns of one word, and those with text of any length, which stay behind the number: at the end.
local columns = set [[c cgroupns cp cputime drs egid egroup euid euser f fgid flags group gid lwp maj_flt
  majflt min_flt minflt ni nice nlwp pcpu %cpu pgid pgrp pid pmem %mem policy ppid pri priority psr rgid
  rgroup rss rssize rsz ruid ruser s sched sess session sid size stat state stime sz tgid thcount tid time
  times etime etimes trs tt tty tname uid user uname vsize vsz wchan]]
local texts = set "args cmd command comm ucmd ucomm"

-- The list behind -o: pid among it, text only as its last.
local function is_list(text)
  local has_pid, has_text = false, false
  for name in string.gmatch(text .. ",", "([^,]*),") do
    if has_text or not (columns[name] or texts[name]) then
      return false
    end
    has_pid, has_text = has_pid or name == "pid", texts[name]
  end
  return has_pid
end

local option = lpeg.P "-" ^ -1 * lpeg.S "eAax" ^ 0 * "o" * lpeg.C(lpeg.P(1) ^ 0)

-- Whether the words are on the list; one of them may be -o with its columns.
local function is_known(words, allowed)
  local lists, i = 0, 1
  while i <= #words do
    local list = not allowed[words[i]] and lpeg.match(option, words[i])
    if list == "" then
      i = i + 1
      list = words[i] or ""
    end
    lists = lists + (list and 1 or 0)
    if list and not is_list(list) or not list and not allowed[words[i]] or lists > 1 then
      return false
    end
    i = i + 1
  end
  return true
end

local both = setmetatable({}, {
  __index = function(_, word) return plain[word] or with_environment[word] end,
})

--- Why the arguments of a container.top are refused; nil if they are not.
---@param request moonward.Request
---@param shows_environment? boolean environments may be shown
---@return string?
---@return { hint: string }?
function ps_args.refusal(request, shows_environment)
  if request.operation ~= "container.top" then
    return nil
  end
  for _, value in ipairs(request:values "ps_args") do
    local words = {}
    for word in string.gmatch(value, "[^ ]+") do
      words[#words + 1] = word
    end
    if not is_known(words, shows_environment and both or plain) then
      return "these arguments of ps may read processes of others: " .. value,
        { hint = "docker top NAME -ef, aux, or -o pid,user,args: the command line as the last column" }
    end
  end
end

return ps_args
