-- watchtower: what Watchtower calls to update containers: it pulls images, takes containers away and makes
-- them anew with the configuration that they had. So it has to see that configuration, with the environment.
--
-- It serves containrrr's Watchtower and nicholas-fedor's. What they make anew asks for every power that the
-- old container had. Those in -commonpower are let through, which reach other containers, ports and volumes,
-- but not the host. A container that has more (a bind, privileged, the host's network) exists for them
-- neither in lists nor by itself, so they leave it as it is; a warning in the log says once what is
-- missing: list that in -allowpower, bind=/srv/app, or update it by hand. Where the engine has cgroups of
-- version 1 (docker info tells), every container has host-namespace=cgroup. All that an update needs is
-- judged before its first step, so none ends half-way; a container whose network others are in needs what
-- they need. A list asks the engine about each container; with some hundreds of them raise
-- -policyinstructions.
--
-- What stays: whoever steers Watchtower runs any image on any network and with any volume that these
-- options name, reads the environment of the containers it may update, and stops them. With
-- -watchtowerlabelled these are the containers labelled com.centurylinklabs.watchtower.enable=true, and
-- what it makes has to carry that label; set WATCHTOWER_LABEL_ENABLE as well. The label counts only where
-- it is written on the container: one that its image brings is left out by Watchtower.
local calls = require "moonward.calls"
local client = require "moonward.client"
local exec = require "moonward.exec"
local marks = require "moonward.marks"
local moonward = require "moonward"
local recreate = require "moonward.recreate"

local enabled = marks.label("com.centurylinklabs.watchtower.enable", "true")
local refusal_of -- set by start: why a create that makes a container anew is refused
local told = {} -- by id, what was said of the containers that the last list left out

local function is_known(container, options)
  return not options.watchtowerlabelled or enabled.is(container)
end

-- It may be taken away, since it may be made anew.
local function may_renew(container, request, options)
  if not is_known(container, options) then
    return false, "it has no label com.centurylinklabs.watchtower.enable=true"
  end
  local refusal, more = recreate.refusal(container, refusal_of, request.version)
  local function counts(guest) return is_known(guest, options) end
  for _, guest in ipairs(refusal and {} or recreate.guests(container.id, counts)) do
    if not refusal then
      refusal, more = recreate.refusal(guest, refusal_of, request.version)
      refusal = refusal and "another is in its network; " .. refusal
    end
  end
  return refusal == nil, refusal, more
end

local function is_renewable(request, options)
  if not request.target then
    return true -- and the answer is 404
  end
  return may_renew(request.target, request, options)
end

-- One that is listed and cannot be inspected ends the whole update.
local function lists_renewable(request, options)
  local renewable, refusals = recreate.renewable(function(container)
    return is_known(container, options)
  end, refusal_of, request.version)
  for id, refusal in pairs(refusals) do
    if told[id] ~= refusal then
      moonward.warn("left out of Watchtower's list: " .. refusal)
    end
  end
  told = refusals
  return true, nil, {
    only = function(container)
      return renewable[container.id]
    end,
  }
end

local function is_made(request, options)
  if options.watchtowerlabelled then
    return enabled.made(request, options)
  end
  return true
end

return client.policy {
  summary = "Watchtower updates containers: makes them anew as they were, with the powers that an option"
    .. " lists. Whoever steers it runs any image with these.",
  options = {
    {
      name = "watchtowerlabelled", env = "MOONWARD_WATCHTOWER_LABELLED", kind = "switch",
      help = "Only containers with the label com.centurylinklabs.watchtower.enable=true.",
    },
    {
      name = "watchtowercleanup", env = "MOONWARD_WATCHTOWER_CLEANUP", kind = "switch",
      help = "Removes images, for Watchtower's --cleanup.", allows = { "image.remove" },
    },
    {
      name = "watchtowerhooks", env = "MOONWARD_WATCHTOWER_HOOKS", kind = "switch",
      help = "Runs commands in the containers it updates, for Watchtower's lifecycle hooks.",
      allows = { { "exec.create", "exec.start", "exec.inspect", when = is_renewable } },
    },
    exec.option(is_renewable),
    client.commonpower(recreate.usual),
    client.allowpower(),
  },
  start = function(options)
    local powers_of = recreate.rules(options)
    refusal_of = function(create)
      local is_fine, why = is_made(create, options)
      if not is_fine then
        return why .. ": its image brings that, and Watchtower leaves it out"
      end
      return powers_of(create)
    end
  end,
  always = {
    calls.info, "image.pull",
    { "image.inspect", shows = "it writes into the new container what differs from the image" },
    { "container.list", when = lists_renewable },
    {
      "container.inspect", when = is_renewable, status = 404, -- and Watchtower goes on with the next
      shows = "it makes the container anew with the configuration that it had",
    },
    { "container.create", when = is_made },
    {
      "container.start", "container.stop", "container.kill", "container.remove", "container.rename",
      "container.update",
      when = is_renewable,
    },
    { "network.connect", "network.disconnect", when = marks.joining(may_renew) },
  },
}
