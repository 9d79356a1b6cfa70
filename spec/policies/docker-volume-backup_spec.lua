local answers = require "spec.support.answers"
local client_row = require "spec.support.client_row"
local test = require "moonward.test"

describe("docker-volume-backup", function()
  for _, case in ipairs(client_row("docker-volume-backup", {
    containers = {
      { name = "app", labels = { ["docker-volume-backup.stop-during-backup"] = "true" } },
      { name = "cron", labels = { ["docker-volume-backup.stop-during-backup-no-restart"] = "daily" } },
      { name = "db", labels = { ["docker-volume-backup.archive-pre"] = "/bin/sh -c 'pg_dumpall > /dump.sql'" } },
      { name = "old", labels = { ["docker-volume-backup.exec-post"] = "rm /dump.sql" } },
      { name = "web", labels = { ["docker-volume-backup.exec-label"] = "x" } },
    },
    engine = answers { execs = {
      e1 = { container = "db", command = { "/bin/sh", "-c", "pg_dumpall > /dump.sql" } }, e2 = "app", e3 = "web",
    } },
    shown = { "app", "cron", "db", "old" },
    always = {
      "HEAD /_ping", "GET /version", "GET /info", "GET /containers/json", "POST /containers/app/stop",
      "POST /containers/app/start", "POST /containers/cron/stop", "POST /containers/cron/start",
    },
    options = { allowexec = { set = "--shell /bin/sh -c pg_dumpall*",
      { "POST /containers/db/exec", body = '{"Cmd":["/bin/sh","-c","pg_dumpall > /dump.sql"]}' },
      { "POST /exec/e1/start", body = '{"Detach":false,"Tty":false}' }, "GET /exec/e1/json", "POST /exec/e1/resize?h=1&w=1",
    }, backupexec = {
      { "POST /containers/db/exec", body = '{"Cmd":["pg_dumpall"],"AttachStdin":true,"AttachStderr":true,"User":"root"}' },
      { "POST /containers/old/exec", body = '{"Cmd":["true"]}' },
      { "POST /exec/e1/start", body = '{"Detach":false,"Tty":false}' }, "GET /exec/e1/json",
    } },
    denied = {
      "POST /containers/web/stop", "POST /containers/db/stop", "POST /containers/web/start", "GET /containers/app/json",
      { "POST /containers/app/exec", body = '{"Cmd":["id"]}' }, { "POST /containers/web/exec", body = '{"Cmd":["id"]}' },
      { "POST /containers/db/exec", body = '{"Cmd":["id"],"Privileged":true}' },
      "POST /exec/e2/start", "POST /exec/e3/start", "GET /exec/e3/json", "POST /containers/app/restart",
    },
  })) do
    it(case.name, case.run)
  end

  -- Only what -allowexec lists, and only in containers with such a label.
  for body, path in pairs {
    ['{"Cmd":["/bin/sh","-c","id"]}'] = "/containers/db/exec",
    ['{"Cmd":["/bin/sh","-c","pg_dumpall"]}'] = "/containers/app/exec",
    ['{"Cmd":["/bin/sh","-c","pg_dumpall"],"User":"root"}'] = "/containers/db/exec",
  } do
    it("denies with -allowexec " .. body .. " in " .. path, function()
      local policy = test.policy("docker-volume-backup", { allowexec = { "--shell /bin/sh -c pg_dumpall*" } })
      local verdict = policy:decide { method = "POST", path = path, body = body, containers = {
        { name = "app", labels = { ["docker-volume-backup.stop-during-backup"] = "true" } },
        { name = "db", labels = { ["docker-volume-backup.archive-pre"] = "x" } },
      } }
      assert.is_false(verdict.allowed)
      assert.is_false(verdict.failed)
    end)
  end

  -- What somebody else created in such a container: what it is, and whether it may be started.
  local dump = { "/bin/sh", "-c", "pg_dumpall" }
  for name, case in pairs {
    ["such a command"] = { { command = dump }, true },
    ["another command"] = { { command = { "/bin/sh", "-c", "id" } }, false },
    ["such a command with all privileges"] = { { command = dump, privileged = true }, false },
    ["such a command with a terminal"] = { { command = dump, tty = true }, false },
    ["such a command with stdin"] = { { command = dump, stdin = true }, false },
    ["no command"] = { {}, false },
  } do
    it((case[2] and "starts " or "does not start ") .. name .. " with -allowexec", function()
      local policy = test.policy("docker-volume-backup", { allowexec = { "--shell /bin/sh -c pg_dumpall*" } })
      local found = { id = "e1", container = "db" }
      for key, value in pairs(case[1]) do
        found[key] = value
      end
      local verdict = policy:decide { method = "POST", path = "/exec/e1/start", body = "{}", execs = { found },
        containers = { { name = "db", labels = { ["docker-volume-backup.archive-pre"] = "x" } } } }
      assert.equal(case[2], verdict.allowed, verdict.reason)
      assert.is_falsy(verdict.failed)
    end)
  end

  it("does not start with a shell that is not meant", function()
    local ok, message = pcall(test.policy, "docker-volume-backup", { allowexec = { "sh -c *" } })
    assert.is_false(ok)
    assert.is_truthy(message:find("option allowexec: 'sh -c *': sh runs what it is told;", 1, true), message)
  end)
end)
