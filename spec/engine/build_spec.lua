-- Builds of the classic builder are judged by the Dockerfile in what is sent: what the engine does with a
-- body that breaks off, and what owners' builds cannot reach by FROM, COPY --from, ADD, ONBUILD and LABEL.

local daemon = require "spec.support.daemon"
local differences = require "spec.support.engine_differences"
local engine = require "spec.support.engine"
local folder = require "spec.support.folder"
local owners = require "spec.support.owners"
local process = require "spec.support.process"
local stream = require "spec.support.stream"

local it = engine.it(it, pending)

local world

if not engine.unavailable() then
  setup(function()
    world = owners.start({ "-workers=2" }, { workers = 2 })
  end)
  teardown(function()
    world:stop()
  end)
end

local BLOCK = 512

-- A tar with these files: { name, content, name, content }. 'tar' writes the end of an archive, of 10 KiB.
local function tar(files, options)
  local path = folder.new()
  local words = {}
  for index = 1, #files, 2 do
    process.shell("mkdir -p \"$(dirname '" .. path .. "/" .. files[index] .. "')\"")
    folder.write(path .. "/" .. files[index], files[index + 1])
    words[#words + 1] = "'" .. files[index] .. "'"
  end
  return process.run({ "sh", "-c", "tar " .. (options or "") .. " -c -C " .. path .. " " .. table.concat(words, " ") }).stdout
end

local function gzip(text)
  local path = folder.write(folder.new() .. "/t", text)
  return process.run({ "gzip", "-nc", path }).stdout
end

-- The head of an entry of a tar, with the sum that it has to have.
local function with_sum(head)
  local sum = 8 * (" "):byte()
  for at = 1, BLOCK do
    sum = sum + ((at <= 148 or at > 156) and head:byte(at) or 0)
  end
  return head:sub(1, 148) .. ("%06o\0 "):format(sum) .. head:sub(157, BLOCK)
end

-- A tar that is a gzip of 'inner', too: the name of its first entry is the head of that, with the rest of the
-- entry's head as an extra field; what is packed is the entry's content.
local function both_ways(outer, inner)
  local packed = gzip(inner)
  local name = packed:sub(1, 3) .. "\4" .. packed:sub(5, 10) .. ("<I2"):pack(BLOCK - 12)
  local content = packed:sub(11)
  local head = tar({ "x", content }):sub(1, BLOCK)
  return with_sum(name .. ("\0"):rep(100 - #name) .. head:sub(101)) .. content .. ("\0"):rep(-#content % BLOCK) .. outer
end

-- For curl, which runs as the owner: this as the body, with a length, or in chunks.
local function sends(body, in_chunks)
  local path = folder.new()
  folder.write(path .. "/context", body)
  process.shell("chmod -R a+rX " .. path)
  return { "-H", "Content-Type: application/x-tar", "-H", in_chunks and "Transfer-Encoding: chunked" or "Expect:",
    "--data-binary", "@" .. path .. "/context" }
end

-- Status, and all that is said.
local function build(who, query, body, in_chunks)
  local status, said = world:ask(who, "POST /build?" .. query, nil, sends(body, in_chunks))
  return status, type(said) == "table" and (said.message or said.stream or "") or tostring(said)
end

local function has_image(name)
  return world:ask("operator", "GET /images/" .. name .. "/json") == 200
end

local function images()
  local count = 0
  for _ in ipairs(world:must("operator", "GET /images/json?all=1")) do
    count = count + 1
  end
  return count
end

local function message(said)
  return type(said) == "table" and said.message or said
end

-- The engine itself ------------------------------------------------------------------------------------------

describe("the engine", function()
  local file = "FROM scratch\nLABEL cut=%s\n"

  local function whole(name)
    return tar { "Dockerfile", file:format(name) }
  end

  local function without_end(text)
    return (text:gsub("%z+$", "\0")):sub(1, 2 * BLOCK)
  end

  -- the body, how it is framed, how it breaks off; whether it is built
  local cases = {
    { "a tar, whole", function(t) return t end, true },
    { "a tar without its end", without_end, true },
    { "a tar without its end, by length", without_end, true, length = 0 },
    { "a tar whose last chunk never comes", function(t) return t end, false, open = true }, -- though it has read all it needs
    { "a tar without its end, whose last chunk never comes", without_end, false, cut = true },
    { "a tar with one block of zeros, whose last chunk never comes",
      function(t) return without_end(t) .. ("\0"):rep(BLOCK) end, false, cut = true },
    { "a tar without its end, with a length that is longer", without_end, false, cut = true, length = 1 },
    { "a tar without its end, with a length that is longer by blocks", without_end, false, cut = true, length = 1024 },
    { "a gzip, whole", gzip, true },
    { "a gzip of a tar without its end", function(t) return gzip(without_end(t)) end, true },
    { "a gzip of a tar without its end, whose last chunk never comes",
      function(t) return gzip(without_end(t)) end, false, cut = true },
    { "a gzip without its trailer, whose last chunk never comes",
      function(t) return gzip(without_end(t)):sub(1, -9) end, false, cut = true },
    { "a gzip without its trailer", function(t) return gzip(without_end(t)):sub(1, -9) end, false },
    { "a tar that ends in a file", function(t) return without_end(t):sub(1, BLOCK + 20) end, false },
  }
  for index, case in ipairs(cases) do
    it((case[3] and "builds " or "does not build ") .. case[1], function()
      local name = "cut" .. index
      local body = case[2](whole(name))
      local connection = stream.connect(engine.get().straight)
      local head = "POST /v1.41/build?t=" .. name .. " HTTP/1.1\r\nHost: d\r\nContent-Type: application/x-tar\r\n"
      if case.length then
        connection:send(head .. "Content-Length: " .. #body + case.length .. "\r\n\r\n" .. body)
      else
        connection:send(head .. "Transfer-Encoding: chunked\r\n\r\n" .. ("%x\r\n%s\r\n"):format(#body, body)
          .. ((case.cut or case.open) and "" or "0\r\n\r\n"))
      end
      process.run({ "sleep", "0.3" })
      if case.cut then
        connection:finish()
      end
      connection:read_until("Successfully tagged", case[3] and 10 or 1)
      connection:close()
      process.run({ "sleep", "0.2" })
      assert.equal(case[3], has_image(name))
      world:ask("operator", "DELETE /images/" .. name)
    end)
  end
end)

-- Owners -----------------------------------------------------------------------------------------------------

describe("an owner's build", function()
  local url = "http://127.0.0.1:1/x"
  if not engine.unavailable() then
    setup(function()
      assert(build("b", "t=theirs:1", tar { "Dockerfile", "FROM busybox\nRUN echo secret >/secret\n" }) == 200)
      local triggers = { url = "ADD " .. url .. " /", copy = "COPY --from=theirs:1 /secret /",
        label = "LABEL moonward.owner=" .. owners.stamp.b, plain = "RUN true" }
      for name, trigger in pairs(triggers) do
        assert(build("operator", "t=trigger:" .. name, tar { "Dockerfile", "FROM busybox\nONBUILD " .. trigger .. "\n" }) == 200)
      end
    end)
    teardown(function()
      for _, name in ipairs { "theirs:1", "trigger:url", "trigger:copy", "trigger:label", "trigger:plain", "mine:1" } do
        world:ask("operator", "DELETE /images/" .. name .. "?force=1")
      end
    end)
  end

  -- the Dockerfile; what the operator's build says of it, which shows that the attack works straight; what a's is told
  local attacks = {
    { "another's image as a base", "FROM theirs:1\nRUN cat /secret\n", "secret", "theirs:1 is not there" },
    { "by its long name", "FROM docker.io/library/theirs:1\nRUN cat /secret\n", "secret", "is not there" },
    { "by variables", "ARG n=x\nFROM ${n:-y}:1\nRUN cat /secret\n", "secret", "theirs:1 is not there",
      "&buildargs={\"n\":\"theirs\"}" },
    { "behind an escape", "# escape=`\nFROM busybox\nRUN true \\\nFROM theirs:1\nRUN cat /secret\n", "secret", "is not there" },
    { "in a stage", "FROM busybox AS x\nFROM theirs:1\nRUN cat /secret\nFROM x\n", "secret", "is not there" },
    { "a file of another's image", "FROM busybox\nCOPY --from=theirs:1 /secret /s\nRUN cat /s\n", "secret",
      "theirs:1 is not there, and what a build pulls by itself nobody has looked at (line 2 of the Dockerfile)" },
    { "an address of the engine's", "FROM busybox\nADD " .. url .. " /\n", "connection refused",
      "not allowed: remote " .. url .. " (line 2 of the Dockerfile)" },
    { "an address in a variable", "FROM busybox\nENV u=" .. url .. "\nADD $u /\n", "connection refused",
      "not allowed: remote *" },
    { "an address by a trigger", "FROM trigger:url\n", "connection refused", "not allowed: remote " .. url },
    { "another's image by a trigger", "FROM trigger:copy\nRUN cat /secret\n", "secret", "which may be anybody's by then" },
    { "another's stamp by a trigger", "FROM trigger:label\nRUN true\n", "Successfully built", "must not set the labels" },
    { "another's stamp", "FROM busybox\nLABEL 'moonward.ow'ner=" .. owners.stamp.b .. "\nRUN true\n", "Successfully built",
      "must not set the labels" },
    { "another's stamp by a variable", "FROM busybox\nENV k=moonward.owner\nLABEL $k=x\n", "Successfully built",
      "must not come from a variable" },
    { "another's stamp behind a blank of Unicode's", "FROM busybox\nENV k=moonward.owner\nLABEL a=b\xc2\xa0$k=x\nRUN true\n",
      "Successfully built", "spaces in it that are none of ASCII" },
    { "another's stamp by a variable in quotes", "FROM busybox\nENV k=moonward.owner\nLABEL a=b \"${k}${z:+ }\"=x\nRUN true\n",
      "Successfully built", "must not come from a variable" },
    { "another's image behind an escape that is none",
      "#\vescape=`\nFROM busybox\nRUN true #`\nFROM theirs:1\nRUN cat /secret\n",
      "secret", "has a vertical tab" },
    { "another's image by a variable that is empty",
      "ARG n=\xc2\xa0\nARG m=${n:+busybox}\nFROM ${m:-theirs:1}\nRUN cat /secret\n",
      "secret", "spaces in it that are none of ASCII" },
    { "another's image by a variable of the line before", "ARG a=theirs:1\nARG a=busybox b=$a\nFROM $b\nRUN cat /secret\n",
      "secret", "in one of several ARGs" },
    { "a file of another's image behind half a blank", "FROM busybox\nCOPY \xa0--from=theirs:1 /secret /s\nRUN cat /s\n",
      "secret", "spaces in it that are none of ASCII" },
    { "an address behind half a blank", "FROM busybox\nADD \xa0" .. url .. " /\n", "connection refused", "none of ASCII" },
    { "an address behind a BOM", "FROM busybox\nADD \xef\xbb\xbf" .. url .. " /\n", "connection refused", "none of ASCII" },
    { "an address behind a BOM in a list", "FROM busybox\nADD [\"\\ufeff" .. url .. "\", \"/\"]\n", "connection refused",
      "not allowed: remote" },
    { "an address in a list with something behind it", "FROM busybox\nADD [\"" .. url .. "\", \"/\"] x\n", "connection refused",
      "something behind it" },
    { "an image that is not there", "FROM nowhere.test/x:1\n", "nowhere.test", "nowhere.test/x:1 is not there" },
    { "an image that is pulled anew", "FROM busybox\n", "busybox", "nobody has looked at", "&pull=1" },
  }
  local ways = {
    { "", function(text) return tar { "Dockerfile", text } end },
    { ", packed", function(text) return gzip(tar { "Dockerfile", text }) end },
    { ", behind much else", function(text) return tar { "big", ("x"):rep(3000000), "Dockerfile", text, "last", "x" } end },
  }
  for _, attack in ipairs(attacks) do
    for at, way in ipairs(ways) do
      it("does not have " .. attack[1] .. way[1], function()
        local body = way[2](attack[2])
        local query = "nocache=1" .. (attack[5] or "")
        if at == 1 then
          local _, straight = build("operator", query, body)
          assert.is_truthy(straight:find(differences.shows(attack[1], attack[3]), 1, true), straight)
        end
        local before = images()
        local status, said = build("a", query .. "&t=mine:1", body, at % 2 == 0)
        assert.is_truthy(said:find(attack[4], 1, true), said)
        assert.equal(403, status)
        assert.equal("moonward: ", said:sub(1, 10))
        process.run({ "sleep", "0.2" })
        assert.is_false(has_image "mine:1")
        assert.equal(before, images())
      end)
    end
  end

  it("names no image by a few digits of an id, which may be another's image when the builder comes to it", function()
    local digits = world:must("operator", "GET /images/theirs:1/json").Id:match ":(%x+)":sub(1, 8)
    for _, name in ipairs { digits, "sha256:" .. digits } do
      local text = "FROM busybox\nCOPY --from=" .. name .. " /secret /s\nRUN cat /s\n"
      assert.is_truthy(select(2, build("operator", "nocache=1", tar { "Dockerfile", text })):find("secret", 1, true))
    end
    for _, name in ipairs { "0123", "sha256:0123", "f" } do
      local status, said = build("a", "", tar { "Dockerfile", "FROM busybox\nCOPY --from=" .. name .. " /x /\n" })
      assert.is_truthy(said:find("may be the beginning of any image's id", 1, true), said)
      assert.equal(403, status)
    end
    world:must("operator", "POST /images/busybox/tag?repo=cafe")
    assert.equal(403, (build("a", "", tar { "Dockerfile", "FROM cafe\n" })))
    assert.equal(200, (build("a", "", tar { "Dockerfile", "FROM cafe:latest\nCOPY --from=busybox /bin/sh /\n" })))
    world:ask("operator", "DELETE /images/cafe:latest")
  end)

  it("begins with no image whose triggers nobody has judged, whichever has its name by then", function()
    local trigger = "COPY --from=theirs:1 /secret /s"
    local stage = "FROM busybox AS theirs\nFROM busybox\nONBUILD COPY --from=theirs /secret /s\n"
    assert.equal(200, (build("operator", "", tar { "Dockerfile", stage })))
    assert.is_truthy(select(2, build("a", "", tar { "Dockerfile", stage })):find("anybody's by then", 1, true))
    local id = world:must("a", "POST /containers/create", { Image = "busybox" }).Id
    local commit = "POST /commit?container=" .. id
    for _, case in ipairs { { commit .. "&changes=ONBUILD%20" .. (trigger:gsub(" ", "%%20")) },
      { commit, { OnBuild = { trigger } } },
      { "POST /containers/create", { Image = "busybox", onbuild = { trigger } } } } do
      local status, said = world:ask("a", case[1], case[2])
      assert.equal(403, status, case[1])
      assert.is_truthy(message(said):find("triggers", 1, true), message(said))
    end
    world:must("a", "DELETE /containers/" .. id)
  end)

  -- files, query, what is built or what is told
  local found = {
    { "the usual one", { "Dockerfile", "FROM busybox\n" }, "", 200 },
    { "in small letters", { "dockerfile", "FROM busybox\n" }, "", 200 },
    { "the usual one before that in small letters",
      { "dockerfile", "FROM theirs:1\n", "Dockerfile", "FROM busybox\n" }, "", 200 },
    { "that in small letters, where it is named", { "dockerfile", "FROM theirs:1\n", "Dockerfile", "FROM busybox\n" },
      "&dockerfile=dockerfile", "is not there" },
    { "the one that is named", { "Dockerfile", "FROM busybox\n", "a/b", "FROM theirs:1\n" }, "&dockerfile=./a//b",
      "is not there" },
    { "no other", { "Dockerfile", "FROM theirs:1\n", "a/b", "FROM busybox\n" }, "&dockerfile=/a/b", 200 },
    { "none", { "x", "FROM busybox\n" }, "", "has no Dockerfile" },
    { "none outside", { "Dockerfile", "FROM busybox\n" }, "&dockerfile=../Dockerfile", "has .. in it" },
    { "that which .dockerignore excludes", { ".dockerignore", "Dockerfile\n", "Dockerfile", "FROM theirs:1\n" }, "",
      "is not there" },
    { "with a trigger that is nothing", { "Dockerfile", "FROM trigger:plain\n" }, "", 200 },
  }
  for _, case in ipairs(found) do
    it("is judged by its Dockerfile: " .. case[1], function()
      local status, said = build("a", "t=mine:1" .. case[3], tar(case[2]))
      if case[4] == 200 then
        assert.is_true(has_image "mine:1", said)
        assert.equal(200, status)
      else
        assert.is_truthy(said:find(case[4], 1, true), said)
        assert.equal(403, status)
        assert.is_false(has_image "mine:1")
      end
      world:ask("a", "DELETE /images/mine:1")
    end)
  end

  it("is judged by the last of two Dockerfiles", function()
    local good, bad = tar { "Dockerfile", "FROM busybox\n" }, tar { "Dockerfile", "FROM theirs:1\nRUN cat /secret\n" }
    local both = good:sub(1, 2 * BLOCK) .. bad
    assert.is_truthy(select(2, build("operator", "nocache=1", both)):find("secret", 1, true))
    assert.equal(403, (build("a", "t=mine:1", both)))
    assert.equal(200, (build("a", "t=mine:1", bad:sub(1, 2 * BLOCK) .. good)))
    world:ask("a", "DELETE /images/mine:1")
  end)

  it("has no Dockerfile by a name that GNU's times are to Go alone", function()
    local evil = tar { "b", "FROM theirs:1\nRUN cat /secret\n" }
    local prefix = "1 1" .. ("1"):rep(21) .. "/../a"
    local head = with_sum(evil:sub(1, 345) .. prefix .. evil:sub(346 + #prefix, BLOCK))
    local both = tar { "a/b", "FROM busybox\n" }:sub(1, 2 * BLOCK) .. head .. evil:sub(BLOCK + 1)
    assert.is_truthy(select(2, build("operator", "nocache=1&dockerfile=a/b", both)):find("secret", 1, true))
    assert.is_truthy(select(2, build("a", "dockerfile=a/b", both)):find("odd times", 1, true))
  end)

  it("is not unpacked by the engine once more, behind the judgement", function()
    local both = both_ways(tar { "Dockerfile", "FROM busybox\n" }, tar { "Dockerfile", "FROM theirs:1\nRUN cat /secret\n" })
    assert.is_truthy(select(2, build("operator", "nocache=1", both)):find("secret", 1, true))
    local status, said = build("a", "nocache=1", gzip(both))
    assert.is_truthy(said:find("taken for something packed", 1, true), said)
    assert.equal(403, status)
  end)

  it("ends in nothing that gives what is appended another name", function()
    local text = "FROM busybox\n"
    local dangling = tar({ "Dockerfile", text, ("x"):rep(101), "" }, "--format=gnu")
    local at = dangling:find("././@LongLink", 1, true)
    local status, said = build("a", "", dangling:sub(1, at - 1 + 2 * BLOCK) .. ("\0"):rep(2 * BLOCK))
    assert.is_truthy(said:find("stands at its end", 1, true), said)
    assert.equal(403, status)
  end)

  it("has no Dockerfile behind links", function()
    local path = folder.new()
    process.shell("cd " .. path .. " && mkdir x y && echo FROM busybox >Dockerfile && ln -s . d && "
      .. "printf 'FROM theirs:1\\nRUN cat /secret\\n' >y/Dockerfile && ln -s y/Dockerfile l")
    local function pack(words)
      return process.run({ "sh", "-c", "cd " .. path .. " && tar -c " .. words }).stdout
    end
    local behind = pack "Dockerfile d --transform s,^y/,d/, y/Dockerfile"
    assert.is_truthy(select(2, build("operator", "nocache=1", behind)):find("secret", 1, true))
    assert.is_truthy(select(2, build("a", "", behind)):find("behind a link", 1, true))
    assert.is_truthy(select(2, build("operator", "nocache=1&dockerfile=l", pack "l y")):find("secret", 1, true))
    assert.is_truthy(select(2, build("a", "dockerfile=l", pack "l y")):find("no plain file", 1, true))
  end)

  it("is refused as a tar that others read otherwise, and packed by what is not read", function()
    local text = "FROM theirs:1\nRUN cat /secret\n"
    local xz = "\xfd7zXZ\0\0\4" -- how such a file begins; what packs it is not on every machine
    assert.is_truthy(select(2, build("a", "", xz .. ("x"):rep(1000))):find("packed by", 1, true))
    assert.is_truthy(select(2, build("a", "", "no tar")):find("no tar archive", 1, true))
    assert.is_truthy(select(2, build("a", "", tar { "Dockerfile", text }:sub(1, 700))):find("ends in the middle", 1, true))
    assert.is_truthy(select(2, build("a", "remote=client-session", "")):find("remote", 1, true))
  end)

  it("is passed on as it was sent, whatever its length", function()
    local content = process.run({ "head", "-c", "5000000", "/dev/urandom" }).stdout
    local sum = process.run({ "sh", "-c", "sha256sum <" .. folder.write(folder.new() .. "/x", content) }).stdout:match "%x+"
    local text = "FROM busybox\nCOPY big /\nRUN sha256sum /big\n"
    for _, body in ipairs { tar { "Dockerfile", text, "big", content }, gzip(tar { "big", content, "Dockerfile", text }),
      tar({ "big", content, "Dockerfile", text }, "--format=posix"),
      tar({ "big", content, "Dockerfile", text }, "--format=v7") } do
      local status, said = build("a", "t=mine:1&nocache=1", body)
      assert.equal(200, status)
      assert.is_truthy(said:find(sum, 1, true), said)
      world:ask("a", "DELETE /images/mine:1")
    end
  end)

  it("takes no step of another's out of the cache, and its own", function()
    local text = "FROM busybox\nRUN cat /etc/hosts >/got\nRUN cat /got\n"
    local hers = tar { "Dockerfile", text }
    assert.equal(200, (build("b", "t=theirs:2&extrahosts=get.tool.test:6.6.6.6", hers)))
    assert.is_truthy(select(2, build("operator", "", hers)):find("Using cache", 1, true)) -- as anybody's would
    local _, said = build("a", "t=mine:1", hers)
    assert.is_nil(said:find("Using cache", 1, true))
    assert.is_nil(said:find("6.6.6.6", 1, true))
    _, said = build("a", "t=mine:2", tar { "Dockerfile", text .. "RUN echo more\n" })
    assert.equal(2, select(2, said:gsub("Using cache", "")), said)
    for _, image in ipairs { "theirs:2", "mine:1", "mine:2" } do
      world:ask("operator", "DELETE /images/" .. image)
    end
  end)

  it("takes no step out of an image that says itself whose it is, as one from a registry may", function()
    local text = "FROM busybox\nRUN echo %s >/got\nRUN cat /got\n"
    local labels = "&labels={\"moonward.owner\":\"" .. owners.stamp.a .. "\"}"
    assert(build("operator", "nocache=1&t=pulled:2" .. labels, tar { "Dockerfile", text:format "evil" }) == 200)
    local _, saved = world:ask("operator", "GET /images/pulled:2/get")
    world:ask("operator", "DELETE /images/pulled:2")
    assert(world:ask("operator", "POST /images/load", nil, sends((saved:gsub("echo evil", "echo good")))) == 200)
    local id = world:must("operator", "GET /images/pulled:2/json").Id
    local good = tar { "Dockerfile", text:format "good" }
    local _, poisoned = build("operator", "cachefrom=[\"" .. id .. "\"]", good)
    assert.is_truthy(poisoned:find("Using cache", 1, true)) -- so it would be taken
    local _, said = build("a", "t=mine:1", good)
    assert.is_nil(said:find("Using cache", 1, true))
    assert.is_truthy(said:find('"good\\n"', 1, true), said)
    for _, image in ipairs { "pulled:2", "mine:1" } do
      world:ask("operator", "DELETE /images/" .. image)
    end
  end)

  it("goes on a connection that can carry the next request", function()
    local connection = stream.connect("unix://" .. world.socket)
    local body = tar { "Dockerfile", "FROM theirs:1\n" }
    connection:send("POST /v1.41/build HTTP/1.1\r\nHost: d\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body
      .. "GET /_ping HTTP/1.1\r\nHost: d\r\n\r\n")
    assert.is_truthy(connection:read_until("403", 5))
    assert.is_truthy(connection:read_until("\r\nOK", 5))
    connection:close()
  end)
end)

-- While a build runs ------------------------------------------------------------------------------------------

describe("an owner's build that has come to its second stage when a name is another image's", function()
  local function label(text)
    return text .. "LABEL moonward.owner=" .. owners.stamp.a .. "\n"
  end

  if not engine.unavailable() then
    setup(function()
      assert(build("b", "t=theirs:1", tar { "Dockerfile", "FROM busybox\nRUN echo whatisbs >/secret\n" }) == 200)
      -- As a registry may give it to whoever pulls: with a's stamp, and a trigger.
      assert(build("operator", "t=pulled:1", tar { "Dockerfile",
        label "FROM busybox\nRUN touch /evil\n" .. "ONBUILD COPY --from=theirs:1 /secret /s\n" }) == 200)
      world:must("operator", "POST /containers/create?name=keeps", { Image = "pulled:1" }) -- so that it is not pruned
    end)
    teardown(function()
      world:ask("operator", "DELETE /containers/keeps")
      for _, name in ipairs { "theirs:1", "pulled:1" } do
        world:ask("operator", "DELETE /images/" .. name .. "?force=1")
      end
    end)
  end

  local NAME = "127.0.0.1:1/x:1" -- nobody is there, so that a pull fails with words of its own

  local function path(line, more)
    return (line:gsub("NAME", "127.0.0.1:1/x") .. (more or ""))
  end

  local function id_of(name)
    return world:must("operator", "GET /images/" .. name .. "/json").Id
  end

  -- How the name moves; whether it is tried of COPY, too.
  local ways = {
    { "tagged", function() world:must("a", path "POST /images/pulled:1/tag?repo=NAME&tag=1") end, true },
    { "committed to", function()
      local id = world:must("a", "POST /containers/create", { Image = "pulled:1" }).Id
      world:must("a", path("POST /commit?container=" .. id .. "&repo=NAME&tag=1"))
      world:must("a", "DELETE /containers/" .. id)
    end },
    { "built anew", function()
      local text = "FROM busybox\nRUN touch /evil\n"
      assert.equal(200, (build("a", "nocache=1&t=" .. NAME, tar { "Dockerfile", text })))
    end },
    { "another's doing, as a pull is", function() world:must("operator", path "POST /images/pulled:1/tag?repo=NAME&tag=1") end },
    { "removed", function() world:must("a", "DELETE /images/" .. NAME) end, true },
    { "removed by its id", function() world:must("a", "DELETE /images/" .. id_of(NAME) .. "?force=1") end },
    { "removed by some digits", function() world:must("a", "DELETE /images/" .. id_of(NAME):sub(8, 20) .. "?force=1") end },
    { "pruned", function() world:must("a", "POST /images/prune?filters={\"dangling\":[\"false\"]}") end },
  }
  local WAITS = "RUN echo begun && until [ -e /go ]; do usleep 20000; done\n"
  local files = {
    FROM = "FROM busybox\n" .. WAITS .. "FROM " .. NAME .. "\nRUN ls / && cat /s\nLABEL a=b\n",
    COPY = "FROM busybox\n" .. WAITS .. "COPY --from=" .. NAME .. " / /got/\nRUN ls /got\nLABEL a=b\n",
  }

  -- Lets a step go on that waits.
  local function go_on()
    for _, one in ipairs(world:must("operator", "GET /containers/json")) do
      if one.Command:find("until", 1, true) then
        world:must("operator", "PUT /containers/" .. one.Id .. "/archive?path=/", nil, sends(tar { "go", "" }))
      end
    end
  end

  local function race(instruction, way)
    assert.equal(200, (build("a", "nocache=1&t=" .. NAME, tar { "Dockerfile", "FROM busybox\nRUN touch /good\n" })))
    local body = sends(tar { "Dockerfile", files[instruction] })
    local running = world:begin("a", "POST /build?nocache=1&t=mine:1", daemon.flatten("-N", body))
    assert.is_truthy(running:shows("begun\\n", 20))
    way[2]()
    go_on()
    local said = running:wait(30).stdout
    for _, word in ipairs { "evil", "whatisbs", "dial tcp", "refused" } do
      assert.is_nil(said:find(word, 1, true), said)
    end
    assert.is_truthy(said:find("good", 1, true) or said:find("No such image", 1, true)
      or said:find("64-byte hexadecimal", 1, true), said)
  end

  for instruction in pairs(files) do
    for _, way in ipairs(ways) do
      if instruction == "FROM" or way[3] then
        it(("has that which was judged, or none: %s, %s"):format(instruction, way[1]), function()
          finally(function()
            for _, name in ipairs { NAME, "mine:1" } do
              world:ask("operator", "DELETE /images/" .. name .. "?force=1")
            end
          end)
          race(instruction, way)
        end)
      end
    end
  end

  it("copies from no image in a trigger by a name, and by an id as it was judged", function()
    local id = id_of "busybox":sub(8)
    local name = "FROM busybox\nONBUILD COPY --from=%s /bin/sh /copied\n"
    assert.equal(200, (build("operator", "t=trigger:name", tar { "Dockerfile", name:format "busybox" })))
    assert.equal(200, (build("operator", "t=trigger:id", tar { "Dockerfile", name:format(id) })))
    local status, said = build("a", "", tar { "Dockerfile", "FROM trigger:name\n" })
    assert.is_truthy(said:find("an ONBUILD copies from busybox, which may be anybody's by then", 1, true), said)
    assert.equal(403, status)
    assert.equal(200, (build("a", "t=mine:1", tar { "Dockerfile", "FROM trigger:id\nRUN ls /copied\n" })))
    for _, one in ipairs { "mine:1", "trigger:name", "trigger:id" } do
      world:ask("operator", "DELETE /images/" .. one)
    end
  end)
end)

describe("what an owner's build may fetch", function()
  it("is said by -allowpower", function()
    local other = owners.start { "-allowpower=remote=http://127.0.0.1:1/*" }
    local _, said = other:ask("a", "POST /build", nil, sends(tar { "Dockerfile", "FROM scratch\nADD http://127.0.0.1:1/x /\n" }))
    assert.is_truthy(tostring(message(said)):find("connection refused", 1, true), message(said))
    local status
    status, said = other:ask("a", "POST /build", nil,
      sends(tar { "Dockerfile", "FROM scratch\nENV x=1\nADD http://127.0.0.1:1/$x /\n" }))
    assert.equal(403, status, message(said))
    other:stop()
  end)
end)
