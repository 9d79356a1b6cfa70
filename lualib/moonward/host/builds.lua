--- The second half of the verdict on a build: the Dockerfile is in the body, which goes to the engine but for
--- its end (core/proxy/upload.h), and then the allowances that asked for it are asked again.
local core = require "moonward.core"
local dockerfile = require "moonward.dockerfile"
local native = require "moonward.host.native"

local builds = {}

local LONGEST_NAME = 255 -- of struct verdict

local function deny(text, ...)
  return core.ruling("deny", 403, string.format(text, ...))
end

--- Why the Dockerfile of a request cannot be had; nil if it comes with the body.
---@param request moonward.Request
---@return moonward.Verdict? refusal
function builds.refusal(request)
  local query = request.query
  if request.operation ~= "image.build" then
    error("dockerfile: " .. (request.operation or request.path) .. " has none; only image.build has", 0)
  elseif (query.version or "1") ~= "1" then
    return deny("a policy judges builds by their Dockerfile, which BuildKit does not send; build without it,"
      .. " DOCKER_BUILDKIT=0 docker build ...")
  elseif (query.remote or "") ~= "" then
    return deny("a policy judges builds by their Dockerfile, and the engine would fetch that from elsewhere;"
      .. " send the build's context instead")
  elseif #(query.dockerfile or "") > LONGEST_NAME then
    return deny("the name of the Dockerfile is longer than %d bytes", LONGEST_NAME)
  end
end

-- What one allowance says of it: nil, or a denial.
local function ask(part, file, check_returned)
  native.enter(part.policy)
  local ruling = part.dockerfile(file)
  check_returned(ruling)
  local kind = core.kind(ruling)
  if ruling ~= nil and kind ~= "deny" and kind ~= "hide" then
    native.blame_decide()
    error("dockerfile returned " .. (kind and "moonward.allow" or "a " .. type(ruling))
      .. "; return moonward.deny(reason), or nothing", 0)
  end
  return ruling
end

--- What C calls with the Dockerfile, or with why there is none; nil if nobody asked for it. And its name.
--- It returns a denial or nil, the policy, and the text that the builder gets instead.
---@param request moonward.Request
---@param parts table[] as changes.take left them
---@param check_returned fun(ruling: any)
---@return (fun(fine: boolean, text: string?): moonward.Verdict?, integer, string?)?
---@return string?
function builds.judge(request, parts, check_returned)
  local asking = {}
  for _, part in ipairs(parts) do
    asking[#asking + 1] = part.dockerfile and part or nil
  end
  if #asking == 0 then
    return nil
  end
  local query = request.query
  local settings = { buildargs = query.buildargs, target = query.target }
  return function(fine, text)
    local file, message = nil, text
    if fine then
      file, message = dockerfile.read(text, settings)
    end
    if not file then
      return deny("the build cannot be judged: %s", fine and message or "the build context: "
        .. (text or "not enough memory")), asking[1].policy, nil
    end
    for _, part in ipairs(asking) do
      local ruling = ask(part, file, check_returned)
      if ruling ~= nil then
        return ruling, part.policy, nil
      end
    end
    return nil, asking[1].policy, dockerfile.held(file, settings)
  end, (query.dockerfile or "") ~= "" and query.dockerfile or "Dockerfile"
end

return builds
