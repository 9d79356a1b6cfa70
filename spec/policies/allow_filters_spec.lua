-- needs busted: it writes a file of filters for each configuration
-- allow-filters: what the file says is what is allowed. The rows are all routes of the API under
-- several files; what is expected comes from Lua patterns that were written by hand for each glob.

local folder = require "spec.support.folder"
local operations = require "moonward.operations"
local test = require "moonward.test"

local place = folder.new()
local count = 0

local function load(text, options)
  count = count + 1
  local all = { ["config-file"] = folder.write(("%s/%d.toml"):format(place, count), text) }
  for name, value in pairs(options or {}) do
    all[name] = value
  end
  return test.policy("allow-filters", all)
end

local function text_of(filters)
  local lines = {}
  for _, filter in ipairs(filters) do
    lines[#lines + 1] = ("[[allow_filters]]\nmethod = %q\npath = '%s'\n"):format(filter[1], filter[2])
  end
  return table.concat(lines)
end

-- A name, and its filters: method, glob, Lua patterns for what the glob takes.
local configurations = {
  { "no filter", {} },
  { "the file of its README", { { "GET", "/containers/**", "^/containers$", "^/containers/.*$" },
    { "GET", "/images/**", "^/images$", "^/images/.*$" } } },
  { "lists only", {
    { "GET", "/{containers,images,networks}/json", "^/containers/json$", "^/images/json$", "^/networks/json$" },
    { "GET", "/networks", "^/networks$" } } },
  { "one segment", { { "GET", "/containers/*/json", "^/containers/[^/]*/json$" }, { "POST", "/containers/*/start",
    "^/containers/[^/]*/start$" } } },
  { "everything of GET", { { "GET", "/**", "^.*$" } } },
  { "all writes", { { "POST", "**", "^.*$" }, { "PUT", "**", "^.*$" }, { "DELETE", "**", "^.*$" } } },
  { "sets and single characters", { { "GET", "/[c-i]*/json", "^/[c-i][^/]*/json$" },
    { "GET", "/???????", "^/[^/][^/][^/][^/][^/][^/][^/]$" },
    { "DELETE", "/[!i]*/*", "^/[^/i][^/]*/[^/]*$" } } },
  { "stars in the middle", { { "GET", "/**/json", "^/json$", "^/.*/json$" },
    { "POST", "/*/**/prune", "^/[^/]+/prune$", "^/[^/]+/.*/prune$" },
    { "PUT", "/**", "^.*$" } } },
}

local function sample(operation)
  return (operation.path:gsub("{%a+%.*}", "x"))
end

local function takes(filter, path)
  for i = 3, #filter do
    if path:find(filter[i]) then
      return true
    end
  end
  return false
end

local function is_archive_head(method, path)
  return method == "HEAD" and path:find("/archive$")
end

local function expected(filters, method, path)
  local asked = is_archive_head(method, path) and { HEAD = true, GET = true, PUT = true } or { [method] = true }
  for _, filter in ipairs(filters) do
    if asked[filter[1]] and takes(filter, path) then
      return true
    end
  end
  return method == "HEAD" and not is_archive_head(method, path)
end

describe("allow-filters", function()
  local rows, allowed = 0, 0
  for _, configuration in ipairs(configurations) do
    local policy = load(text_of(configuration[2]))
    local families = {}
    for _, operation in ipairs(operations.list) do
      families[#families + 1] = not families[operation.family] and operation.family or nil
      families[operation.family] = families[operation.family] or {}
      table.insert(families[operation.family], operation)
    end
    for _, family in ipairs(families) do
      it(("with %s decides the routes of %s"):format(configuration[1], family), function()
        for _, operation in ipairs(families[family]) do
          for _, version in ipairs { "", "/v1.43" } do
            local method, path = operation.method, sample(operation)
            local verdict = policy:decide { method = method, path = version .. path }
            assert.is_nil(verdict.refused, verdict.reason)
            assert.is_false(verdict.failed, verdict.reason)
            assert.equal(expected(configuration[2], method, path), verdict.allowed, method .. " " .. version .. path)
            rows = rows + 1
            allowed = allowed + (verdict.allowed and 1 or 0)
          end
        end
      end)
    end
  end

  it("was asked often enough, and for both answers", function()
    assert.is_true(rows >= 1000, tostring(rows))
    assert.is_true(allowed >= 300 and allowed <= rows - 300, tostring(allowed))
  end)
end)

describe("allow-filters: a request", function()
  local policy = load('Allow_Filters = [{ METHOD = "GET", Path = "/containers/**" },'
    .. ' { method = "POST", path = "/containers/*/start" }]\n[[other]]\n')
  -- method, path, allowed, rule or hint
  local cases = {
    { "GET", "/containers/json?all=1", true, "allow_filters 1: GET /containers/**" },
    { "GET", "/v1.24/containers/json", true, "allow_filters 1: GET /containers/**" },
    { "POST", "/containers/web/start", true, "allow_filters 2: POST /containers/*/start" },
    { "POST", "/containers/a%2Fb/start", false },
    { "POST", "/containers/web/stop", false,
      [=[[[allow_filters]] with method = "POST" and path = '/containers/web/stop']=] },
    { "PUT", "/containers/a%2Ab%7B/archive", false,
      [=[[[allow_filters]] with method = "PUT" and path = '/containers/a\*b\{/archive']=] },
    { "DELETE", "/containers/web", false },
    { "OPTIONS", "/containers/json", false },
    { "HEAD", "/_ping", true, "HEAD" },
    { "HEAD", "/no/such/thing", true, "HEAD" },
    { "HEAD", "/containers/web/archive?path=/etc/shadow", true, "allow_filters 1: GET /containers/**" },
    { "HEAD", "/libpod/containers/web/archive?path=/", false },
    { "GET", "/new/route", false },
  }
  for _, case in ipairs(cases) do
    it(("%s %s is %s"):format(case[1], case[2], case[3] and "allowed" or "denied"), function()
      local verdict = policy:decide { method = case[1], path = case[2] }
      assert.equal(case[3], verdict.allowed)
      if not verdict.refused and not case[3] then
        assert.equal(403, verdict.status)
        assert.equal("request rejected", verdict.reason)
      end
      assert.equal(case[4] or "", case[4] and (case[3] and verdict.rule or verdict.hint) or "")
    end)
  end

  it("with CONNECT is allowed only if a filter names it", function()
    assert.is_false(policy:decide({ method = "CONNECT", path = "/x" }).allowed)
    local asked = load "allow_filters = [{ method = 'CONNECT', path = '/x' }]"
    assert.is_true(asked:decide({ method = "CONNECT", path = "/x" }).allowed)
  end)
end)

describe("allow-filters: a file", function()
  local function filter(line)
    return "[[allow_filters]]\nmethod = 'GET'\npath = '/x'\n" .. line
  end

  -- what is wrong, the file, the message behind its name
  local refused = {
    { "is no TOML", "[[allow_filters]\n", "line 1, column 16: expected ']]' behind the table's name, found ']'" },
    { "is JSON", '{"allow_filters": []}', "line 1, column 1: expected a key, found '{'" },
    { "defines twice", "a = 1\na = 2", "line 2, column 1: 'a' is defined twice, first in line 1" },
    { "is no text", "\xff\xfe", "line 1, column 1: this is not UTF-8: byte 0xff" },
    { "has no array", "[allow_filters]", "line 1, column 2: allow_filters is a table, expected an array: [[allow_filters]]" },
    { "has an array of words", "allow_filters = ['GET']", "filter 1 is a string, expected a table with method and path" },
    { "has no method", "\n[[allow_filters]]\npath = '/x'", "line 2, column 1: a filter needs a method" },
    { "has no path", filter "\n[[allow_filters]]\nmethod = 'GET'", "line 5, column 1: a filter needs a path" },
    { "has a method of another kind", "allow_filters = [{ path = '', method = 1 }]",
      "line 1, column 31: method is an integer, expected a string" },
    { "has a list of paths", "allow_filters = [{ method = 'GET', path = ['/a', '/b'] }]",
      "line 1, column 36: path is an array, expected a string" },
    { "has a method in small letters", "allow_filters = [{ method = 'get', path = '' }]",
      "line 1, column 20: unknown method 'get', expected its name in capital letters, did you mean GET?" },
    { "has a method of its own", "allow_filters = [{ method = 'FROBNICATE', path = '' }]",
      "line 1, column 20: unknown method 'FROBNICATE', expected its name in capital letters" },
    { "has two spellings of a key", filter "Path = '/y'", "line 4, column 1: 'path' and 'Path' are the same key" },
    { "has a broken glob", "allow_filters = [\n{ method = 'GET', path = '/a[' }]",
      "line 2, column 19: '/a[' is not a glob: a '[' without a ']', or with nothing in between at character 3" },
  }
  for _, case in ipairs(refused) do
    it("that " .. case[1] .. " stops the start", function()
      local ok, message = pcall(load, case[2])
      assert.is_false(ok)
      assert.equal(("policy allow-filters: %s/%d.toml: %s"):format(place, count, case[3]), message)
    end)
  end

  -- what is said, the file, the words
  local warned = {
    { "an unknown key", "allow_filter = []",
      "line 1, column 1: nothing is known of 'allow_filter', it is ignored, did you mean allow_filters?" },
    { "an unknown key of a filter", filter "description = 'x'",
      "line 4, column 1: nothing is known of 'description', it is ignored" },
    { "a file without filters", "# none", "the file has no [[allow_filters]], so nothing is allowed but HEAD" },
    { "a version in front", "allow_filters = [{ method = 'GET', path = '/v1.41/info' }]",
      "'/v1.41/info' takes nothing, since the version is cut off a path" },
    { "a path without slash", "allow_filters = [{ method = 'GET', path = 'info' }]",
      "'info' takes nothing, since a path begins with a slash" },
    { "a glob that reaches attach/ws", "allow_filters = [{ method = 'GET', path = '/containers/**' }]",
      "'/containers/**' takes /containers/{id}/attach/ws too, a GET that writes to stdin" },
  }
  for _, case in ipairs(warned) do
    it("with " .. case[1] .. " is warned about", function()
      local log = table.concat(load(case[2]):log(), "\n")
      assert.is_truthy(log:find(case[3], 1, true), log)
    end)
  end

  it("without any of that is not", function()
    assert.same({}, load("allow_filters = [{ method = 'GET', path = '/{info,version}' }]"):log())
  end)

  local missing = {
    { "that nobody names", "", "no filters: -config-file or CONFIG_FILE has to name a TOML file" },
    { "that is not there", place .. "/nowhere.toml", "-config-file: " .. place .. "/nowhere.toml: No such file or directory" },
    { "that is a folder", place, "-config-file: " .. place .. ": expected a file, got a folder" },
    { "that is no file", "/dev/zero", "-config-file: /dev/zero: expected a file, got something else" },
    { "that is too long", place .. "/long.toml", "-config-file: " .. place .. "/long.toml: the file is longer than 1 MiB" },
  }
  folder.write(place .. "/long.toml", ("# long\n"):rep(200000))
  for _, case in ipairs(missing) do
    it(case[1] .. " stops the start", function()
      local ok, message = pcall(test.policy, "allow-filters", { ["config-file"] = case[2] })
      assert.is_false(ok)
      assert.equal("policy allow-filters: " .. case[3], message)
    end)
  end

  it("with a thousand filters is read", function()
    local policy = load(("[[allow_filters]]\nmethod = 'GET'\npath = '/containers/{a,b}*/**'\n"):rep(1000) .. filter "")
    assert.is_true(policy:decide({ path = "/x" }).allowed)
  end)
end)
