local engines = require "moonward.test_engine"
local json = require "moonward.json"
local test = require "moonward.test"

local encode = engines.json
local nothing = { status = 404, body = '{"message":"no such thing"}' }

local containers = {
  { name = "ci", address = "172.17.0.2" },
  { name = "job", address = "172.17.0.3", labels = { ["moonward.owner"] = "container:ci" } },
  { name = "other", address = "172.17.0.4", labels = { ["moonward.owner"] = "team" } },
  { name = "db", labels = { app = "db" } },
  { name = "step", address = "172.17.0.5", labels = { ["moonward.owner"] = "team" },
    image = "sha256:" .. string.rep("ab", 32) },
}
local ci, job, other = { address = "172.17.0.2" }, { address = "172.17.0.3" }, { address = "172.17.0.4" }

local function labels(owner)
  return owner and { ["moonward.owner"] = owner } or {}
end

-- An image's id, of one digit.
local function id(digit)
  return digit:rep(64)
end

local function image(owner, ...)
  return { body = encode { Id = "sha256:" .. id "1", RepoTags = { ... }, Config = { Labels = labels(owner) } } }
end

-- What a build asks for its cache.
local own_images = "/images/json?filters=%7B%22label%22%3A%5B%22moonward.owner%3Dcontainer%3Aci%22%5D%7D"

local objects = {
  [own_images] = { body = "[]" },
  ["/images/shared:1/json"] = image(nil, "shared:1"), ["/images/shared/json"] = image(nil, "shared:1"),
  ["/images/chooser/json"] = { body = encode { Id = "sha256:7", RepoTags = { "chooser:1" },
    Config = { Labels = { ["moonward.owner"] = "container:ci", ["moonward.policy"] = "docker-cli" } } } },
  ["/images/1234/json"] = image(), ["/images/123456789012/json"] = image(), ["/images/sha256:1/json"] = image(),
  ["/images/mine:1/json"] = image "container:ci", ["/images/mine/json"] = image "container:ci",
  ["/images/theirs:1/json"] = image "team", ["/images/theirs/json"] = image "team",
  ["/images/new:1/json"] = nothing, ["/images/new:latest/json"] = nothing, ["/images/new/json"] = nothing,
  ["/volumes/mine"] = { body = encode { Name = "mine", Labels = labels "container:ci" } },
  ["/volumes/theirs"] = { body = encode { Name = "theirs", Labels = labels "team" } },
  ["/volumes/new"] = nothing, ["/volumes"] = { body = '{"Volumes":null}' }, ["/images/json"] = { body = "[]" },
  ["/networks"] = { body = "[]" },
  ["/networks/mine"] = { body = encode { Id = "0a", Name = "mine", Labels = labels "container:ci" } },
  ["/networks/x"] = nothing, ["/networks/0b"] = { body = encode { Id = "0b", Name = "theirs", Labels = {} } },
  ["/networks/theirs"] = { body = encode { Id = "0b", Name = "theirs", Labels = labels "team" } },
  ["/networks/bridge"] = { body = encode { Id = "0c", Name = "bridge", Labels = {} } },
}

-- Images with triggers, by their digit; found by name and id.
for digit, list in pairs {
  [2] = { "ADD http://x /" }, [3] = { "COPY --from=theirs:1 / /" }, [4] = { "RUN x", "COPY . /" }, [5] = { "FOO" },
  [6] = { "RUN x\nRUN y" }, [7] = { "COPY --from=" .. id "1" .. " / /" }, [8] = { "COPY --from=" .. id "e" .. " / /" },
} do
  local answer = { body = encode { Id = "sha256:" .. id(tostring(digit)), RepoTags = { "triggers" },
    Config = { Labels = {}, OnBuild = list } } }
  objects["/images/triggers:" .. digit .. "/json"] = answer
  objects["/images/" .. id(tostring(digit)) .. "/json"] = answer
end
for path, answer in pairs { [id "1"] = image "container:ci", [id "e"] = image "team" } do
  objects["/images/" .. path .. "/json"] = answer
end

-- As the engine's newer form of filters has it; nil for none.
local function set(values, ...)
  local found
  for _, list in ipairs { values or {}, { ... } } do
    for _, value in ipairs(list) do
      found = found or {}
      found[value] = true
    end
  end
  return found
end

local policy = test.policy "owner"

local function decide(request)
  request.client = request.client or ci
  request.containers, request.engine = containers, objects
  return policy:decide(request)
end

describe("the policy owner", function()
  -- method, path, body: allowed to ci
  for _, case in ipairs {
    { "GET", "/_ping" }, { "GET", "/version" }, { "GET", "/info" }, { "GET", "/events" }, { "GET", "/system/df" },
    { "GET", "/containers/json" }, { "GET", "/containers/job/json" }, { "POST", "/containers/job/start" },
    { "DELETE", "/containers/job" }, { "POST", "/containers/job/exec", '{"Cmd":["ls"]}' },
    { "POST", "/containers/create", '{"Image":"shared"}' }, { "POST", "/containers/create", '{"Image":"mine"}' },
    { "POST", "/containers/create", '{"Image":"mine","HostConfig":{"Binds":["mine:/data"]}}' },
    { "POST", "/containers/create", '{"Image":"mine","HostConfig":{"NetworkMode":"mine"}}' },
    { "POST", "/containers/create", '{"Image":"mine","HostConfig":{"NetworkMode":"container:job"}}' },
    { "POST", "/containers/create", '{"Image":"mine","HostConfig":{"VolumesFrom":["job"]}}' },
    { "POST", "/images/create?fromImage=shared&tag=1" }, { "POST", "/images/create?fromImage=new:1" },
    { "PUT", "/containers/job/archive?path=/", "tar" },
    { "GET", "/images/shared/json" }, { "DELETE", "/images/mine" },
    { "POST", "/images/mine/tag?repo=mine&tag=1" }, { "POST", "/images/mine/push" },
    { "POST", "/volumes/create", "{}" }, { "POST", "/volumes/create", '{"Name":"new"}' },
    { "POST", "/volumes/create", '{"Name":"mine"}' }, { "DELETE", "/volumes/mine" }, { "GET", "/volumes" },
    { "POST", "/networks/create", '{"Name":"x"}' }, { "POST", "/networks/create", '{"Name":"0b"}' },
    { "POST", "/networks/create", '{"Name":"mine"}' }, { "DELETE", "/networks/mine" }, { "GET", "/networks/bridge" },
    { "POST", "/networks/mine/connect", '{"Container":"job"}' }, { "POST", "/build?t=new:1", "tar" },
    { "POST", "/build?t=mine:1", "tar" }, { "POST", "/commit?container=job&repo=new&tag=1", "{}" },
    { "POST", "/commit?container=job&repo=new&tag=1", "null" },
    { "POST", "/containers/prune" }, { "POST", "/volumes/prune" },
  } do
    it("allows " .. case[1] .. " " .. case[2] .. " " .. (case[3] or ""), function()
      local verdict = decide { method = case[1], path = case[2], body = case[3], dockerfile = "FROM scratch\n" }
      assert.is_true(verdict.allowed, verdict.reason)
    end)
  end

  -- and the status of what is refused
  for _, case in ipairs {
    { "GET", "/containers/other/json", nil, 404 }, { "GET", "/containers/db/json", nil, 404 },
    { "GET", "/containers/ci/json", nil, 404 }, { "POST", "/containers/db/exec", '{"Cmd":["ls"]}', 404 },
    { "DELETE", "/containers/other", nil, 404 }, { "POST", "/commit?container=db", "{}", 404 },
    { "POST", "/containers/create", '{"Image":"theirs"}', 404 },
    { "POST", "/containers/create", '{"Image":"1234"}', 404 }, { "GET", "/images/1234/json", nil, 404 },
    { "GET", "/images/sha256:1/get", nil, 404 },
    { "POST", "/containers/create", '{"Image":"mine","Mounts":[{"VolumeOptions":{"Labels":{"moonward.owner":"x"}}}]}', 403 },
    { "POST", "/networks/create", '{"Name":"theirs"}', 409 }, { "POST", "/networks/create", '{"name":"bridge"}', 409 },
    { "POST", "/containers/create", '{"Image":"mine","labels":{"moonward.policy":"portainer-operator"}}', 403 },
    { "POST", "/containers/create", '{"Image":"chooser"}', 403 },
    { "POST", "/containers/create", '{"Image":"mine","HostConfig":{"mounts":[{"Type":"volume","Target":"/x",'
      .. '"VolumeOptions":{"labels":{"moonward.owner":"team"}}}]}}', 403 },
    { "POST", "/commit?container=job&changes=LA%5C%0ABEL%20a=b", "{}", 403 },
    { "POST", "/commit?container=job&changes=LA%5C%20&changes=BEL%20a=b", "{}", 403 },
    { "POST", "/commit?container=job&changes=%23escape=%60&changes=LA%60&changes=BEL%20a=b", "{}", 403 },
    { "POST", "/images/create?fromImage=new:", nil, 403 },
    { "POST", "/images/create?fromImage=theirs:&tag=1", nil, 409 },
    { "POST", "/images/create?fromImage=theirs:2&tag=1", nil, 409 },
    { "POST", "/images/create?fromImage=theirs@sha256:2&tag=1", nil, 409 },
    { "POST", "/images/mine/tag?repo=theirs:1", nil, 409 },
    { "POST", "/images/theirs:2/push?tag=1", nil, 404 },
    { "POST", "/images/mine/tag?repo=theirs:2&tag=1", nil, 409 },
    { "POST", "/containers/create", '{"Image":"mine","HostConfig":{"Binds":["theirs:/data"]}}', 400 },
    { "POST", "/containers/create", '{"Image":"mine","HostConfig":{"Binds":["new:/data"]}}', 400 },
    { "POST", "/containers/create", '{"Image":"mine","HostConfig":{"Binds":["/:/data"]}}', 403 },
    { "POST", "/containers/create", '{"Image":"mine","HostConfig":{"Privileged":true}}', 403 },
    { "POST", "/containers/create", '{"Image":"mine","HostConfig":{"NetworkMode":"theirs"}}', 400 },
    { "POST", "/containers/create", '{"Image":"mine","HostConfig":{"NetworkMode":"host"}}', 403 },
    { "POST", "/containers/create", '{"Image":"mine","HostConfig":{"NetworkMode":"container:db"}}', 400 },
    { "POST", "/containers/create?name=db", '{"Image":"mine"}', 409 },
    { "POST", "/images/create?fromImage=theirs&tag=1", nil, 409 }, { "POST", "/images/create?fromSrc=-", "tar", 403 },
    { "POST", "/images/create?fromImage=new", nil, 403 }, { "PUT", "/containers/db/archive?path=/", "tar", 404 },
    { "POST", "/images/create?fromImage=quay.io:5000/new", nil, 403 },
    { "GET", "/images/theirs/json", nil, 404 }, { "DELETE", "/images/shared", nil, 403 },
    { "POST", "/images/shared/tag?repo=new", nil, 403 },
    { "DELETE", "/images/theirs", nil, 404 }, { "POST", "/images/shared/tag?repo=theirs&tag=1", nil, 403 },
    { "POST", "/images/mine/tag?repo=shared&tag=1", nil, 409 }, { "POST", "/images/mine/tag?repo=theirs&tag=1", nil, 409 },
    { "POST", "/images/load", "tar", 403 }, { "GET", "/images/get?names=theirs", nil, 403 },
    { "GET", "/volumes/theirs", nil, 404 }, { "POST", "/volumes/create", '{"Name":"theirs"}', 409 },
    { "POST", "/volumes/create", '{"DriverOpts":{"type":"none","o":"bind","device":"/etc"}}', 403 },
    { "DELETE", "/networks/bridge", nil, 403 }, { "DELETE", "/networks/theirs", nil, 404 },
    { "POST", "/networks/mine/connect", '{"Container":"db"}', 404 },
    { "POST", "/networks/theirs/connect", '{"Container":"job"}', 404 },
    { "POST", "/build?t=shared:1", "tar", 409 }, { "POST", "/build?version=2&session=x", "tar", 403 },
    { "POST", '/build?labels=["x"]', "tar", 400 }, { "POST", "/session", nil, 403 }, { "POST", "/grpc", nil, 403 },
    { "POST", "/commit?container=job&changes=LABEL+a=b", "{}", 403 },
    { "POST", "/commit?container=job&repo=theirs&tag=1", "{}", 409 },
    { "POST", "/build/prune", nil, 403 }, { "GET", "/services", nil, 403 }, { "GET", "/services/a", nil, 404 },
    { "GET", "/plugins", nil, 403 },
    { "POST", "/containers/prune?filters=x", nil, 400 }, { "GET", "/unknown", nil, 403 },
    { "GET", "/libpod/containers/job/json", nil, 403 }, { "GET", "/containers/job/checkpoints", nil, 403 },
  } do
    it("refuses " .. case[1] .. " " .. case[2] .. " " .. (case[3] or ""), function()
      local verdict = decide { method = case[1], path = case[2], body = case[3] }
      assert.same({ false, case[4], false }, { verdict.allowed, verdict.status, verdict.failed }, verdict.reason)
    end)
  end

  it("stamps what is created, whatever the client says", function()
    for _, case in ipairs {
      { "/containers/create", '{"Image":"mine"}' },
      { "/containers/create", '{"Image":"mine","labels":{"moonward.owner":"team","a":"b"}}' },
      { "/networks/create", '{"Name":"x","Labels":null}' },
      { "/volumes/create", '{"Labels":{"moonward.owner":"team"}}' },
    } do
      local verdict = decide { method = "POST", path = case[1], body = case[2] }
      assert.equal("container:ci", json.decode(verdict.body).Labels["moonward.owner"], verdict.body)
    end
  end)

  it("stamps builds", function()
    local verdict = decide { method = "POST", path = '/build?labels={"Moonward.owner":"x","moonward.owner":"team"}',
      body = "tar", dockerfile = "FROM scratch\n" }
    assert.is_false(verdict.allowed) -- two keys that are one to most readers
    verdict = decide { method = "POST", path = '/build?labels={"A":"x","a":"x"}', body = "tar" }
    assert.is_false(verdict.allowed) -- and two to the engine
    verdict = decide { method = "POST", path = '/build?labels={"Moonward.Owner":"x"}', body = "tar",
      dockerfile = "FROM scratch\n" }
    assert.equal('{"Moonward.Owner":"x","moonward.owner":"container:ci"}', verdict.query.labels)
    verdict = decide { method = "POST", path = "/build", body = "tar", dockerfile = "FROM scratch\n" }
    assert.same({ labels = '{"moonward.owner":"container:ci"}', nocache = "1" }, verdict.query)
  end)

  it("lets builds have steps of the owner's images alone out of the cache", function()
    local function query(list, more)
      local verdict = policy:decide { method = "POST", path = "/build" .. (more or ""), body = "tar", client = ci,
        dockerfile = "FROM scratch\n", containers = containers,
        engine = setmetatable({ [own_images] = { body = list } }, { __index = objects }) }
      assert.is_true(verdict.allowed, verdict.reason)
      return verdict.query
    end
    local mine = encode { Id = "sha256:1", ParentId = "sha256:3", Labels = labels "container:ci" }
    local theirs = encode { Id = "sha256:2", ParentId = "sha256:3", Labels = labels "team" }
    for _, pulled in ipairs { { ParentId = "" }, {} } do
      pulled.Id, pulled.Labels = "sha256:4", labels "container:ci"
      assert.equal("1", query("[" .. encode(pulled) .. "]").nocache)
    end
    assert.equal('["sha256:1"]', query("[" .. mine .. "," .. theirs .. "]").cachefrom)
    assert.same({ "1" }, { query("[" .. theirs .. "]").nocache, query("[" .. theirs .. "]").cachefrom })
    assert.equal("1", query("[]", "?cachefrom=[]&nocache=0").nocache)
    local many = query("[" .. (mine .. ","):rep(20) .. mine .. "]").cachefrom
    assert.equal(12, select(2, many:gsub("sha256", "")))
    assert.is_nil(query("[" .. mine .. "]", '?cachefrom=["mine:1"]').nocache)
  end)

  -- Dockerfile, why it is refused (none: it is not), what else is asked for
  for _, case in ipairs {
    { "FROM mine:1" }, { "FROM shared:1 AS x\nFROM x\nCOPY --from=x / /\nCOPY --from=0 / /" },
    { "FROM scratch\nCOPY --from=new:1 / /", "new:1 is not there" }, { "ARG n\nFROM ${n:-mine}:1" },
    { "FROM theirs:1",
      "theirs:1 is not there, and what a build pulls by itself nobody has looked at (line 1 of the Dockerfile)" },
    { "ARG n\nFROM ${n:-mine}:1", "theirs:1 is not there", '?buildargs={"n":"theirs"}' },
    { "FROM scratch\nCOPY --from=theirs:1 / /", "theirs:1 is not there" }, { "FROM 123456789012", "is not there" },
    { "FROM 1234", "1234 may be the beginning of any image's id (line 1 of the Dockerfile)" },
    { "FROM mine:1\nONBUILD COPY --from=mine:1 / /", "an ONBUILD copies from mine:1, which may be anybody's by then" },
    { "FROM new:1", "new:1 is not there" }, { "FROM mine:1", "nobody has looked at", "?pull=1" },
    { "FROM scratch\nCOPY --from=mine:1 / /", "nobody has looked at", "?pull=1" },
    { "FROM mine:1", nil, "?pull=0" }, { "FROM mine:1", "nobody has looked at", "?platform=linux/arm64" },
    { "FROM --platform=linux/arm64 mine:1", "nobody has looked at" },
    { "FROM mine:1 AS x\nFROM theirs:1", nil, "?target=x" },
    { "FROM triggers:2", "not allowed: remote http://x (line 1 of the Dockerfile)" },
    { "FROM triggers:3", "an ONBUILD copies from theirs:1, which may be anybody's by then (line 1 of the Dockerfile)" },
    { "FROM triggers:4" }, { "FROM triggers:7" }, { "FROM triggers:8", id "e" .. " is not there" },
    { "FROM triggers:5", "an ONBUILD of triggers:5 cannot be judged: line 1 of the Dockerfile has no instruction" },
    { "FROM triggers:6", "an ONBUILD of triggers:6 cannot be judged: an ONBUILD of the image is not one instruction" },
    { "FROM mine:1\nADD http://x /", "not allowed: remote http://x (line 2 of the Dockerfile)" },
    { "FROM mine:1\nADD $x /", "not allowed: remote * (line 2 of the Dockerfile)" },
    { "FROM mine:1\nLABEL a=b moonward.owner=c", "must not set the labels moonward.owner and" },
    { "FROM mine:1\nONBUILD LABEL moon\"ward.owner\" c", "must not set the labels" },
    { "FROM mine:1\nLABEL moonward.policy=docker-cli", "must not set the labels" },
    { "FROM mine:1\nLABEL a=b $c=d", "must not come from a variable" }, { "FROM mine:1\nLABEL a=$c d=\"x $y\"" },
    { "FROM mine:1\nLABEL a=b \"$c${x:+ }\"=d", "must not come from a variable" }, { "FROM mine:1\nLABEL a b $c" },
    { "FROM mine:1\nFOO", "the build cannot be judged: line 2 of the Dockerfile has no instruction" },
    { nil, "the build cannot be judged: the build context: it has no Dockerfile" },
    { "FROM mine:1", "not allowed: remote - (query.remote)", "?remote=-" },
  } do
    local name = ("%s a build of %q"):format(case[2] and "refuses" or "allows", case[1] or "") .. (case[3] or "")
    it(name:gsub("\n", "n"), function()
      local verdict = decide { method = "POST", path = "/build" .. (case[3] or ""), body = "tar", dockerfile = case[1] }
      assert.equal(case[2] == nil, verdict.allowed, verdict.reason)
      assert.is_truthy(verdict.reason:find(case[2] or "", 1, true), verdict.reason)
      assert.is_false(verdict.failed)
    end)
  end

  it("has the builder get the ids that images had", function()
    local text = "# x\nARG n=mine\nFROM shared:1 AS a\nFROM \\\n ${n}:1 \\\n as b\nCOPY --chown=1 --from=triggers:4 / /\n"
      .. "COPY --from=a / /\nFROM b\nFROM scratch"
    local verdict = decide { method = "POST", path = "/build", body = "tar", dockerfile = text }
    assert.is_true(verdict.allowed, verdict.reason)
    assert.equal("# x\nARG n=mine\nFROM " .. id "1" .. " AS a\nFROM " .. id "1" .. " AS b\n\n\nCOPY --chown=1 --from="
      .. id "4" .. " / /\nCOPY --from=a / /\nFROM b\nFROM scratch", verdict.built)
    assert.is_nil(decide({ method = "POST", path = "/build", body = "tar", dockerfile = "FROM scratch\n" }).built)
  end)

  it("judges no base of a build with -localbase, and what it fetches", function()
    local local_base = test.policy("owner", { localbase = true, allowpower = "remote=http://x/*" })
    for text, allowed in pairs {
      ["FROM theirs:1"] = true, ["FROM new:1\nADD http://x/y /"] = true, ["FROM new:1\nADD http://y /"] = false,
      ["FROM new:1\nADD http://x/$y /"] = false,
    } do
      local verdict = local_base:decide { method = "POST", path = "/build", body = "tar", client = ci, containers = containers,
        engine = objects, dockerfile = text }
      assert.equal(allowed, verdict.allowed, text .. ": " .. verdict.reason)
      assert.is_nil(verdict.built)
    end
  end)

  it("prunes the owner's alone", function()
    for filters, expected in pairs {
      [""] = {},
      ['?filters={"label":["a=b"],"until":["1h"]}'] = { label = { "a=b" }, ["until"] = { "1h" } },
      ['?filters={"label":["a=b"],"until":{"1h":true}}'] = { label = { "a=b" }, ["until"] = { "1h" } },
      ['?filters={"label":{"Moonward.owner=container:ci":true}}'] = { label = { "Moonward.owner=container:ci" } },
      ['?filters={"label":{"moonward.owner=team":false},"until":null}'] = { label = { "moonward.owner=team" } },
    } do
      local verdict = decide { method = "POST", path = "/containers/prune" .. filters }
      local sent = json.decode(verdict.query.filters)
      assert.same({ ["until"] = set(expected["until"]),
        label = set(expected.label, "moonward.owner=container:ci") }, sent, filters)
    end
  end)

  it("prunes nothing by a filter that says to the engine more than it says here", function()
    local verdict = decide { method = "POST", path = '/containers/prune?filters={"label!":{"a=b":true,"A=b":true}}' }
    assert.same({ false, 400 }, { verdict.allowed, verdict.status })
  end)

  it("hides what builds leave", function()
    local list = encode {
      { Id = "sha256:1", RepoTags = { "<none>:<none>" }, RepoDigests = { "<none>@<none>" }, Labels = json.null },
      { Id = "sha256:2", RepoTags = json.null, Labels = {} }, { Id = "sha256:3", RepoTags = { "a:1" } },
      { Id = "sha256:4", RepoDigests = { "a@sha256:0" } }, { Id = "sha256:5", Labels = labels "container:ci" },
      { Id = "sha256:6", RepoDigests = { "moby-dangling@sha256:0" } },
    }
    local ids = {}
    for _, entry in ipairs(json.decode(decide({ path = "/images/json?all=1", answer = list }).answer)) do
      ids[#ids + 1] = entry.Id
    end
    assert.same({ "sha256:3", "sha256:4", "sha256:5" }, ids)
    local events = [[{"Type":"image","Action":"delete","Actor":{"ID":"sha256:1","Attributes":{"name":"sha256:1"}}}]]
    assert.equal("", decide({ path = "/events", answer = events }).answer)
    events = [[{"Type":"image","Action":"pull","Actor":{"ID":"a:1","Attributes":{"name":"a"}}}]]
    assert.equal(events, decide({ path = "/events", answer = events }).answer)
  end)

  it("takes what an owner's container does for the owner's", function()
    assert.is_true(decide({ path = "/containers/job/json", client = job }).allowed)
    assert.is_true(decide({ path = "/containers/other/json", client = other }).allowed)
    assert.equal(404, decide({ path = "/containers/job/json", client = other }).status)
  end)

  it("takes nothing that a step of a build says for an owner's", function()
    for _, path in ipairs { "/containers/other/json", "/info" } do
      local verdict = decide { path = path, client = { address = "172.17.0.5" } }
      assert.same({ false, 403, false }, { verdict.allowed, verdict.status, verdict.failed }, verdict.reason)
    end
  end)

  it("knows users of a Unix socket", function()
    local verdict = decide { method = "POST", path = "/volumes/create", body = "{}",
      client = { uid = 1000, gid = 1000, pid = 1 } }
    assert.is_true(verdict.allowed, verdict.reason)
    assert.equal('{"Labels":{"moonward.owner":"uid:1000"}}', verdict.body)
  end)

  it("refuses a client that can own nothing, and says what to do", function()
    local verdict = decide { path = "/info", client = { address = "192.0.2.1" } }
    assert.same({ false, 403, false }, { verdict.allowed, verdict.status, verdict.failed }, verdict.reason)
    assert.is_truthy(verdict.hint:find("-owner", 1, true))
  end)

  it("may know one owner for all, another label, and powers", function()
    local given = test.policy("owner", { owner = "me", ownerlabel = "made.by", allowpower = "bind=/srv", localbase = "true" })
    local verdict = given:decide { method = "POST", path = "/containers/create",
      body = '{"Image":"new","HostConfig":{"Binds":["/srv/x:/x"]}}',
      engine = { ["/images/new/json"] = image(nil, "new:latest") }, client = { address = "192.0.2.1" } }
    assert.is_true(verdict.allowed, verdict.reason)
    assert.equal("me", json.decode(verdict.body).Labels["made.by"])
    verdict = given:decide { method = "POST", path = "/build", body = "tar", client = { address = "192.0.2.1" },
      engine = { ["/images/json?filters=%7B%22label%22%3A%5B%22made.by%3Dme%22%5D%7D"] = { body = "[]" } },
      dockerfile = "FROM scratch" }
    assert.same({ labels = '{"made.by":"me"}', nocache = "1" }, verdict.query)
  end)
end)
