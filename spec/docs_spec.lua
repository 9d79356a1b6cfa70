-- What the pages tell people to write works.

local daemon = require "spec.support.daemon"
local folder = require "spec.support.folder"
local process = require "spec.support.process"
local test = require "moonward.test"

local function read(path)
  return assert(folder.read(path), path)
end

-- The nth block of that language.
local function block(path, language, n)
  local text
  local count = 0
  for found in read(path):gmatch("```" .. language .. "\n(.-)\n```") do
    count = count + 1
    text = count == n and found or text
  end
  return assert(text, path .. " has no such block")
end

local function policy(path, name, options)
  local file = folder.write(folder.new() .. "/" .. name .. ".lua", block(path, "lua", 1))
  return test.policy(file, options)
end

describe("the policy of the README", function()
  local restarts = policy("README.md", "restarts", {})
  -- method, path, listener, allowed
  local cases = {
    { "GET", "/_ping", "tcp", true },
    { "GET", "/v1.47/containers/json", "tcp", true },
    { "GET", "/v1.47/containers/web/logs", "tcp", true },
    { "POST", "/v1.47/containers/web/restart", "tcp", false },
    { "POST", "/v1.47/containers/web/restart", "admin", true },
    { "POST", "/v1.47/containers/web/stop", "admin", false },
  }
  for _, case in ipairs(cases) do
    it(("%s %s %s on %s"):format(case[4] and "allows" or "denies", case[1], case[2], case[3]), function()
      local verdict = restarts:decide { method = case[1], path = case[2], client = { listener = case[3] } }
      assert.equal(case[4], verdict.allowed)
      assert.is_false(verdict.failed)
    end)
  end
end)

describe("the README", function()
  local text = read("README.md")

  it("shows what explain prints", function()
    local command, output = block("README.md", "console", 1):match("^%$ moonward ([^\n]+)\n(.*)$")
    local words = {}
    for word in command:gmatch("%S+") do
      words[#words + 1] = word
    end
    assert.equal(output .. "\n", daemon.run(words).stdout)
  end)

  it("names every policy that ships", function()
    for path in process.shell("ls policies"):gmatch("[^\n]+") do
      local name = path:match("^(.+)%.lua$")
      local is_named = text:find("`" .. name .. "`", 1, true) or text:find("MOONWARD_POLICY=" .. name .. "`", 1, true)
      assert.is_truthy(is_named, name)
    end
  end)
end)

describe("the policy of docs/policy-api.md", function()
  local builders = policy("docs/policy-api.md", "builders", { registry = "reg/" })
  -- body, allowed, reason
  local cases = {
    { '{"Image":"reg/a"}', true, "" },
    { "", false, "image  is not from reg/" },
    { '{"Image":"busybox"}', false, "image busybox is not from reg/" },
    { '{"Image":"reg/a","HostConfig":{"Binds":["/:/host"]}}', false, "no mount of kind bind" },
    { '{"Image":"reg/a","HostConfig":{"Binds":["cache:/cache"]}}', true, "" },
  }
  for _, case in ipairs(cases) do
    it((case[2] and "allows " or "denies ") .. case[1], function()
      local verdict = builders:decide { method = "POST", path = "/v1.47/containers/create", body = case[1] }
      assert.equal(case[3], verdict.reason)
      assert.equal(case[2], verdict.allowed)
    end)
  end
end)

-- The nth YAML block of the section about a program.
local function compose_of(heading, n)
  local section = read("docs/migrating.md"):match("\n## " .. heading .. "[^\n]*(.-\n)## ")
  local count = 0
  for found in section:gmatch("```yaml\n(.-)\n```") do
    count = count + 1
    if count == n then
      return found
    end
  end
end

local function variables(heading, n)
  local found = {}
  local list = compose_of(heading, n):match("environment:\n(.-)\n    %l")
  for name, value in list:gmatch("([%u%d_]+): ([^\n]+)") do
    found[name] = value:gsub('"', "")
  end
  return found
end

local function words(heading, n)
  local found = {}
  for word in compose_of(heading, n):match("command:\n(.-)\n    %l"):gmatch("%- ([^\n]+)") do
    found[#found + 1] = word
  end
  return found
end

describe("docs/migrating.md", function()
  -- heading, policy, whether a restart is allowed
  for _, case in ipairs {
    { "Tecnativa", "tecnativa", true }, { "linuxserver", "linuxserver", false }, { "GoDoxy", "godoxy", true },
    { "FoxxMD", "container-filter", true },
  } do
    it("adds one variable for " .. case[2] .. ", and that starts", function()
      local before, after = variables(case[1], 1), variables(case[1], 2)
      assert.equal(case[2], after.MOONWARD_POLICY)
      after.MOONWARD_POLICY = nil
      assert.same(before, after)
      local loaded = test.policy(case[2], {}, { environment = before })
      assert.is_true(loaded:decide({ path = "/containers/json" }).allowed)
      assert.equal(case[3], loaded:decide({
        method = "POST", path = "/containers/web/restart",
        containers = { { name = "web", labels = { homepage = "yes" } } },
      }).allowed)
    end)
  end

  it("keeps every word for wollomatic/socket-proxy, and that starts", function()
    assert.same(words("wollomatic", 1), words("wollomatic", 2))
    local loaded = test.policy("default", words("wollomatic", 2))
    local client = { address = "10.0.0.1" }
    local resolve = { traefik = { "10.0.0.1" } }
    assert.is_true(loaded:decide({ path = "/v1.47/containers/json", client = client, resolve = resolve }).allowed)
    assert.is_false(loaded:decide({ path = "/v1.47/info", client = client, resolve = resolve }).allowed)
  end)
end)

describe("docs/security.md", function()
  local reader = test.policy("read-only")
  local rows = read("docs/security.md"):match("\n| %-%-%- | %-%-%- |\n(.-)\n\n")
  for path in rows:gmatch("`GET (/[^`]*)`") do
    local shown = path:gsub("{%w+}", "web"):gsub("%.%.%.", "web/json")
    local is_inspect = path == "/containers/{id}/json"
    it((is_inspect and "knows that read-only allows " or "is right that read-only refuses ") .. path, function()
      local verdict = reader:decide { path = shown }
      assert.equal(is_inspect, verdict.allowed)
      assert.is_truthy(verdict.operation, shown)
    end)
  end
end)

-- The anchors of a page's headings, as GitHub makes them.
local function anchors(path)
  local found = {}
  for heading in ("\n" .. read(path)):gmatch("\n#+ ([^\n]+)") do
    found[heading:lower():gsub("[^%w%s_-]", ""):gsub(" ", "-")] = true
  end
  return found
end

describe("the pages", function()
  local pages = { "README.md", "CONTRIBUTING.md", "SECURITY.md", "examples/README.md" }
  for path in process.shell("ls docs/*.md"):gmatch("[^\n]+") do
    pages[#pages + 1] = path
  end
  for _, path in ipairs(pages) do
    it("links from " .. path .. " to pages that exist", function()
      local base = path:match("^(.*/)") or ""
      for target in read(path):gmatch("%]%(([^)#:]+)[^):]*%)") do
        assert.is_truthy(folder.read(base .. target), target)
      end
    end)

    it("links from " .. path .. " to headings that exist", function()
      local base = path:match("^(.*/)") or ""
      for target, anchor in read(path):gmatch("%]%(([^)#:]*)#([^)]+)%)") do
        local there = target == "" and path or base .. target
        assert.is_true(anchors(there)[anchor], there .. "#" .. anchor)
      end
    end)
  end

  it("show options that exist", function()
    local known = read("docs/options.md") .. read("docs/policy-list.md")
      .. daemon.run({ "compare", "-help" }).stdout:gsub("\n  (%-%l+)", "`%1`") .. "`-with` `-body`"
    for _, path in ipairs { "README.md", "docs/migrating.md", "docs/security.md", "docs/architecture.md" } do
      for name in read(path):gmatch("[`%s]%-(%l[%a]+)[=`%s]") do
        local is_known = known:find("`-" .. name .. "`", 1, true)
        assert.is_truthy(is_known or #name < 4, path .. ": -" .. name)
      end
    end
  end)
end)
