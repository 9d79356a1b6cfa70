--- BuildKit where a policy does not let it through. Docker's client does not show such a denial: buildx goes
--- on without a word, and wants a builder in a container of its own, of the image moby/buildkit, in a control
--- group of its own. So whatever is denied on that way says what it is about, and what to do.

local buildkit = {}

-- What buildx calls the container of a builder: this, and the builder's name.
local CONTAINER = "^/?buildx_buildkit_"
local IMAGE = "^[^@]*moby/buildkit%f[:@\0]"

local operations = { ["build.grpc"] = true, ["build.session"] = true }

local function is_about(request)
  local operation, query = request.operation, request.query
  if operation == "image.build" then
    return (query.version or "1") ~= "1"
  elseif operation == "image.pull" then
    return string.find(query.fromImage or "", IMAGE) ~= nil
  elseif operation == "container.create" then
    return string.find(query.name or "", CONTAINER) ~= nil
  elseif operation == "container.inspect" or operation == "container.start" then
    return string.find(request.id or "", CONTAINER) ~= nil
  end
  return operations[operation] == true
end

--- Why a request is denied, in words that `docker build` shows where it is on BuildKit's way; else as it was
--- given.
---@param request moonward.Request
---@param reason string
---@return string
function buildkit.reason(request, reason)
  if not is_about(request) then
    return reason
  end
  return "BuildKit is not let through; build without it, DOCKER_BUILDKIT=0 docker build ... ("
    .. reason .. ")"
end

return buildkit
