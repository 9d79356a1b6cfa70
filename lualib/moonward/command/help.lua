--- `moonward help`: what -help prints, and with the word "markdown" the tables of the reference pages.
local setups = require "moonward.command.setups"
local usage = require "moonward.command.usage"

-- "## core" and its table, then each policy's with what it is for.
local function markdown(setup)
  local out = { "## core\n\n", usage.markdown(setup.options, "core") }
  for _, policy in ipairs(setup.policies) do
    out[#out + 1] = "\n## " .. policy.name .. "\n\n" .. (policy.summary and policy.summary .. "\n\n" or "")
      .. usage.markdown(setup.options, policy.name)
  end
  return table.concat(out)
end

return setups.command(function(tools, words, environment)
  local is_markdown = words[1] == "markdown"
  local options = { table.unpack(words, is_markdown and 2 or 1) }
  if options[1] and string.sub(options[1], 1, 1) ~= "-" then
    setups.stop(2, string.format("help %.99s: expected options, or markdown and options", options[1]))
  end
  -- With -help in front nothing but the policies is read, so that what keeps the program from starting does
  -- not keep anybody from reading up on it.
  local _, message = tools.open(1, { "-help", table.unpack(options) }, environment)
  if message then
    setups.stop(1, message)
  end
  tools.say((is_markdown and markdown or usage.text)(tools.describe(1)))
  return 0
end)
