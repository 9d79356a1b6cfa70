-- The reader in C against the one in LPeg, with texts made by chance: they accept the same ones, say the same
-- of the others, and see the same in them; and what is changed is written as if it were plain tables.

local core = require "moonward.core"
local json = require "moonward.json"
local json_patch = require "moonward.json_patch"
local oracle = require "spec.support.json_oracle"

-- A generator of our own, so that a case is the same on every machine.
local state
local function chance(n)
  state = (state * 1103515245 + 12345) & 0x7fffffff
  return (state >> 8) % n + 1
end

local function one_of(list)
  return list[chance(#list)]
end

local keys = {
  "a", "A", "b", "Labels", "labels", "Config", "LogConfig", "Options", "Tmpfs", "HostConfig", "K", "s", "S",
  "\\u0061", "\\u0041", "key\\n", "\u{e9}", "",
}
local odd_keys = { "\u{17f}", "\u{212a}", "\\u017F", "\\u212a", "x\\u0000", "\xff", "\\ud800" }
local words = {
  "1", "-0", "1.5", "1e3", "12345678901234567890", "1.0", "true", "false", "null", '""', '"a"', '"\\u0041b\\/"',
  '"\\ud83d\\ude00"', '"\u{20ac}"', "[]", "{}", '"' .. ("long"):rep(20) .. '"',
}
local odd_words = {
  "01", "1.", "-", "1e", "1e999", "tru", "truex", "nul", "+1", ".5", '"\\x"', '"\\u00"', '"\\ud800"', '"\\udc00x"', '"\xc3"',
  '"\n"', '"\xed\xa0\x80"', '"\\ud800\\u0041"', "'a'", "1_", "NaN", '"', "\0", "",
}

local write

local function write_list(depth, open, close, element)
  local parts = {}
  local count = chance(30) == 1 and 40 or chance(4) - 1
  for i = 1, count do
    local twin = i > 1 and open == "{" and chance(6) == 1 and one_of(parts)
    parts[i] = twin and twin:gsub("^( *)\"(%a)", function(space, letter)
      return space .. '"' .. (letter:lower() == letter and letter:upper() or letter:lower())
    end) or element(depth)
  end
  return open .. table.concat(parts, chance(100) == 1 and " " or ",") .. (chance(200) == 1 and "," or "") .. close
end

local function write_member(depth)
  local key = chance(60) == 1 and one_of(odd_keys) or one_of(keys)
  return (chance(9) == 1 and " " or "") .. '"' .. key .. '"' .. (chance(200) == 1 and "" or ":") .. write(depth + 1)
end

function write(depth)
  local choice = chance(depth > 4 and 2 or 6)
  if choice == 3 or choice == 4 then
    return write_list(depth, "{", chance(300) == 1 and "]" or "}", write_member)
  elseif choice == 5 then
    return write_list(depth, "[", chance(300) == 1 and "" or "]", function(inner) return write(inner + 1) end)
  end
  return (chance(9) == 1 and " \t" or "") .. (chance(80) == 1 and one_of(odd_words) or one_of(words))
end

local function text_of(seed)
  state = seed
  local text = write(0)
  if chance(4) == 1 and #text > 2 then -- one byte of it another
    local at = chance(#text)
    text = text:sub(1, at - 1) .. one_of { "", " ", ",", ":", '"', "\\", "{", "]", "0", "\x80" } .. text:sub(at + 1)
  end
  return chance(40) == 1 and "\xef\xbb\xbf" .. text or text
end

local function same(expected, value, kinds)
  if type(expected) ~= "table" or expected == json.null then
    return rawequal(expected, value) and math.type(expected) == math.type(value)
  end
  if core.json.kind(value) ~= kinds[expected] then
    return false
  end
  local left = 0
  for key, member in pairs(expected) do
    if not same(member, value[key], kinds) then
      return false
    end
    left = left + 1
  end
  for key in pairs(value) do
    if expected[key] == nil then
      return false
    end
    left = left - 1
  end
  return left == 0
end

-- Whether two values are the same to a reader of JSON.
local function equal(one, other)
  if type(one) ~= "table" or one == json.null or type(other) ~= "table" then
    return rawequal(one, other)
  end
  for key, member in pairs(one) do
    if not equal(member, other[key]) then
      return false
    end
  end
  for key in pairs(other) do
    if one[key] == nil then
      return false
    end
  end
  return true
end

-- The tables of a value, in an order that is the same for both readers.
local function tables_of(value, list)
  list[#list + 1] = value
  local names = {}
  for name, member in pairs(value) do
    if type(member) == "table" and member ~= json.null then
      names[#names + 1] = name
    end
  end
  table.sort(names)
  for _, name in ipairs(names) do
    tables_of(value[name], list)
  end
  return list
end

describe("the reader of JSON in C", function()
  it("reads as the one in LPeg", function()
    local accepted, twins = 0, 0
    for seed = 1, 6000 do
      local text = text_of(seed)
      local expected, message = oracle.read(text)
      for _, how in ipairs { "body", "read" } do
        local value, found, single = core.json.read(text, how, "it")
        assert.equal(message, found, seed .. ": " .. text)
        if expected then
          accepted = accepted + 1
          twins = twins + (single and 1 or 0)
          assert.equal(expected.single, single)
          assert.is_true(same(expected.value, value, expected.kinds), seed .. ": " .. text)
          assert.is_true(same(expected.value, value, expected.kinds), "again: " .. text)
        end
      end
    end
    assert.is_true(accepted > 2000 and twins > 100, accepted .. " accepted, " .. twins .. " with twins")
  end)

  -- What the paths lead to, in plain tables.
  local function follow(value, path, into)
    for i = 1, #path do
      local member = value[path[i]]
      if member == nil then
        return
      elseif i == #path or type(member) ~= "table" or core.json.kind(member) == "array" then
        into[path[i]] = member
        return
      end
      if type(into[path[i]]) ~= "table" then
        into[path[i]] = {}
      end
      value, into = member, into[path[i]]
    end
  end

  it("picks what it reads", function()
    local paths = { { "a" }, { "Labels" }, { "Config", "b" }, { "HostConfig", "a" }, { "HostConfig", "b", "A" } }
    local pick = core.json.picker(paths)
    local picked, refused = 0, 0
    for seed = 1, 6000 do
      state = seed
      local text = write_list(0, "{", "}", write_member)
      if chance(4) == 1 then
        local at = chance(#text)
        text = text:sub(1, at - 1) .. one_of { "", " ", ",", ":", '"', "\\", "{", "]", "0", "\x80" } .. text:sub(at + 1)
      end
      local found = pick(text)
      local value, message = core.json.read(text, "exact", "it")
      if found and value then
        local expected = {}
        for _, path in ipairs(paths) do
          follow(value, path, expected)
        end
        assert.is_true(equal(expected, found), seed .. ": " .. text)
        picked = picked + 1
      elseif found then -- of what was skipped only the grammar is looked at
        assert.truthy(message:find("surrogate") or message:find("too large") or message:find("NUL"), seed .. ": " .. text)
      else
        assert.truthy(not value or text:find("\\", 1, true) or text:find('"[^"]*" :'), seed .. ": " .. text)
        refused = refused + 1
      end
    end
    assert.is_true(picked > 2000 and refused > 500, picked .. " picked, " .. refused .. " not")
  end)

  it("writes what is changed as if it were plain tables, and what is not as it was", function()
    local changed = 0
    for seed = 1, 6000 do
      local text = text_of(seed)
      local expected = oracle.read(text)
      if expected and type(expected.value) == "table" and expected.value ~= json.null then
        local value, writer = json_patch.read(text)
        local before = expected.single or text
        if chance(3) == 1 then
          tables_of(value, {}) -- looked at, and not changed
        end
        assert.equal(before, writer())
        local plain, lazy = tables_of(expected.value, {}), tables_of(value, {})
        for _ = 1, chance(3) do
          local at = chance(#plain)
          local key = expected.kinds[plain[at]] == "array" and #plain[at] + chance(2) - 1 or one_of { "a", "zz", "Labels" }
          if plain[at][key] == nil and lazy[at][key] ~= nil then
            key = 0 -- it is there under another case
          end
          if key ~= 0 then
            local new = chance(3) == 1 and type(key) == "string" and "none" or one_of { 1, "x", true, json.null }
            plain[at][key] = new ~= "none" and new or nil
            lazy[at][key] = new ~= "none" and new or nil
          end
        end
        local again = assert(oracle.read(writer()), text)
        assert.is_true(equal(expected.value, again.value), text .. " -> " .. writer())
        assert.is_true(equal(expected.value, value), text)
        assert.is_true(equal(expected.value, (json.decode(json.encode(value)))), text .. " -> " .. json.encode(value))
        changed = changed + (writer() ~= before and 1 or 0)
      end
    end
    assert.is_true(changed > 1000, changed .. " changed")
  end)
end)
