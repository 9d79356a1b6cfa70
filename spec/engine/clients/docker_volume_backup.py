import flow

flow.running("app", {"docker-volume-backup.stop-during-backup": "true"})
flow.running("db", {"docker-volume-backup.archive-pre": "touch /dump"})
flow.running("web")
api = flow.connect(version="auto")

api.info()
flow.same(["app", "db"], flow.names(api.containers()))
api.stop("app", timeout=1)
flow.same("exited", flow.state("app"))
api.start("app")

made = api.exec_create("db", ["sh", "-c", "echo $COMMAND_RUNTIME_ARCHIVE_FILEPATH >/dump; cat /dump"], stdin=True,
                       environment=["COMMAND_RUNTIME_ARCHIVE_FILEPATH=/tmp/a.tar"])
flow.same(b"/tmp/a.tar\n", api.exec_start(made["Id"]))
flow.same(0, api.exec_inspect(made["Id"])["ExitCode"])

flow.denied(api.stop, "web")
flow.denied(api.stop, "db")
flow.same("running", flow.state("db"))
flow.denied(api.exec_create, "app", ["id"])
flow.denied(api.exec_create, "db", ["id"], privileged=True)
theirs = flow.engine.exec_create("web", ["touch", "/x"])
flow.denied(api.exec_start, theirs["Id"])
flow.denied(api.exec_inspect, theirs["Id"])
flow.denied(api.inspect_container, "app")
