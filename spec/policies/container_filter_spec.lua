-- container-filter: which containers are shown, by names and labels, against docker-proxy-filter's rules written
-- down a second time; what stops the start; and what is left of an environment.

local engines = require "moonward.test_engine"
local test = require "moonward.test"

local json = engines.json

-- Rules ------------------------------------------------------------------------------------------------

local function load(variables)
  return test.policy("container-filter", {}, { environment = variables })
end

local function pieces(text)
  local list = {}
  for piece in text:gmatch "[^,]+" do
    list[#list + 1] = piece
  end
  return list
end

-- The page of docker-proxy-filter: any name filter that is a part of the name with its slash; any label filter
-- whose key is a part of a label's key and whose value, if it has one, is a part of that label's value.
local function expected(variables, container)
  local names, labels = pieces(variables.CONTAINER_NAMES or ""), pieces(variables.CONTAINER_LABELS or "")
  local found = #names + #labels == 0
  for _, part in ipairs(names) do
    found = found or ("/" .. container.name):find(part, 1, true) ~= nil
  end
  for _, filter in ipairs(labels) do
    local at = filter:find("=", 1, true)
    local key, value = filter:sub(1, (at or 0) - 1), at and filter:sub(at + 1) or ""
    for name, content in pairs(container.labels) do
      found = found or name:find(key, 1, true) ~= nil and content:find(value, 1, true) ~= nil
    end
  end
  return found
end

local containers = {
  { name = "frigate", labels = {} },
  { name = "frigate-nvidia", labels = { ["homepage.name"] = "Frigate" } },
  { name = "postgres11", labels = { ["com.foo.fun"] = "barstuff" } },
  { name = "my-postgres", labels = { ["com.foo"] = "rab" } },
  { name = "Frigate", labels = { ["com.mylabel.foo"] = "bar" } },
  { name = "a", labels = { [""] = "", ["x"] = "" } },
  { name = "web.1.abcdef", labels = { ["name"] = "db", ["image"] = "homepage" } },
  { name = "db", labels = { ["a=b"] = "c=d", ["Homepage.Name"] = "x" } },
  { name = "_under", labels = { ["foo"] = "bar baz", ["bar"] = "foo" } },
  { name = "shop-web-1", labels = { ["com.docker.compose.project"] = "shop", ["com.docker.compose.service"] = "web" } },
  { name = "uml", labels = { ["größe"] = "größer" } },
  { name = "%d+.*", labels = { ["^a$"] = "[x]" } },
}

local configurations = {
  {},
  { CONTAINER_NAMES = "frigate,postgres" },
  { CONTAINER_NAMES = "/frigate" },
  { CONTAINER_NAMES = "postgres1,postgres" },
  { CONTAINER_NAMES = "/" },
  { CONTAINER_NAMES = "1" },
  { CONTAINER_NAMES = "a" },
  { CONTAINER_NAMES = "%d,.*" },
  { CONTAINER_NAMES = "nothing-of-that-name" },
  { CONTAINER_LABELS = "homepage" },
  { CONTAINER_LABELS = "foo" },
  { CONTAINER_LABELS = "com.foo=bar" },
  { CONTAINER_LABELS = "foo=bar,foo=rab" },
  { CONTAINER_LABELS = "foo=" },
  { CONTAINER_LABELS = "=bar" },
  { CONTAINER_LABELS = "a=b=c" },
  { CONTAINER_LABELS = "com.docker.compose.project=shop" },
  { CONTAINER_LABELS = "name" },
  { CONTAINER_LABELS = "größe=größer" },
  { CONTAINER_LABELS = "^a$=[x]" },
  { CONTAINER_NAMES = "db", CONTAINER_LABELS = "homepage" },
  { container_names = "db", container_labels = "homepage" },
}

local function say(variables)
  local words = {}
  for name, value in pairs(variables) do
    words[#words + 1] = name .. "=" .. value
  end
  table.sort(words)
  return #words > 0 and table.concat(words, " ") or "no filter"
end

-- As variables of the names that the rules above know.
local function upper(variables)
  local given = {}
  for name, value in pairs(variables) do
    given[name:upper()] = value
  end
  return given
end

local function listed(container)
  return json { Id = engines.id(container.name), Names = { "/" .. container.name }, Labels = container.labels }
end

local function event(container)
  local attributes = { name = container.name, image = "busybox" }
  for key, value in pairs(container.labels) do
    attributes[key] = attributes[key] or value
  end
  return json { Type = "container", Action = "start", Actor = { ID = engines.id(container.name), Attributes = attributes } }
end

describe("container-filter", function()
  local rows, shown = 0, 0
  for _, variables in ipairs(configurations) do
    it("with " .. say(variables) .. " shows what docker-proxy-filter would", function()
      local policy = load(variables)
      for _, container in ipairs(containers) do
        local wanted = expected(upper(variables), container)
        local about = container.name .. (wanted and " is" or " is not") .. " to be shown"
        local list = policy:decide { path = "/v1.41/containers/json", answer = "[" .. listed(container) .. "]",
          containers = containers }
        assert.equal(wanted and "[" .. listed(container) .. "]" or "[]", list.answer, about)
        for _, request in ipairs {
          { "GET", "/json" }, { "GET", "/logs" }, { "POST", "/stop" }, { "DELETE", "" }, { "HEAD", "/archive?path=/" },
        } do
          local verdict = policy:decide { method = request[1], containers = containers,
            path = "/containers/" .. engines.id(container.name) .. request[2] }
          assert.same({ wanted, wanted and 0 or 404 }, { verdict.allowed, verdict.allowed and 0 or verdict.status }, about)
        end
        rows, shown = rows + 1, shown + (wanted and 1 or 0)
      end
    end)
  end

  it("was asked often enough, and for both answers", function()
    assert.is_true(rows >= 250, tostring(rows))
    assert.is_true(shown >= 60 and rows - shown >= 150, tostring(shown))
  end)

  it("shows the events of what is shown, whatever else an event says", function()
    for _, variables in ipairs(configurations) do
      local policy, lines = load(variables), {}
      for i, container in ipairs(containers) do
        lines[i] = event(container) .. "\n"
      end
      local verdict, wanted = policy:decide { path = "/events", containers = containers, answer = table.concat(lines) }, {}
      for i, container in ipairs(containers) do
        wanted[#wanted + 1] = expected(upper(variables), container) and lines[i] or nil
      end
      assert.equal(table.concat(wanted), verdict.answer, say(variables))
    end
  end)

  it("answers a container that is not shown as one that does not exist", function()
    local policy = load { CONTAINER_NAMES = "frigate" }
    for _, name in ipairs { "db", "nobody" } do
      local verdict = policy:decide { path = "/containers/" .. name .. "/json", containers = containers }
      assert.same({ 404, "No such container: " .. name, true }, { verdict.status, verdict.reason, verdict.hidden })
    end
  end)

  it("denies what nobody knows, filter or not", function()
    for _, variables in ipairs { {}, { CONTAINER_NAMES = "a" } } do
      local verdict = load(variables):decide { path = "/new/route", containers = containers }
      assert.same({ false, 403 }, { verdict.allowed, verdict.status })
    end
  end)
end)

-- The start --------------------------------------------------------------------------------------------

describe("container-filter does not start with", function()
  -- name, value, part of the message
  for _, case in ipairs {
    { "CONTAINER_NAMES", "web,", "has an empty entry, which every container would match" },
    { "CONTAINER_NAMES", ",web", "empty entry" },
    { "CONTAINER_NAMES", ",", "empty entry" },
    { "CONTAINER_NAMES", "web,,db", "empty entry" },
    { "CONTAINER_NAMES", "web, db", 'the entry " db" begins or ends with a space' },
    { "CONTAINER_NAMES", "web ,db", 'the entry "web " begins or ends with a space' },
    { "CONTAINER_NAMES", "\tweb", "space" },
    { "CONTAINER_NAMES", " ", "space" },
    { "CONTAINER_LABELS", "a=b,", "CONTAINER_LABELS" },
    { "CONTAINER_LABELS", "a=b, c", "space" },
    { "CONTAINER_LABELS", "=", "every container with a label would match" },
    { "CONTAINER_NAME", "web", "did you mean CONTAINER_NAMES?" },
    { "CONTAINERS_NAMES", "web", "did you mean CONTAINER_NAMES?" },
    { "Container_Names", "web", "did you mean CONTAINER_NAMES?" },
    { "CONTAINER_LABEL", "web", "did you mean CONTAINER_LABELS?" },
    { "SCRUB_ENV", "true", "did you mean SCRUB_ENVS?" },
    { "SCRUB_ENVS", "1", 'expected one of false, true; got "1"' },
    { "SCRUB_ENVS", "yes", "expected one of false, true" },
    { "SCRUB_ENVS", "", "expected one of false, true" },
    { "PORT", "http", "PORT" },
    { "RUST_LOG", "loud", "RUST_LOG" },
  } do
    it(("%s=%q"):format(case[1], case[2]), function()
      local ok, message = pcall(load, { [case[1]] = case[2] })
      assert.is_false(ok)
      assert.is_truthy(tostring(message):find(case[3], 1, true), message)
    end)
  end
end)

describe("container-filter starts with", function()
  for _, variables in ipairs {
    { CONTAINER_LABELS = "foo=bar baz" }, { CONTAINER_NAME = "x", CONTAINER_NAMES = "" },
    { PROXY_URL = "http://socket-proxy:2375", PORT = "2380" }, { RUST_LOG = "info,docker_proxy_filter=debug" },
    { scrub_envs = "true" }, { CONTAINER_ID = "x", CONTAINER_HOST = "y" },
  } do
    it(say(variables), function()
      assert.is_true(load(variables):decide({ path = "/_ping" }).allowed)
    end)
  end

  it("a warning if everything is shown", function()
    assert.is_truthy(load({}):log()[1]:find("all containers are shown", 1, true))
    assert.same({}, load({ CONTAINER_NAMES = "a" }):log())
  end)
end)

-- Environments -----------------------------------------------------------------------------------------

describe("container-filter with SCRUB_ENVS=true", function()
  local policy = load { SCRUB_ENVS = "true" }
  local named = load { SCRUB_ENVS = "true", CONTAINER_NAMES = "frigate" }
  local secret = '["PASSWORD=hunter2","A=b"]'
  local service = '{"ID":"s","Spec":{"Name":"frigate","TaskTemplate":{"ContainerSpec":{"Env":%s}}},'
    .. '"PreviousSpec":{"TaskTemplate":{"ContainerSpec":{"Env":%s}}}}'
  -- path, answer with %s for each environment
  for _, case in ipairs {
    { "/containers/frigate/json", '{"Id":"' .. engines.id "frigate" .. '","Name":"/frigate",'
      .. '"Config":{"Hostname":"h","Env":%s,"Cmd":null}}' },
    { "/images/a/json", '{"Id":"sha256:0","Config":{"Env":%s,"OnBuild":%s},'
      .. '"ContainerConfig":{"Env":%s,"OnBuild":%s,"Cmd":%s},"RepoTags":[]}' },
    { "/services", "[" .. service .. "]" },
    { "/services/s", service },
    { "/plugins", '[{"Settings":{"Env":%s},"Config":{"Env":%s}}]' },
    { "/plugins/p/json", '{"Settings":{"Env":%s},"Config":{"Env":%s}}' },
  } do
    it("empties the environment in " .. case[1], function()
      local function with(text)
        return (case[2]:gsub("%%s", text))
      end
      local asked = { ["/images/a/json"] = { body = '{"Id":"sha256:0"}' }, ["/services/s"] = { body = with(secret) } }
      for _, one in ipairs { policy, named } do
        local verdict = one:decide { path = case[1], answer = with(secret), containers = containers, engine = asked }
        assert.is_true(verdict.allowed, verdict.reason)
        assert.equal(with "[]", verdict.answer)
      end
      local open = load({}):decide { path = case[1], answer = with(secret), containers = containers, engine = asked }
      assert.equal(with(secret), open.answer or with(secret))
    end)
  end

  it("empties it in tasks", function()
    local task = '[{"ID":"t","Spec":{"ContainerSpec":{"Env":%s}},"Status":{"ContainerStatus":{"ContainerID":"'
      .. engines.id "frigate" .. '"}}}]'
    for _, one in ipairs { policy, named } do
      local verdict = one:decide { path = "/tasks", answer = task:format(secret), containers = containers }
      assert.equal(task:format "[]", verdict.answer)
    end
  end)

  for _, case in ipairs {
    { "/containers/frigate/top", true }, { "/containers/frigate/top?ps_args=-ef", true },
    { "/containers/frigate/top?ps_args=aux", true }, { "/containers/frigate/top?ps_args=axe", false },
    { "/containers/frigate/top?ps_args=-ef+e", false }, { "/containers/frigate/top?ps_args=-o+pid,environ", false },
    { "/containers/frigate/top?ps_args=-ef&ps_args=axe", false }, { "/containers/frigate/top?Ps_Args=axe", false },
    { "/containers/frigate/top?p%C5%BF_args=axe", false },
    { "/images/a/get", false }, { "/images/get?names=a", false }, { "/libpod/images/a/get", false },
    { "/libpod/generate/kube?names=frigate", false }, { "/libpod/generate/frigate/systemd", false },
  } do
    it((case[2] and "allows " or "denies ") .. case[1], function()
      for _, one in ipairs { policy, named } do
        assert.equal(case[2], one:decide({ path = case[1], containers = containers }).allowed)
      end
    end)
  end
end)

describe("container-filter without SCRUB_ENVS", function()
  local policy = load { CONTAINER_NAMES = "frigate" }

  it("shows environments of a container's processes, and no processes of others", function()
    local function top(arguments)
      return policy:decide { path = "/containers/frigate/top?ps_args=" .. arguments, containers = containers }
    end
    assert.allows(top "axe")
    assert.denies(top "-C+nginx", "these arguments of ps may read processes of others: -C nginx")
  end)
end)

describe("the disk usage of container-filter", function()
  it("has what is shown, without what can hold secrets", function()
    local web, db = engines.id "web", engines.id "db"
    local verdict = load({ CONTAINER_NAMES = "web", SCRUB_ENVS = "true" }):decide {
      path = "/system/df", containers = { { name = "web" }, { name = "db" } },
      answer = '{"Containers":[{"Id":"' .. web .. '","Command":"serve --password=x"},{"Id":"' .. db .. '"}]}',
    }
    assert.is_true(verdict.allowed, verdict.reason)
    assert.equal('{"Containers":[{"Id":"' .. web .. '","Command":""}]}', verdict.answer)
  end)
end)
