--- Runs programs: their three streams apart, a time limit, and never a process left behind.

local loop = require "spec.support.loop"
local stream = require "spec.support.stream"
local sys = require "spec.support.sys"

local process = {}
process.__index = process

local function reader(self, fd, name)
  sys.nonblock(fd)
  local from = stream.of(fd)
  self.readers[#self.readers + 1] = loop.spawn(function()
    local parts = {}
    self[name] = function()
      if #parts > 1 then
        parts = { table.concat(parts) }
      end
      return parts[1] or ""
    end
    while from:fill(3600) ~= false do
      parts[#parts + 1] = from:take(#from.held)
    end
    from:close()
    self.open_outputs = self.open_outputs - 1
  end)
  self.open_outputs = self.open_outputs + 1
  self[name] = function() return "" end
end

local function feed(self, fd, bytes, keep_open)
  sys.nonblock(fd)
  self.input = stream.of(fd)
  self.feeder = loop.spawn(function()
    self.input:send(bytes, 3600)
    if not keep_open then
      self:close_input()
    end
  end)
end

--- Starts a program.
--- options: stdin (text; nil: empty; "terminal" as a flag is 'terminal'), open (stdin stays open),
--- terminal (true: all three streams are one terminal), env ({"A=b"}), files, uid.
---@param argv string[]
---@param options? table
function process.start(argv, options)
  options = options or {}
  local self = setmetatable({ readers = {}, open_outputs = 0, argv = argv }, process)
  local spec = { argv = argv, env = options.env, files = options.files, uid = options.uid }
  if options.terminal then
    local ours, theirs = sys.terminal(24, 80)
    spec.stdin, spec.stdout, spec.stderr, spec.terminal = theirs, theirs, theirs, true
    self.pid = sys.spawn(spec)
    sys.close(theirs)
    sys.nonblock(ours)
    self.input = stream.of(ours)
    reader(self, ours, "stdout")
    self.stderr = function() return "" end
    if options.stdin then
      loop.spawn(function()
        loop.until_true(function()
          return self.stdout():find(options.when or "", 1, true)
        end, 30)
        self.input:send(options.stdin)
      end)
    end
    return self
  end
  local out_read, out_write = sys.pipe()
  local err_read, err_write = sys.pipe()
  spec.stdout, spec.stderr = out_write, err_write
  local in_read, in_write
  if options.stdin or options.open then
    in_read, in_write = sys.pipe()
    spec.stdin = in_read
  end
  self.pid = sys.spawn(spec)
  sys.close(out_write)
  sys.close(err_write)
  reader(self, out_read, "stdout")
  reader(self, err_read, "stderr")
  if in_read then
    sys.close(in_read)
    feed(self, in_write, options.stdin or "", options.open)
  end
  return self
end

function process:write(bytes)
  return self.input:send(bytes)
end

function process:close_input()
  if self.input and self.input.fd then
    self.input:close()
  end
end

--- Waits for plain text in the output; the whole output, or nil when the time is up.
function process:shows(text, timeout)
  return loop.until_true(function()
    local all = self.stdout() .. self.stderr()
    return all:find(text, 1, true) and all
  end, timeout)
end

function process:kill(signal)
  if not self.over then
    sys.kill(self.pid, signal or "KILL")
  end
end

--- True once the program has ended.
function process:ended()
  if not self.over then
    local code, signal = sys.wait(self.pid)
    if code or signal then
      self.over, self.code, self.signal = true, code, signal
    end
  end
  return self.over
end

--- Waits for the end and gives {code, signal, stdout, stderr}; kills it when the time is up.
function process:wait(timeout)
  local fine = loop.until_true(function() return self:ended() end, timeout or 60)
  if not fine then
    sys.kill(-self.pid, "KILL")
    loop.until_true(function() return self:ended() end, 10)
  end
  loop.until_true(function() return self.open_outputs == 0 end, 5)
  for _, task in ipairs(self.readers) do
    loop.cancel(task)
  end
  if self.feeder then
    loop.cancel(self.feeder)
    self:close_input()
  end
  return {
    code = fine and self.code or nil,
    signal = fine and self.signal or nil,
    late = not fine or nil,
    stdout = self.stdout(),
    stderr = self.stderr(),
  }
end

--- Starts, waits, gives the result.
function process.run(argv, options)
  return process.start(argv, options):wait(options and options.timeout)
end

--- Runs a line of shell that must succeed; gives its output.
function process.shell(line, options)
  local result = process.run({ "sh", "-c", line }, options)
  if result.code ~= 0 then
    error(("%s: exit %s\n%s%s"):format(line, result.code, result.stdout, result.stderr), 2)
  end
  return result.stdout
end

return process
