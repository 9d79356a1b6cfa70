--- Folders that are gone when the run ends.

local shared = require "spec.support.shared"
local sys = require "spec.support.sys"

local folder = {}

--- A fresh folder.
function folder.new()
  local made = shared.once("folders", function() return {} end, function(all)
    for _, path in ipairs(all) do
      os.execute("rm -rf '" .. path .. "'")
    end
  end)
  local path = assert(sys.mkdtemp((os.getenv("TMPDIR") or "/tmp") .. "/mw.XXXXXX"))
  made[#made + 1] = path
  return path
end

--- Writes a file.
function folder.write(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  return path
end

--- Reads a file; nil when there is none.
function folder.read(path)
  local file = io.open(path, "rb")
  local text = file and file:read("a")
  return text, file and file:close()
end

return folder
