--- Labels that a policy gives to whatever a request makes, for moonward.stamp: in bodies and in the query of
--- builds.
local buildkit = require "moonward.buildkit"
local core = require "moonward.core"
local json = require "moonward.json"
local stamps = require "moonward.own.stamps"

local stamp = {}

-- Bodies with Labels at their top.
local bodies = {
  ["config.create"] = true, ["container.create"] = true, ["network.create"] = true, ["secret.create"] = true,
  ["service.create"] = true, ["service.update"] = true, ["volume.create"] = true,
}
-- What makes something with labels that nobody can put there on the way.
local refused = {
  ["build.grpc"] = "builds of BuildKit", ["build.session"] = "builds of BuildKit",
  ["image.load"] = "images that are loaded",
}

local function check(labels, level)
  if type(labels) ~= "table" or next(labels) == nil then
    error("moonward.stamp: expected { [\"com.example.team\"] = \"web\" }", level + 1)
  end
  for key, value in pairs(labels) do
    if type(key) ~= "string" or key == "" or type(value) ~= "string" then
      error(string.format("moonward.stamp: labels are texts; '%s' is a %s", tostring(key), type(value)),
        level + 1)
    end
  end
end

local function deny(reason, status)
  error(core.ruling("deny", status or 403, reason))
end

local function of_body(labels)
  local copy = {}
  for key, value in pairs(labels) do
    copy[key] = value
  end
  return { edit = function(body)
    local task = json.at(body, "TaskTemplate.ContainerSpec") -- of a service's containers
    for key, value in pairs(copy) do
      stamps.body(key, value)(body)
      if task then
        stamps.body(key, value)(task)
      end
    end
  end }
end

local function of_build(request, labels)
  if (request.query.version or "1") ~= "1" then
    deny(buildkit.reason(request, "its builds cannot be given labels"))
  end
  local text = request.query.labels
  for key, value in pairs(labels) do
    text = stamps.labels(text, key, value) or deny("the labels cannot be read", 400)
  end
  return { query = { labels = text } }
end

--- What moonward.allow takes; nil for what makes nothing with labels. What cannot be given any is denied.
---@param request moonward.Request
---@param labels table<string, string>
---@param level integer as of error(), from where this is called
---@return moonward.Allowance?
function stamp.changes(request, labels, level)
  check(labels, level + 1)
  local operation = request.operation or ""
  if operation == "image.build" then
    return of_build(request, labels)
  elseif operation == "container.commit" and (request.body == "" or request.json == json.null) then
    deny("a commit without a body cannot be given labels")
  elseif bodies[operation] or operation == "container.commit" then
    return of_body(labels)
  elseif operation == "image.pull" and (request.query.fromImage or "") == "" then
    deny("an image that is imported cannot be given labels")
  elseif refused[operation] then
    deny(refused[operation] .. " cannot be given labels")
  elseif string.find(operation, "^libpod%.") and not request:reads() then
    deny("what podman's own routes make cannot be given labels")
  end
  return nil
end

return stamp
