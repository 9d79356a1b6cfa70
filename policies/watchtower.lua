-- watchtower: what Watchtower calls to update containers: it pulls images, takes containers away and makes
-- them anew with the configuration that they had. So it has to see that configuration, with the environment.
--
-- What it makes anew asks for every power that the old container had. Those in -commonpower are let
-- through, which reach other containers, ports and volumes, but not the host. A container that has more (a
-- bind, privileged, the host's network) is not shown, so that Watchtower leaves it as it is; the log says
-- what is missing: list that in -allowpower, bind=/srv/app, or update it by hand. Where the engine has
-- cgroups of version 1 (docker info tells), every container has host-namespace=cgroup.
--
-- What stays: whoever steers Watchtower runs any image on any network and with any volume that these
-- options name, reads the environment of the containers it may update, and stops them. With
-- -watchtowerlabelled these are the containers labelled com.centurylinklabs.watchtower.enable=true, and
-- what it makes has to carry that label; set WATCHTOWER_LABEL_ENABLE as well. The label counts only where
-- it is written on the container: one that its image brings is left out by Watchtower.
local calls = require "moonward.calls"
local client = require "moonward.client"
local marks = require "moonward.marks"
local recreate = require "moonward.recreate"

local enabled = marks.label("com.centurylinklabs.watchtower.enable", "true")
local refusal_of -- set by start: why a create is refused

local function is_known(container, options)
  return not options.watchtowerlabelled or enabled.is(container)
end

-- It may be taken away, since it may be made anew.
local function is_renewable(request, options)
  local container = request.target
  if not container then
    return true -- and the answer is 404
  elseif not is_known(container, options) then
    return false, "it has no label com.centurylinklabs.watchtower.enable=true"
  end
  local refusal, more = recreate.refusal(container, refusal_of)
  if refusal then
    return false, refusal, more
  end
  return true
end

local function is_made(request, options)
  if options.watchtowerlabelled then
    return enabled.made(request, options)
  end
  return true
end

local function is_joined(request, options)
  if options.watchtowerlabelled then
    return enabled.joined(request, options)
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
    {
      name = "commonpower", env = "MOONWARD_COMMONPOWER", env_family = true, kind = "list", powers = true,
      default = recreate.usual, help = "Powers that any container may have, none of them over the host.",
    },
    client.allowpower(),
  },
  start = function(options)
    local all = { table.unpack(options.commonpower) }
    for _, entry in ipairs(options.allowpower) do
      all[#all + 1] = entry
    end
    refusal_of = recreate.rules(all, "allowpower")
  end,
  always = {
    calls.greeting, calls.info, calls.pull,
    { "container.list", only = is_known },
    { "container.inspect", when = is_renewable, status = 404 }, -- and Watchtower goes on with the next
    { "container.create", when = is_made },
    {
      "container.start", "container.stop", "container.remove", "container.rename", "container.update",
      when = is_renewable,
    },
    { "network.connect", when = is_joined },
  },
}
