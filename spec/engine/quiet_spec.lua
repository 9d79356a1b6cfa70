local engine = require "spec.support.engine"
local quiet = require "spec.support.quiet"

local it = engine.it(it, pending)

describe(("a stream that is quiet for %d s is not cut:"):format(quiet.seconds), function()
  for _, way in ipairs({ "straight", "tcp", "unix" }) do
    for _, stream in ipairs(quiet.streams) do
      it(stream.name .. " over " .. way, function()
        local result = quiet.begin()[way .. stream.name]:wait(quiet.seconds + 30)
        assert.equal(stream.shows, result.stdout, result.stderr)
        assert.equal(stream.code or 0, result.code)
      end)
    end
  end
end)
