-- What references to images mean. The table is what github.com/distribution/reference 0.6.0, with which the
-- engine reads them, makes of each (ParseAnyReference; canonical and familiar of TagNameOnly).
local image = require "moonward.image"

local hex = ("0123456789abcdef"):rep(4)

-- "<hex>" is 64 digits, "<HEX>" the same in upper case, "<r9>" nine letters r.
local function long(text)
  return text and text:gsub("<hex>", hex):gsub("<HEX>", hex:upper()):gsub("<(%l)(%d+)>", string.rep)
end

-- text, registry, repository, tag, digest, canonical, familiar; without them it is none
local cases = {
  { "ubuntu", "docker.io", "library/ubuntu", nil, nil,
    "docker.io/library/ubuntu:latest", "ubuntu:latest" },
  { "ubuntu:22.04", "docker.io", "library/ubuntu", "22.04", nil,
    "docker.io/library/ubuntu:22.04", "ubuntu:22.04" },
  { "team/app", "docker.io", "team/app", nil, nil,
    "docker.io/team/app:latest", "team/app:latest" },
  { "docker.io/ubuntu", "docker.io", "library/ubuntu", nil, nil,
    "docker.io/library/ubuntu:latest", "ubuntu:latest" },
  { "docker.io/library/ubuntu", "docker.io", "library/ubuntu", nil, nil,
    "docker.io/library/ubuntu:latest", "ubuntu:latest" },
  { "docker.io/library/distros/ubuntu", "docker.io", "library/distros/ubuntu", nil, nil,
    "docker.io/library/distros/ubuntu:latest", "library/distros/ubuntu:latest" },
  { "index.docker.io/ubuntu:1", "docker.io", "library/ubuntu", "1", nil,
    "docker.io/library/ubuntu:1", "ubuntu:1" },
  { "index.docker.io/team/app", "docker.io", "team/app", nil, nil,
    "docker.io/team/app:latest", "team/app:latest" },
  { "Docker.io/ubuntu", "Docker.io", "ubuntu", nil, nil,
    "Docker.io/ubuntu:latest", "Docker.io/ubuntu:latest" },
  { "docker.io:443/ubuntu", "docker.io:443", "ubuntu", nil, nil,
    "docker.io:443/ubuntu:latest", "docker.io:443/ubuntu:latest" },
  { "localhost/app", "localhost", "app", nil, nil,
    "localhost/app:latest", "localhost/app:latest" },
  { "localhost:5000/app:1", "localhost:5000", "app", "1", nil,
    "localhost:5000/app:1", "localhost:5000/app:1" },
  { "Localhost/app", "Localhost", "app", nil, nil,
    "Localhost/app:latest", "Localhost/app:latest" },
  { "localhost", "docker.io", "library/localhost", nil, nil,
    "docker.io/library/localhost:latest", "localhost:latest" },
  { "localhost:5000", "docker.io", "library/localhost", "5000", nil,
    "docker.io/library/localhost:5000", "localhost:5000" },
  { "registry.internal/app", "registry.internal", "app", nil, nil,
    "registry.internal/app:latest", "registry.internal/app:latest" },
  { "Registry.Internal/app", "Registry.Internal", "app", nil, nil,
    "Registry.Internal/app:latest", "Registry.Internal/app:latest" },
  { "registry.internal:5000/a/b/c:v1.0-x_y", "registry.internal:5000", "a/b/c", "v1.0-x_y", nil,
    "registry.internal:5000/a/b/c:v1.0-x_y", "registry.internal:5000/a/b/c:v1.0-x_y" },
  { "10.0.0.1:80/app", "10.0.0.1:80", "app", nil, nil,
    "10.0.0.1:80/app:latest", "10.0.0.1:80/app:latest" },
  { "[::1]:5000/app", "[::1]:5000", "app", nil, nil,
    "[::1]:5000/app:latest", "[::1]:5000/app:latest" },
  { "[::1]/app", "[::1]", "app", nil, nil,
    "[::1]/app:latest", "[::1]/app:latest" },
  { "[fe80::1%eth0]/app" },
  { "::1/app" },
  { "Team/app", "Team", "app", nil, nil,
    "Team/app:latest", "Team/app:latest" },
  { "team/App" },
  { "Ubuntu" },
  { "ubuntu:Latest", "docker.io", "library/ubuntu", "Latest", nil,
    "docker.io/library/ubuntu:Latest", "ubuntu:Latest" },
  { "ubuntu:_x", "docker.io", "library/ubuntu", "_x", nil,
    "docker.io/library/ubuntu:_x", "ubuntu:_x" },
  { "ubuntu:.x" },
  { "ubuntu:-x" },
  { "ubuntu:" },
  { "ubuntu:a:b" },
  { "ubuntu@sha256:<hex>", "docker.io", "library/ubuntu", nil, "sha256:<hex>",
    "docker.io/library/ubuntu@sha256:<hex>", "ubuntu@sha256:<hex>" },
  { "registry.internal/app:1@sha256:<hex>", "registry.internal", "app", "1", "sha256:<hex>",
    "registry.internal/app:1@sha256:<hex>", "registry.internal/app:1@sha256:<hex>" },
  { "ubuntu@sha256:<HEX>" },
  { "ubuntu@sha256:123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" },
  { "ubuntu@sha1:0123456789abcdef0123456789abcdef01234567" },
  { "ubuntu@SHA256:<hex>" },
  { "ubuntu@sha512:<hex><hex>", "docker.io", "library/ubuntu", nil, "sha512:<hex><hex>",
    "docker.io/library/ubuntu@sha512:<hex><hex>", "ubuntu@sha512:<hex><hex>" },
  { "ubuntu@" },
  { "@sha256:<hex>" },
  { "<hex>" },
  { "sha256:<hex>" },
  { "registry.internal/<hex>", "registry.internal", "<hex>", nil, nil,
    "registry.internal/<hex>:latest", "registry.internal/<hex>:latest" },
  { "0123abcd", "docker.io", "library/0123abcd", nil, nil,
    "docker.io/library/0123abcd:latest", "0123abcd:latest" },
  { "sha256:0123abcd", "docker.io", "library/sha256", "0123abcd", nil,
    "docker.io/library/sha256:0123abcd", "sha256:0123abcd" },
  { "my_host.test/app", "", "my_host.test/app", nil, nil,
    "my_host.test/app:latest", "my_host.test/app:latest" },
  { "my_host:5000/app" },
  { "a_b/app", "docker.io", "a_b/app", nil, nil,
    "docker.io/a_b/app:latest", "a_b/app:latest" },
  { "foo--bar", "docker.io", "library/foo--bar", nil, nil,
    "docker.io/library/foo--bar:latest", "foo--bar:latest" },
  { "foo__bar", "docker.io", "library/foo__bar", nil, nil,
    "docker.io/library/foo__bar:latest", "foo__bar:latest" },
  { "foo___bar" },
  { "foo._bar" },
  { "foo..bar" },
  { "-foo" },
  { "foo-" },
  { "foo." },
  { "_foo" },
  { "a//b" },
  { "/app" },
  { "app/" },
  { "" },
  { "docker.io", "docker.io", "library/docker.io", nil, nil,
    "docker.io/library/docker.io:latest", "docker.io:latest" },
  { "docker.io/" },
  { "library/ubuntu", "docker.io", "library/ubuntu", nil, nil,
    "docker.io/library/ubuntu:latest", "ubuntu:latest" },
  { "library", "docker.io", "library/library", nil, nil,
    "docker.io/library/library:latest", "library:latest" },
  { "a b" },
  { "ubuntu " },
  { "ubuntu\n" },
  { "übung" },
  { "ubuntu:<t128>", "docker.io", "library/ubuntu", "<t128>", nil,
    "docker.io/library/ubuntu:<t128>", "ubuntu:<t128>" },
  { "ubuntu:<t129>" },
  { "<r247>", "docker.io", "library/<r247>", nil, nil,
    "docker.io/library/<r247>:latest", "<r247>:latest" },
  { "<r248>" },
  { "registry.internal/<r255>", "registry.internal", "<r255>", nil, nil,
    "registry.internal/<r255>:latest", "registry.internal/<r255>:latest" },
  { "registry.internal/<r256>" },
  { "registry.-x/app" },
  { "x-.y/app" },
  { "registry.internal:/app" },
  { "registry.internal:x/app" },
}

local names = { "registry", "repository", "tag", "digest", "canonical", "familiar" }

describe("image.try", function()
  for _, case in ipairs(cases) do
    it((case[2] and "reads %q" or "refuses %q"):format(case[1]), function()
      local reference, message = image.try(long(case[1]))
      if not case[2] then
        assert.is_nil(reference)
        assert.equal("string", type(message))
        return
      end
      assert(reference, message)
      for i, name in ipairs(names) do
        assert.equal(long(case[i + 1]), reference[name], name)
      end
    end)
  end

  -- text, whether a create may take it for an id
  for text, expected in pairs {
    ["0123abcd"] = true, a = true, ["sha256:0123"] = true, ["ubuntu"] = false, ["abc:1"] = false,
    ["library/abc"] = false, ["sha256:xyz"] = false, ["Abc/d"] = false,
  } do
    it(("says that %s %s be the beginning of an id"):format(text, expected and "may" or "cannot"), function()
      assert.equal(expected, image.parse(text).may_be_id)
    end)
  end

  -- text, message
  for _, case in ipairs {
    { "ubuntu:a:b", "'a:b' is no tag" },
    { "Ubuntu", "the name of a repository is in lower case" },
    { "a//b", "'a//b' is no name of a repository" },
    { "registry.-x/app", "'registry.-x' is no name of a registry" },
    { "ubuntu@md5:00", "'md5:00' is no digest of SHA-256, 384 or 512" },
    { hex, "it is the id of an image, and no name" },
    { "sha256:" .. hex, "it is the id of an image, and no name" },
    { ("r"):rep(256), "the name of a repository has at most 255 letters" },
  } do
    it(("says of %q why not"):format(case[1]), function()
      assert.equal(case[2], select(2, image.try(case[1])))
    end)
  end
end)

describe("image.parse", function()
  for text, expected in pairs {
    ["Ubuntu"] = 'no reference to an image in "Ubuntu": the name of a repository is in lower case',
    [7] = "no reference to an image: expected a reference to an image, got a number",
  } do
    it("raises what it cannot read, in the line that calls: " .. expected, function()
      local ok, message = pcall(function()
        image.parse(text)
      end)
      assert.is_false(ok)
      assert.is_truthy(message:find("^spec/lualib/image_spec%.lua:%d+: "), message)
      assert.equal(expected, (message:gsub("^[^:]+:%d+: ", "")))
    end)
  end
end)
