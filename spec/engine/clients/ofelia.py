import flow

flow.running("app", {"ofelia.enabled": "true"})
flow.running("web")
api = flow.connect(version="auto")

api.info()
flow.same(["app"], flow.names(api.containers(filters={"label": ["ofelia.enabled=true"]})))
made = api.exec_create("app", ["sh", "-c", "echo out; exit 3"])
flow.same(b"out\n", api.exec_start(made["Id"]))
flow.same(3, api.exec_inspect(made["Id"])["ExitCode"])
flow.denied(api.exec_create, "web", ["id"])
flow.denied(api.stop, "app")

# job-run
api.images(filters={"reference": ["busybox"]})
job = api.create_container("busybox", ["sh", "-c", "echo job"], user="root", labels={"mine": "yes"})["Id"]
flow.same({"mine": "yes", "moonward.ofelia": "job"}, flow.engine.inspect_container(job)["Config"]["Labels"])
api.start(job)
flow.engine.wait(job)
flow.same(0, api.inspect_container(job)["State"]["ExitCode"])
flow.same(b"job\n", api.logs(job))
net = flow.engine.create_network("jobs")["Id"]
api.connect_container_to_network(job, net)
flow.denied(api.connect_container_to_network, "web", net)
api.remove_container(job)

count = len(flow.engine.containers(all=True))
for host in ({"binds": ["/:/h"]}, {"privileged": True}, {"pid_mode": "host"}, {"volumes_from": ["web"]},
             {"network_mode": "container:web"}, {"binds": ["/var/run/docker.sock:/var/run/docker.sock"]}):
    flow.denied(api.create_container, "busybox", "id", host_config=api.create_host_config(**host))
flow.same(count, len(flow.engine.containers(all=True)))
flow.denied(api.remove_container, "web", force=True)
flow.denied(api.start, "web")
