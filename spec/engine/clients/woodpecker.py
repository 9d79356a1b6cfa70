import flow

flow.running("web")
flow.engine.create_network("prod")
api = flow.connect(version="auto")

api.info()
api.create_volume("wp_1_0_default", driver="local")
api.create_network("wp_1_0_default", driver="bridge", check_duplicate=None)


def create(name, **host):
    return api.create_container(
        "busybox", ["sh", "-c", "echo step >/woodpecker/x; cat /woodpecker/x"], name=name,
        labels={"wp_uuid": "01", "wp_step": "build"}, volumes=["/woodpecker"],
        host_config=api.create_host_config(**{
            "binds": ["wp_1_0_default:/woodpecker"], "log_config": {"Type": "json-file"}, **host}))


create("wp_01")
api.connect_container_to_network("wp_01", "wp_1_0_default", aliases=["build"])
api.start("wp_01")
api.wait("wp_01")
flow.same(0, api.inspect_container("wp_01")["State"]["ExitCode"])
flow.same(b"step\n", b"".join(api.logs("wp_01", stream=True, follow=True)))
api.stop("wp_01", timeout=1)
api.remove_container("wp_01", v=True)

flow.denied(create, "web2")
for host in ({"binds": ["/:/h"]}, {"privileged": True}, {"network_mode": "prod"}, {"devices": ["/dev/mem:/dev/mem"]},
             {"dns": ["10.0.0.1"]}, {"network_mode": "container:web"}):
    flow.denied(create, "wp_02", **host)
flow.denied(api.connect_container_to_network, "web", "wp_1_0_default")
flow.denied(api.connect_container_to_network, "wp_01", "prod")
for call in (api.inspect_container, api.kill, api.logs, api.stop, api.start, api.remove_container):
    flow.denied(call, "web")
flow.denied(api.remove_network, "prod")
flow.denied(api.exec_create, "wp_01", ["id"])
flow.denied(api.containers)
api.remove_volume("wp_1_0_default", force=True)
api.remove_network("wp_1_0_default")
