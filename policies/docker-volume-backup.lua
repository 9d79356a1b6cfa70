-- docker-volume-backup: what offen/docker-volume-backup calls. It sees the containers that carry one of its
-- labels, and stops and starts those that are labelled to be stopped during a backup.
--
-- Which value of docker-volume-backup.stop-during-backup means which backup is its own affair; here the label
-- only has to be there. -backupexec lets it run any command, not only that in the label, in containers
-- labelled with one; -allowexec lets it run there what is listed, such as -allowexec='--shell /bin/sh -c
-- pg_dumpall*'. Its numbers of containers count the labelled ones. What it calls of a swarm is not here.
local calls = require "moonward.calls"
local client = require "moonward.client"
local exec = require "moonward.exec"
local marks = require "moonward.marks"

local prefix = "docker-volume-backup."

-- A mark: one of these labels, each after the prefix.
local function labelled(names, what)
  return marks.labels(function(labels)
    for _, name in ipairs(names) do
      if labels[prefix .. name] then
        return true
      end
    end
    return false
  end, what)
end

local stops = { "stop-during-backup", "stop-during-backup-no-restart" }
local commands = {}
for _, phase in ipairs { "archive", "process", "copy", "prune", "exec" } do
  commands[#commands + 1] = phase .. "-pre"
  commands[#commands + 1] = phase .. "-post"
end

local stoppable = labelled(stops, "label docker-volume-backup.stop-during-backup")
local with_command = labelled(commands, "label docker-volume-backup.archive-pre or the like")

local function is_known(container)
  return stoppable.is(container) or with_command.is(container)
end

return client.policy {
  summary = "docker-volume-backup: stops and starts the containers that are labelled to be stopped"
    .. " during a backup. Whoever creates containers or images sets labels.",
  options = {
    {
      name = "backupexec", env = "MOONWARD_BACKUP_EXEC", kind = "switch",
      help = "Runs commands in containers that are labelled with one: docker-volume-backup.archive-pre, ...",
      allows = { { "exec.create", "exec.start", "exec.inspect", when = with_command.held } },
    },
    exec.option(with_command.held),
  },
  always = {
    calls.info,
    { "container.list", only = is_known },
    { "container.stop", "container.start", when = stoppable.held },
  },
}
