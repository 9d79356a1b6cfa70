-- swarm-cronjob: what crazy-max/swarm-cronjob calls to start services by the clock. It sees services with
-- the label swarm.cronjob.enable=true, and an update of one may change how many replicas it has and that it
-- is forced to start anew, and nothing else: what is sent is compared with what the engine has.
--
-- An update writes back the whole service, so services are shown as they are, environments too. The engine
-- keeps a service from changing in between, by the version that an update names. Set -cronjobregistry for
-- swarm.cronjob.query-registry=true; the digest that it adds to the image's name is then let through.
--
-- Read from swarm-cronjob 1.9.0: version, events of services, lists of services, tasks and nodes, inspect
-- of services and nodes, update of services, distribution.
local calls = require "moonward.calls"
local client = require "moonward.client"
local service_change = require "moonward.service_change"

local function is_job(service)
  return service.labels["swarm.cronjob.enable"] == "true"
end

local changed = {
  ["TaskTemplate.ForceUpdate"] = true, ["Mode.Replicated.Replicas"] = true,
  ["Labels.swarm.cronjob.scaledown"] = true,
}

local function accepts(options)
  return function(path, sent, there)
    if changed[path] then
      return true
    elseif options.cronjobregistry and path == "TaskTemplate.ContainerSpec.Image" then
      return service_change.same_image(sent, there)
    end
    return options.cronjobregistry and path == "TaskTemplate.Placement.Platforms"
  end
end

local function may_update(request, options)
  local service = service_change.service(request)
  if not service then
    return true -- and the answer is 404
  elseif service.Spec.Labels == nil or service.Spec.Labels["swarm.cronjob.enable"] ~= "true" then
    return false, "the service has no label swarm.cronjob.enable=true"
  end
  local change = service_change.first(request, service, accepts(options))
  return change == nil, change
end

local writes_back = "an update writes back all that it was shown"

return client.policy {
  summary = "swarm-cronjob sees the services with its label, with their environment; it changes how many"
    .. " replicas they have and starts them anew, and changes nothing else.",
  powers = false, -- an update asks for what the service has already
  always = {
    { calls.events, events = { "service" } },
    { "service.list", "service.inspect", only = is_job, shows = writes_back },
    { "service.update", when = may_update },
    "task.list", "node.list", "node.inspect",
  },
  options = {
    {
      name = "cronjobregistry", env = "MOONWARD_CRONJOB_REGISTRY", kind = "switch",
      help = "Asks registries for digests, for swarm.cronjob.query-registry.",
      allows = { "distribution.inspect" },
    },
  },
}
