-- Which arguments of ps a container.top may have.
local ps_args = require "moonward.ps_args"

local function refusal(value, operation, shows_environment)
  return (ps_args.refusal({
    operation = operation or "container.top", values = function() return { value } end,
  }, shows_environment))
end

describe("arguments of ps", function()
  for _, value in ipairs {
    "", "-ef", "aux", "-aux", "auxww", "-e -f", "-eo pid,comm", "-o pid,user,args", "-opid,ppid,stat,args", "-o pid",
    "-o ppid,pid,args", "axo pid,args", "o pid,%cpu,%mem,cmd", "-ef -ww",
  } do
    it("pass: " .. value, function()
      assert.is_nil(refusal(value))
    end)
  end

  for _, value in ipairs {
    "-p 1 -oargs,ppid,pid", "e -oargs:4000,pid", "-eo args,pid", "-eo comm,pid", "-o user,args", "-o pid=X,args=PID", "-o pid:20",
    "-o pid -o args", "-o pid,args,user", "-o", "-o ,pid", "axe", "auxe", "e", "-eo lstart,pid", "-C sh", "--pid 1",
    "-p 1", "--format pid",
    "aux\t-oargs,pid", "-o pid\nargs", "-oargs=PID", "-o user=PID",
    "--headers", "-M", "-O args", "-eO args", "X", "-o pid,label",
  } do
    it("are refused: " .. value, function()
      assert.is_truthy(refusal(value))
    end)
  end

  it("may show environments where that is wanted", function()
    assert.is_nil(refusal("axe", nil, true))
    assert.is_nil(refusal("auxeww", nil, true))
    assert.is_truthy(refusal("e -oargs,pid", nil, true))
  end)

  it("are of no other operation", function()
    assert.is_nil(refusal("-oargs,pid", "container.logs"))
  end)
end)
