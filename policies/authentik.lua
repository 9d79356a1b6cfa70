-- authentik: what authentik's worker calls to run outposts. It creates containers that carry the label
-- io.goauthentik.outpost-uuid, as it labels all its outposts, sees and touches no others, and takes their
-- images from one place.
--
-- Outposts get no power over the host but ports and a restart policy. A network (docker_network in
-- authentik's settings of an outpost) has to be listed: -allowpower=network=proxy. Set -outpostimage if
-- container_image_base is another.
local calls = require "moonward.calls"
local client = require "moonward.client"
local glob = require "moonward.glob"
local json = require "moonward.json"
local marks = require "moonward.marks"

local outpost = marks.label "io.goauthentik.outpost-uuid"
local is_image -- set by start

local function is_pulled(request)
  local image = request.query.fromImage or ""
  return is_image(image), "an outpost's image is not '" .. image .. "'"
end

local function is_created(request, ...)
  local made, reason = outpost.made(request, ...)
  if not made then
    return made, reason
  end
  local image = request.json.Image
  image = image ~= json.null and image or ""
  return type(image) == "string" and is_image(image),
    "an outpost's image is not '" .. tostring(image) .. "'"
end

return client.policy {
  summary = "authentik runs its outposts: containers with the label io.goauthentik.outpost-uuid, and"
    .. " no others. Whoever creates containers or images sets labels.",
  options = {
    {
      name = "outpostimage", env = "MOONWARD_OUTPOST_IMAGE", default = "ghcr.io/goauthentik/*",
      help = "Images that outposts may have, as a glob.",
    },
    client.allowpower(),
  },
  powers = { "port", "restart-policy" },
  start = function(options)
    local message
    is_image, message = glob.try(options.outpostimage)
    if not is_image then
      error("outpostimage: " .. message, 0)
    end
  end,
  always = {
    calls.info, "image.inspect",
    { "image.pull", when = is_pulled },
    { calls.containers, only = outpost.is, shows = "its own: it compares them with what it would make" },
    { "container.create", when = is_created },
    { "container.start", "container.restart", "container.kill", "container.remove", when = outpost.held },
  },
}
