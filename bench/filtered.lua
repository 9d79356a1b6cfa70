-- What a policy that looks into answers costs from socket to socket: a list of 100 MiB, and a stream of
-- events of 1 GiB, from an engine that is faster than moonward to a client that only counts. Uses what
-- the specs use.
--
--   MIB=1024 ROUNDS=3 lua5.4 bench/filtered.lua
package.path = "./?.lua;" .. package.path
package.cpath = "build/spec/?.so;" .. package.cpath

local flood = require "spec.support.flood"

local MIB = tonumber(os.getenv("MIB") or 1024)
local ROUNDS = tonumber(os.getenv("ROUNDS") or 3)

local ways = {
  { "none", "passed as it is" }, { "redact", "redact" }, { "only", "only, by a label" },
  { "both", "only and redact" },
}

local measured = flood.start()

local function median(list)
  table.sort(list)
  return list[(#list + 1) // 2]
end

-- All ways in turns, so that what else the machine does hits each alike.
local function compare(title, path)
  local seconds, firsts, peak, mib = {}, {}, {}, nil
  for _ = 1, ROUNDS do
    for i = 1, #ways do
      local took = measured:drain(path .. "&how=" .. ways[i][1])
      mib = mib or took.bytes / 2 ^ 20 -- unfiltered, what comes out is what came in
      seconds[i], firsts[i] = seconds[i] or {}, firsts[i] or {}
      table.insert(seconds[i], took.seconds)
      table.insert(firsts[i], took.first)
      peak[i] = math.max(peak[i] or 0, took.peak)
    end
  end
  print(("%s, %.0f MiB: rate, how many times slower, first KiB, worker's peak"):format(title, mib))
  for i = 1, #ways do
    local took = median(seconds[i])
    print(("%8.0f MiB/s  %6.2f  %4.0f ms  %6d KiB  %s"):format(mib / took, took / median(seconds[1]),
      median(firsts[i]) * 1000, peak[i], ways[i][2]))
  end
end

compare("a list of containers", "/containers/json?n=53000")
compare("events, one by one as the engine sends them", "/events?n=" .. math.floor(MIB * 2 ^ 20 / 1220))
compare("events, 200 at a time", "/events?blocks=1&n=" .. math.floor(MIB * 2 ^ 20 / 1220))
measured:stop()
