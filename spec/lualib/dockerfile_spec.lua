-- What is read out of Dockerfiles, as the classic builder reads them; and what is not read.
local dockerfile = require "moonward.dockerfile"
local words = require "moonward.dockerfile.words"

local function list(things, field, separator)
  local found = {}
  for _, thing in ipairs(things) do
    found[#found + 1] = thing[field]
  end
  return table.concat(found, separator)
end

local function read(text, args, target)
  return dockerfile.read(text, { buildargs = args, target = target })
end

-- text, images, what else: urls, labels, args, target
local cases = {
  { "FROM a", "a" },
  { "from\t a:1  as B\nFROM b\nFROM c@sha256:00 AS d", "a:1 c@sha256:00" },
  { "FROM scratch\nFROM SCRATCH", "SCRATCH" },
  { "\xef\xbb\xbfFROM a", "a" },
  { "# comment\n\n  # another\n  FROM a\r\n", "a" },
  { "#FROM x\nFROM a # b", false },
  -- lines that go on
  { "FROM \\\n a", "a" },
  { "FROM \\ \t\n\n  # comment \\\n\n a", "a" },
  { "FROM a\nRUN x \\\n# FROM b\nFROM c", "a" },
  { "FROM a\nRUN x \\\n  # y\n && z\nFROM c", "a c" },
  { "FRO\\\nM a", "a" },
  { "FROM a\\\nb", "ab" },
  { "FROM a\nRUN x \\\\\nFROM b", false },
  { "FROM a \\", "a" },
  -- directives
  { "# escape=`\nFROM a\nRUN x \\\nFROM b\nRUN y `\nFROM c", "a b" },
  { "#  ESCAPE = `\nFROM `\na", "a" },
  { "# syntax=x\n# escape=`\nFROM `\na", "a" },
  { "# x\n# escape=`\nFROM a\nRUN x \\\nFROM b", "a" },
  { "# x=y\n# escape=`\nFROM a\nRUN x \\\nFROM b", "a" },
  { "\n# escape=`\nFROM a\nRUN x \\\nFROM b", "a" },
  { "# check=skip=all\n# escape=`\nFROM a", false },
  { "# escape=x\nFROM a", false },
  { "#\vescape=`\nFROM a\nRUN x #`\nFROM b", false }, { "# syntax=\v\n# escape=`\nFROM a\nRUN x #\\\nFROM b", false },
  { "# escape\v=`\nFROM a", false }, { "FROM a\n# \v\nFROM b", "a b" }, { "# escape= \n# escape=`\nFROM `\na", false },
  { "FROM a\nRUN x #\\\r\r\nFROM b AS c", false }, { "FROM a\nRUN x \\\r\nFROM b", "a" },
  { "# escape=`\n# escape=`\nFROM a", false },
  -- variables
  { "ARG v=1\nFROM a:$v\nFROM a:${v}\nFROM a${none}", "a:1 a:1 a" },
  { "ARG v=1\nFROM a:$v", "a:2", args = [[{"v":"2"}]] },
  { "ARG v\nFROM a:${v:-3}\nFROM b${v:+x}", "a:3 b" },
  { "ARG v\nFROM a:${v:-3}\nFROM b${v:+x}", "a:4 bx", args = [[{"v":"4"}]] },
  { "ARG v=1\nFROM a:$v", "a:1", args = [[{"v":null,"V":"5"}]] },
  { "FROM a:${v:-3}", "a:3", args = [[{"v":"4"}]] },
  { "ARG r=reg\nARG i=\"$r/a\"\nFROM $i", "reg/a" },
  { "ARG a='x' b=y\nFROM $a$b", "xy" },
  { "ARG v=1\nARG v\nFROM a$v", "a" },
  { "FROM b\nARG v=1\nFROM a$v", "b a" },
  { "ARG V=1\nFROM a$v", "a" },
  { "ARG a=x\nARG a=y b=$a\nFROM $b", false }, { "ARG a=x b=y\nARG c=$a\nFROM $b$c", "yx" },
  { "ARG a=" .. ("x"):rep(600) .. "\nARG b=$a$a\nFROM c", false },
  { "FROM $x", false }, { "FROM \"a\"", false }, { "FROM a\\b", false }, { "FROM $", false }, { "FROM ${x-y}", false },
  { "FROM ${x:-${y}}", false }, { "FROM a$http_proxy", false }, { "ARG x=a\\b\nFROM a", false },
  { "ARG x=\"a b\"\nFROM a", false }, { "FROM a$1", false },
  { "ARG v=1\nFROM a:$v", false, args = "[" },
  -- COPY --from
  { "FROM a AS x\nFROM b\nCOPY --from=x / /\nCOPY --from=X / /\nCOPY --from=0 / /\nCOPY --from=y / /", "a b y" },
  { "FROM a AS x\nCOPY --from=x / /", "a x" },
  { "FROM a\nCOPY --chown=1:1 --from=b / /\nCOPY --from= / /", "a b" },
  { "FROM a\nCOPY --from=1234 / /", "a 1234" },
  { "FROM a\nCOPY --from=$x / /", false }, { "FROM a\nCOPY --from=\"b\" / /", false }, { "FROM a\nCOPY --x / /", false },
  { "FROM a\nCOPY --from=b --from=c / /", false }, { "FROM a\nRUN --mount=type=bind,from=b x", false },
  { "FROM --platform=linux/arm64 a", "a" }, { "FROM --x=1 a", false },
  { "FROM a\nONBUILD COPY --from=b / /\nONBUILD ADD http://x /", "a b", urls = "http://x" },
  { "FROM a\nONBUILD ONBUILD RUN x", false },
  { "FROM a AS x\nFROM b\nONBUILD COPY --from=x / /\nONBUILD COPY --from=0 / /\nCOPY --from=x / /", "a b x" },
  -- ADD
  { "FROM a\nADD http://x/y /", "a", urls = "http://x/y" },
  { "FROM a\nADD --chown=1 a HTTPS://x b /", "a", urls = "HTTPS://x" },
  { "FROM a\nADD [\"x y\", \"\\u0068ttp://x\", \"/\"]", "a", urls = "http://x" },
  { "FROM a\nADD [x http://x /", "a", urls = "http://x" },
  { "FROM a\nADD [\"\\ufeffhttp://x\", \"/\"]", "a", urls = "\xef\xbb\xbfhttp://x" },
  { "FROM a\nADD [http://x, /]", false },
  { "FROM a\nADD [ \"http://x\",\"/\"] x", false }, { "FROM a\nADD [a-z]*.txt /", "a" },
  { "FROM a\nADD $x ${y}a h\\t\\t\"p://x\" ht$y a$x /$x http:$x /", "a", urls = "$x ${y}a h\\t\\t\"p://x\" ht$y http:$x" },
  { "FROM a\nADD x http://x", "a" },
  { "FROM a\nADD --checksum=sha256:0 http://x /", false },
  -- here-documents
  { "FROM a\nRUN <<EOF\nFROM b\nEOF", false }, { "FROM a\nCOPY <<EOF /x\nEOF", false }, { "FROM a\nRUN cat <<<x", "a" },
  { "FROM a\nRUN x <<-EOF", false }, { "FROM a\nRUN 3<<EOF x", false }, { "FROM a\nRUN x << USER\nUSER", false },
  { "FROM a\nRUN x ${y:- \\<<USER }\nUSER", false }, { "FROM a\nCOPY ${y:- \\<<USER } /\nUSER", false },
  { "FROM a\nADD --chown=a<<b ${y/ \\<\\<USER //} /\nUSER", false }, { "FROM a\nONBUILD RUN x << USER\nUSER", false },
  { "FROM a\nRUN x ${y} $((1<<2)) <<< y\nRUN ${y:-1}", "a" },
  -- labels
  { "FROM a\nLABEL a=b \\\n c=d\nONBUILD LABEL e f", "a", labels = "a=b  c=d;e f" },
  -- what some take for spaces
  { "ARG n=\xc2\xa0\nARG m=${n:+a}\nFROM ${m:-b}", false }, { "ARG n=\xef\xbb\xbf\nARG m=${n:+a}\nFROM ${m:-b}", false },
  { "FROM a\nCOPY \xa0--from=b / /", false }, { "FROM a\nADD \x85http://x /", false },
  { "FROM a\nADD \xef\xbb\xbfhttp://x /", false },
  { "FROM a\nLABEL a=b\xe3\x80\x80$k=c", false }, { "FROM a\nONBUILD COPY \xa0--from=b / /", false },
  { "FROM a\nRUN x #\xe2\x80\x83<<E\nFROM b AS c\nE", false },
  { "FROM a\nRUN echo '\xc2\xa0'\nCOPY \xc3\xa4 /\nLABEL a=\xe2\x82\xac", "a", labels = "a=\xe2\x82\xac" },
  -- targets
  { "FROM a AS x\nFROM b AS y\nFROM c", "a", target = "X" },
  { "FROM a AS x\nFROM b AS x\nFROM c", "a b", target = "x" },
  { "FROM a AS x\nFROM b", "a b", target = "0" }, { "FROM a AS x\nFROM b\nADD http://x /", "a", target = "x" },
  -- what is no Dockerfile
  { "", false }, { "# x", false }, { "RUN x", false }, { "ARG x=1", false }, { "FROM a\nFOO b", false }, { "FROM a b", false },
  { "FROM a AS 1", false }, { "FROM", false }, { "FROM a\0b", false }, { "FROM a\n\xc2\xa0FROM b", false },
  { "FROM a\nRUN x \\\n\xe2\x80\x83# y\nFROM b", false }, { "FROM \xc3\xa4", false }, { "FROM a\n\xe2\x80\x83", false },
  { "FROM a\nRUN " .. ("x"):rep(70000), false }, { "FROM " .. ("$a"):rep(2000), false },
}

describe("quoted words", function()
  -- text; the words with the one escape, and with the other if that is another
  local rows = {
    { "", "" }, { " a  b ", "a|b" }, { "a='b c' d", "a='b c'|d" }, { [[a="b \" c" d]], [[a="b \" c"|d]], [[a="b \"|c" d]] },
    { [[a='b \' c]], [[a='b \'|c]] }, { [[a\ b c]], [[a\ b|c]], [[a\|b|c]] }, { "a` b", "a`|b", "a` b" }, { [["a]], [["a]] },
    { [["a\]], [["a\]] }, { [[\]], [[\]] }, { [["a b"c'd e' f]], [["a b"c'd e'|f]] }, { [[\"a b]], [[\"a|b]], [[\"a b]] },
    { [["a ' b" c]], [["a ' b"|c]] }, { [["" x]], [[""|x]] },
  }
  for _, row in ipairs(rows) do
    it(("%q"):format(row[1]), function()
      assert.equal(row[2], table.concat(words.quoted(row[1], "\\"), "|"))
      assert.equal(row[3] or row[2], table.concat(words.quoted(row[1], "`"), "|"))
    end)
  end
end)

describe("a Dockerfile", function()
  for _, row in ipairs(cases) do
    it(("%q"):format(row[1]:sub(1, 60)):gsub("\n", "n") .. (row.args or "") .. (row.target or ""), function()
      local expected = row[2] and { images = row[2], urls = row.urls or "", labels = row.labels or "" } or false
      local file, message = read(row[1], row.args, row.target)
      assert.same(expected, file and {
        images = list(file.images, "reference", " "), urls = list(file.urls, "url", " "), labels = list(file.labels, "text", ";"),
      } or false, message)
      if not row[2] then
        assert.truthy(message:find("line %d+ of the Dockerfile") or message:find("the Dockerfile has no")
          or message:find("buildargs"), message)
      end
    end)
  end

  -- text, what the builder gets where each image has its place in the list as its id; false: that cannot be said
  local ID = ("a"):rep(63)
  for _, row in ipairs {
    { "FROM a", "FROM 1" }, { "FROM a\n", "FROM 1" }, { "FROM scratch", nil }, { "\xef\xbb\xbf  from\ta  aS B # \r\n", false },
    { "\xef\xbb\xbf# x\r\n  from\ta  aS B \r\nRUN x \\\r\n y\r\n", "# x\r\nFROM 1 AS B\nRUN x \\\r\n y\r\n" },
    { "ARG x=a\nFROM $x\nFROM b\\\nc\nRUN y", "ARG x=a\nFROM 1\nFROM 2\n\nRUN y" },
    { "FROM --platform=x a AS b\nFROM b\nCOPY --from=b --chown=--from=c / /\n",
      "FROM --platform=x 1 AS b\nFROM b\nCOPY --from=b --chown=--from=c / /\n" },
    { "FROM a\nCOPY --chown=--from=b --from=b [\"x y\", \\\n# z\n\"/\"]\n",
      "FROM 1\nCOPY --chown=--from=b --from=2 [\"x y\", \"/\"]\n\n\n" },
    { "# escape=`\nFROM `\na\nCOPY --from=b x\\ /\\", "# escape=`\nFROM 1\n\nCOPY --from=2 x\\ /\\\n" },
    { "FROM a\nCOPY --from=b x /\\\v\nRUN y", false }, { "FROM a\nONBUILD COPY --from=b / /", false },
    { "FROM a AS " .. ID .. "2\nFROM b", false },
    { "FROM a\nCOPY --from=b " .. ("x"):rep(65500) .. " /", false },
  } do
    it(("is held to its images: %q"):format(row[1]:sub(1, 60)):gsub("\n", "n"), function()
      local file, message = dockerfile.read(row[1])
      assert(file or row[2] == false, message)
      for index, image in ipairs(file and file.images or {}) do
        image.id = ID .. index
      end
      local fine, text = pcall(dockerfile.held, file or {})
      assert.equal(row[2] ~= false, fine, text)
      local expected = row[2] and row[2]:gsub("%f[%d]%d%f[%D]", ID .. "%0"):gsub("\n+$", "") or nil
      assert.equal(expected, fine and text and text:gsub("\n+$", "") or nil)
    end)
  end

  it("is read in time that grows with its length, whatever is in it", function()
    for _, text in ipairs { (" "):rep(60000), ("\t#"):rep(30000), ("as "):rep(20000), ("\\"):rep(60000), ("[\""):rep(20000) } do
      local began = os.clock()
      read("FROM a\nRUN " .. text .. "x\nADD " .. text .. " y z\nFROM b " .. text)
      read(("FROM a\nRUN " .. text .. "\n"):rep(10))
      read("# a=" .. text .. "\nFROM a\n" .. ("# a=" .. text .. "\n"):rep(10))
      assert.truthy(os.clock() - began < 2, text:sub(1, 2))
    end
  end)
end)
