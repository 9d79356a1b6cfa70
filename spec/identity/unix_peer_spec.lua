-- Who connects to a Unix socket is the process that did, and it alone: not one that has its number later,
-- however late the worker looks. What cannot be told any more is refused.
-- PEER_ROUNDS: how often a process takes the number of another (10).

local caller = require "spec.support.caller"
local engine = require "spec.support.engine"
local folder = require "spec.support.folder"
local gate = require "spec.support.gate"
local loop = require "spec.support.loop"
local process = require "spec.support.process"
local stalls = require "spec.support.stalls"
local sys = require "spec.support.sys"

local it = engine.it(it, pending)

local rounds = tonumber(os.getenv("PEER_ROUNDS")) or 10
local far = "far:///moonward/moonward.sock"

-- Linux says from 6.5 on whether the number is still that of who connected (docs/security.md, "What remains").
local release = folder.read("/proc/sys/kernel/osrelease") or ""
local major, minor = release:match "^(%d+)%.(%d+)"
local kernel_tells = (tonumber(major) or 0) * 1000 + (tonumber(minor) or 0) >= 6005

-- What runs next gets this number, if nothing else begins meanwhile and it is free.
local function give_next(pid)
  local file = assert(io.open("/proc/sys/kernel/ns_last_pid", "w"))
  file:write(pid - 1)
  file:close()
end

local function is_there(pid)
  return folder.read("/proc/" .. pid .. "/stat") ~= nil
end

local function finish(pid)
  sys.kill(pid, "KILL")
  assert(loop.until_true(function() return not is_there(pid) end, 5))
end

describe("at a Unix socket", function()
  local proxy, rich, poor, lasting

  setup(function()
    if not engine.unavailable() then
      proxy = gate.host({ gate.policy() }, { port = 2381 })
      local binds = { proxy.folder .. ":/moonward" }
      rich = caller.run("peer-rich", { binds = binds, network = "none", labels = { ["spec.grant"] = "yes" } })
      poor = caller.run("peer-poor", { binds = binds, network = "none" })
    end
  end)

  after_each(function()
    if proxy then
      stalls.finish(proxy)
    end
    if lasting then
      lasting()
      lasting = nil
    end
  end)

  teardown(function()
    if proxy then
      proxy:stop()
      caller.all({ rich, poor }, function(one) one:remove() end)
    end
  end)

  -- A connection of that container, whose process is known; the worker stands still from before it.
  local function connect(one, stalled)
    if stalled then
      stalls.begin(proxy)
    end
    local conn = assert(one:open(far))
    local pid = assert(one:far_process())
    return conn, pid
  end

  local function verdict_of(conn)
    stalls.finish(proxy)
    local verdict, reason = caller.ask_over(conn)
    conn:close()
    return verdict, reason
  end

  -- Has a process of the kind begin until it has this number; gives what ends it.
  local kinds = {}

  kinds["of a container with rights"] = function(pid)
    give_next(pid)
    local conn = assert(rich:open("unix:///moonward/moonward.sock"))
    local function over() conn:close() end
    local groups = folder.read("/proc/" .. pid .. "/cgroup")
    if groups and groups:find(rich.id, 1, true) then
      return over
    end
    over()
  end

  kinds["of the host"] = function(pid)
    give_next(pid)
    local other = process.start({ "sleep", "60" })
    local function over()
      other:kill("KILL")
      other:wait(5)
    end
    if other.pid == pid then
      return over
    end
    over()
  end

  for _, stalled in ipairs({ false, true }) do
    local when = stalled and ", before a stalled worker accepts" or ", before it asks"

    it("who has ended is not known" .. when, function()
      for _ = 1, rounds do
        for _, one in ipairs({ rich, poor }) do
          local conn, pid = connect(one, stalled)
          finish(pid)
          local verdict, reason = verdict_of(conn)
          assert.equal("unknown", verdict)
          assert.is_truthy(reason:find("which connected, has ended", 1, true), reason)
        end
      end
    end)

    for kind, begin in pairs((kernel_tells or not stalled) and kinds or {}) do
      it("who has ended is not taken for a process " .. kind .. " that has its number" .. when, function()
        for _ = 1, rounds do
          local conn, pid = connect(poor, stalled)
          finish(pid)
          lasting = caller.patiently(function() return begin(pid) end, 20)
          assert.is_truthy(lasting, "nothing gets the number " .. pid)
          local verdict, reason = verdict_of(conn)
          assert.equal("unknown", verdict)
          assert.is_truthy(reason:find("which connected, has ended", 1, true), reason)
          lasting()
          lasting = nil
        end
      end)
    end
  end

  it("who lives is known, however late", function()
    local refused = 0
    for _ = 1, rounds do
      local conn = connect(rich, true)
      loop.sleep(0.05)
      refused = refused + (verdict_of(conn) == "granted" and 0 or 1)
    end
    print(("# %d of %d rightful clients were refused"):format(refused, rounds))
    assert.equal(0, refused)
  end)
end)
