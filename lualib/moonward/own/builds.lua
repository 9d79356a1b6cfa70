--- What the Dockerfile of an owner's build refers to: images, as a pull or a container's create is judged;
--- addresses that the engine fetches; labels of steps, which would be another's stamp. Start reading at
--- builds.judge().
local dockerfile = require "moonward.dockerfile"
local engine = require "moonward.host.engine"
local json = require "moonward.json"
local moonward = require "moonward"
local reply = require "moonward.reply"
local selection = require "moonward.host.selection"
local target = require "moonward.host.target"
local words = require "moonward.dockerfile.words"

local builds = {}

local empty_list = { [""] = true, ["[]"] = true, ["null"] = true }

local function at(what)
  return string.format(" (line %d of the Dockerfile)", what.line)
end

-- Labels -------------------------------------------------------------------------------------------

-- Whether a variable stands where a label's name is written: "NAME VALUE", or NAME=VALUE and more of them.
local function is_named_by_variable(text, escape)
  local list = words.quoted(text, escape)
  if list[1] and not string.find(list[1], "=", 1, true) then
    return string.find(text, "^%S*%$") ~= nil
  end
  for _, word in ipairs(list) do
    if string.find(word, "^[^=]*%$") then
      return true
    end
  end
  return false
end

-- Quotes and escapes count for nothing, so that no way to write a key hides it. Which escape a trigger's
-- builder has is not known here.
local function label_refusal(labels, stamp)
  for _, label in ipairs(labels) do
    local plain = string.gsub(label.text, "[\"'\\`]", "")
    if string.find(plain, stamp, 1, true) or string.find(plain, selection.label, 1, true) then
      return moonward.deny("a build must not set the labels " .. stamp .. " and " .. selection.label
        .. at(label))
    elseif is_named_by_variable(label.text, "\\") or is_named_by_variable(label.text, "`") then
      return moonward.deny("a label's name must not come from a variable" .. at(label))
    end
  end
end

-- What the engine fetches ----------------------------------------------------------------------------

local function url_refusal(urls, settings, request)
  for _, url in ipairs(urls) do
    -- Where a variable or quotes stand in it, no pattern may be taken for it.
    local value = string.find(url.url, "[$\"'\\`]") and "*" or url.url
    local power = { power = "remote", value = value, where = "line " .. url.line .. " of the Dockerfile" }
    local reason, more = settings.refusal_of_powers({ power }, request)
    if reason then
      return moonward.deny(reason, more)
    end
  end
end

-- Images -------------------------------------------------------------------------------------------

-- What an image has another build do that begins with it.
local function triggers_of(id)
  local status, body = engine.get("/images/" .. engine.quote(id) .. "/json")
  local given = status == 200 and reply.table(reply.decode(body)) or {}
  local config = reply.table(given.Config)
  return reply.texts(config.OnBuild)
end

local judge

local function trigger_refusal(image, id, context)
  for _, trigger in ipairs(triggers_of(id)) do
    local file, message = dockerfile.read(trigger, { is_trigger = true })
    if not file then
      return moonward.deny("an ONBUILD of " .. image.reference .. " cannot be judged: " .. message
        .. at(image))
    end
    for _, list in ipairs { file.images, file.urls, file.labels } do
      for _, what in ipairs(list) do
        what.line = image.line
      end
    end
    local refusal = judge(file, context, true)
    if refusal then
      return refusal
    end
  end
end

-- Fewer digits of an id tell whether any image has them.
local ENOUGH = 12

-- What an image has another build do stands in the image, and names are what they are by then. What is
-- written so is this image or none.
local function is_certain(reference)
  return string.find(reference, "@sha256:%x+$") ~= nil
    or #reference == 64 and string.find(reference, "^%x+$") ~= nil
end

-- The builder looks a name up when it comes to that stage, and pulls what is not there by then; so it gets
-- the id, which cannot be pulled.
local function image_refusal(image, context, is_trigger)
  local reference = image.reference
  local digits = string.match(reference, "^%x+$") or string.match(reference, "^sha256:(%x+)$")
  if digits and #digits < ENOUGH then
    return moonward.deny(reference .. " may be the beginning of any image's id" .. at(image),
      { hint = "write " .. reference .. ":latest, or at least 12 digits of an id" })
  end
  if image.later or is_trigger and not is_certain(reference) then
    return moonward.deny("an ONBUILD copies from " .. reference .. ", which may be anybody's by then"
      .. at(image))
  end
  local found = target.look_up("image", reference)
  if not found or not context.is_shown(found) then -- alike, so that nobody learns what others have
    return moonward.deny(reference .. " is not there, and what a build pulls by itself nobody has looked at"
      .. at(image), { hint = "docker pull " .. reference })
  end
  local id = string.match(found.id, "^sha256:(%x+)$") or found.id
  if image.id and image.id ~= id then -- of another policy
    return moonward.deny("the name " .. reference .. " is another image's by now" .. at(image))
  end
  image.id = id
  if image.platform or context.pulls then
    return moonward.deny("a build that pulls may take an image that nobody has looked at" .. at(image),
      { hint = "docker pull " .. reference .. ", and build without --pull and --platform" })
  end
  return image.instruction == "FROM" and trigger_refusal(image, id, context) or nil
end

function judge(file, context, is_trigger)
  local refusal = label_refusal(file.labels, context.settings.label)
    or url_refusal(file.urls, context.settings, context.request)
  for _, image in ipairs(not context.settings.local_base and file.images or {}) do
    refusal = refusal or image_refusal(image, context, is_trigger)
  end
  return refusal
end

-- Cache --------------------------------------------------------------------------------------------

local MOST_SOURCES = 12

--- Which steps a build may take from the engine's cache: those of the owner's newest images, or none. Their
--- keys have neither network nor hosts, so a step of another owner's may hold what that one wants. What was
--- pulled says of itself whose it is, and by which steps it was made; only of what was made here the engine
--- knows a parent. Waits for the engine.
---@param request moonward.Request
---@param owner string
---@param label string of the stamp
---@return { cachefrom?: string, nocache?: string }
function builds.cache(request, owner, label)
  if not empty_list[string.gsub(request.query.cachefrom or "", "%s+", "")] then
    return {} -- images that are shown
  end
  local filters = json.encode { label = { label .. "=" .. owner } }
  local _, body = engine.get("/images/json?filters=" .. engine.quote(filters))
  local sources = json.array {}
  for _, image in ipairs(reply.table(reply.decode(body))) do
    local id = #sources < MOST_SOURCES and reply.text(reply.table(image).Id)
    local is_made_here = (reply.text(reply.table(image).ParentId) or "") ~= ""
    if id and is_made_here and reply.text(reply.table(reply.table(image).Labels)[label]) == owner then
      sources[#sources + 1] = id
    end
  end
  return #sources > 0 and { cachefrom = json.encode(sources) } or { nocache = "1" }
end

--- What an allowance of an owner's build asks its Dockerfile.
---@param request moonward.Request
---@param is_shown fun(image: moonward.Image): boolean
---@param settings moonward.own.Settings
---@return fun(dockerfile: moonward.Dockerfile): moonward.Verdict?
function builds.judge(request, is_shown, settings)
  local pull, platform = request.query.pull or "", request.query.platform or ""
  local context = {
    request = request, is_shown = is_shown, settings = settings,
    pulls = pull ~= "" and pull ~= "0" and string.lower(pull) ~= "false" or platform ~= "",
  }
  return function(file)
    return judge(file, context)
  end
end

return builds
