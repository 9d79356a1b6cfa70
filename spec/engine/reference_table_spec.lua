-- Each place of the table of references, attacked on an engine: another's object by each form that the place
-- takes, in today's and in old versions of the API, through each policy with a view. Two things hold: whose
-- object it is has it as it was, and the answer is the one about what nobody has, byte for byte.

local engine = require "spec.support.engine"
local folder = require "spec.support.folder"
local json = require "cjson"
local owners = require "spec.support.owners"
local places = require "moonward.references.places"
local process = require "spec.support.process"
local requests = require "spec.support.reference_requests"

local it = engine.it(it, pending)

local versions = { "newest", "/v1.30", "/v1.24" }

-- Whom each policy hides what of: b's objects from a.
local worlds = {
  owner = {},
  agent = {},
  ["container-filter"] = { "-containernames=anybody" }, -- CONTAINER_NAME in anybody's environment stops it
}
-- Kinds that a policy hides, where it does not hide all; it passes on what is about others.
local hides = { ["container-filter"] = { container = true, exec = true } }

local theirs, missing = {}, {} -- by kind: an object in all forms
local ids = {} -- of b's objects: no object of a's may come to hold one
local started = {}

-- Objects ------------------------------------------------------------------------------------------------

local function must(who, line, body)
  return started.owner:must(who, line, body)
end

local function set_up()
  local id = must("b", "POST /containers/create?name=bybody", { Image = "busybox", Cmd = { "sleep", "1000" } }).Id
  must("b", "POST /containers/bybody/start")
  local exec = must("b", "POST /containers/bybody/exec", { Cmd = { "true" } }).Id
  local network = must("b", "POST /networks/create", { Name = "bybody" }).Id
  must("b", "POST /volumes/create", { Name = "bybody" })
  local image = must("b", "POST /commit?container=bybody&repo=bybody").Id:gsub("^sha256:", "")
  theirs.container, theirs.network = requests.object("bybody", id), requests.object("bybody", network)
  theirs.image, theirs.volume = requests.object("bybody", image), requests.object "bybody"
  theirs.exec = requests.object("bybody", exec)
  ids = { id, network, image, exec }
  must("a", "POST /containers/create?name=anybody", { Image = "busybox", Cmd = { "sleep", "1000" } })
  must("a", "POST /networks/create", { Name = "anybody" })
  must("a", "POST /volumes/create", { Name = "anybody" })
end

-- What stands for another's object in a request for what nobody has: as long, and of the same letters.
local nothing = requests.object("absent", ("0123456789abcdef"):rep(4))
local strangers = requests.object("bybody", ("fedcba9876543210"):rep(4)) -- of kinds that this engine has none of
setmetatable(theirs, { __index = function() return strangers end })
setmetatable(missing, { __index = function() return nothing end })

local lists = {
  "/containers/json?all=1", "/networks", "/volumes", "/images/json?all=1",
}
local inspections = {
  "/containers/bybody/json", "/networks/bybody", "/volumes/bybody",
  "/images/bybody/json", "/containers/bybody/changes",
}

local function operator(paths)
  local list = {}
  for _, path in ipairs(paths) do
    list[#list + 1] = { method = "GET", path = versions[1] .. path }
  end
  return started.owner:batch("operator", list)
end

-- All that the engine has of b's, as a text; and the paths of what else it has.
local function look()
  local all = { table.unpack(lists) }
  table.move(inspections, 1, #inspections, #all + 1, all)
  all[#all + 1] = "/exec/" .. theirs.exec.id .. "/json"
  local answers, found = operator(all), {}
  local paths = { "/containers/", "/networks/", "/volumes/", "/images/" }
  for i, path in ipairs(paths) do
    local given = json.decode(answers[i]:match "\r\n\r\n(.*)$")
    for _, one in ipairs(given.Volumes or given) do
      local names = one.Names or one.RepoTags ~= json.null and one.RepoTags or {}
      found[path .. (one.Id or one.Name)] = type(names) == "table" and table.concat(names, " ") or ""
    end
  end
  local texts = {}
  for i = #lists + 1, #answers do
    texts[#texts + 1] = answers[i]:match "\r\n\r\n(.*)$"
  end
  return table.concat(texts, "\n"), found
end

-- What a has come to have by an attack is used, and must not lead to what is b's; then it goes.
local function use(before, after)
  for path, names in pairs(after) do
    if not before[path] then
      local kind = path:match "^/(%a+)/"
      if kind == "containers" then
        started.owner:ask("a", "POST " .. path .. "/start")
      end
      local _, said = started.owner:ask("operator", "GET " .. path .. (kind == "containers" and "/json" or ""))
      started.owner:ask("operator", "DELETE " .. path .. "?force=1&v=1")
      local text = json.encode(said)
      for _, id in ipairs(ids) do
        assert.is_nil(text:find(id, 1, true), path .. " has got what is another's: " .. text)
      end
    elseif before[path] ~= names then
      error(("%s was called %s and is called %s"):format(path, before[path], names))
    end
  end
  for path in pairs(before) do
    assert(after[path], path .. " is gone")
  end
end

-- Attacks ------------------------------------------------------------------------------------------------

local tars = {}

local function tar(dockerfile)
  if not tars[dockerfile] then
    local path = folder.new()
    folder.write(path .. "/Dockerfile", dockerfile)
    process.run { "tar", "-c", "-C", path, "-f", path .. "/tar", "Dockerfile" }
    process.run { "chmod", "-R", "a+rX", path }
    tars[dockerfile] = path .. "/tar"
  end
  return tars[dockerfile]
end

-- How a place can be written besides: filters as sets, fields in other letters, and those of HostConfig at the
-- top, where old engines take them.
local function ways_of(row)
  local ways = { "" }
  ways[#ways + 1] = row.source == "filters" and "set" or row.source == "body" and "cased" or nil
  ways[#ways + 1] = row.source == "body" and row.key:find "^HostConfig%." and "top" or nil
  return ways
end

-- Requests for a place of an operation, each followed by the same about what nobody has; without a version.
local function attacks(operation, row)
  local list = {}
  for _, form in ipairs(requests.forms(row)) do
    for _, how in ipairs(ways_of(row)) do
      for i, object in ipairs { theirs[form.kind], row.form ~= "new" and missing[form.kind] or nil } do
        local reference = object[form.field]
        local made = reference and requests.make(operation, row, form.pattern:format(reference), how)
        assert(made or not reference, "no request is known for " .. operation)
        if reference then
          made.reference, made.is_absent = reference, i == 2
          made.form = table.concat({ operation, row.place, form.pattern:format(form.field), how }, " ")
          list[#list + 1] = made
        end
      end
    end
  end
  assert(#list > 0, "no form fits " .. operation .. " " .. row.place)
  return list
end

-- The same for all operations and versions. What the engine does for seconds is tried in one.
local function all_attacks(row)
  local list = {}
  for _, operation in ipairs(row.operations) do
    for _, version in ipairs(operation:find "^libpod%." and { "" } or row.source == "tar" and { versions[1] } or versions) do
      for _, made in ipairs(attacks(operation, row)) do
        list[#list + 1] = setmetatable({
          path = version .. made.path, form = version .. " " .. made.form, file = made.tar and tar(made.tar),
        }, { __index = made })
      end
    end
  end
  return list
end

-- An answer without what is of the moment, and with a word for the reference.
local function plain(answer, reference)
  local text = answer:gsub("\r\n[Dd]ate: [^\r]*", "")
  local bare = reference:gsub("^/", "")
  local spellings = {
    requests.encode(reference), reference, bare, reference:gsub("^sha256:", ""), (reference:gsub("^.*/", "")),
    (reference:gsub("^.*/", ""):gsub(":.*", "")),
  }
  for _, word in ipairs(spellings) do
    text = text:gsub(word:gsub("%p", "%%%0"), "REF")
  end
  return text
end

-- That something was made is what both may say, with an id of its own.
local function is_made(answer)
  return answer:find "^HTTP/1.1 201" ~= nil
end

local last = {} -- what was there after the last attack

local function attack(policy, row)
  local state, before = last.state, last.found
  if not state then
    state, before = look()
  end
  local list = all_attacks(row)
  local answers = started[policy]:batch("a", list)
  local now, after = look()
  last = { state = now, found = before }
  use(before, after)
  assert.equal(state, now)
  for i, made in ipairs(list) do
    if made.is_absent then
      local hidden, absent = answers[i - 1], answers[i]
      if is_made(hidden) or is_made(absent) then
        assert.is_true(is_made(hidden) and is_made(absent), made.form .. ": " .. hidden .. absent)
      else
        assert.equal(plain(absent, made.reference), plain(hidden, list[i - 1].reference), made.form)
      end
    end
  end
end

if not engine.unavailable() then
  setup(function()
    versions[1] = "/v" .. engine.api()
    for policy, options in pairs(worlds) do
      started[policy] = owners.start(options, { policy = policy, env = { "CONTAINER_NAME=" } })
    end
    set_up()
  end)
  teardown(function()
    for _, path in ipairs {
      "/containers/bybody?force=1", "/containers/anybody?force=1", "/networks/bybody", "/networks/anybody",
      "/volumes/bybody", "/volumes/anybody", "/images/bybody",
    } do
      started.owner:ask("operator", "DELETE " .. path)
    end
    for _, world in pairs(started) do
      world:stop()
    end
  end)
end

for _, policy in ipairs { "owner", "agent", "container-filter" } do
  describe(policy .. " keeps from others what is somebody's:", function()
    for _, row in ipairs(places.list) do
      local is_hidden = not hides[policy] or hides[policy][row.kind]
      if is_hidden and row.source ~= "state" then -- that is no request: reference_race_spec.lua has it
        it(row.operations[1] .. (row.operations[2] and " and its like, " or " ") .. row.place, function()
          attack(policy, row)
        end)
      end
    end
  end)
end
