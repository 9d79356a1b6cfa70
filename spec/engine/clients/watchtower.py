"""Updates containers as Watchtower does: what an inspect shows goes into a create."""
import flow

ENABLE = {"com.centurylinklabs.watchtower.enable": "true"}

flow.engine.create_network("app_default")
flow.engine.create_volume("app_data")
flow.running("app", ENABLE, binds=["app_data:/d"], network_mode="app_default", restart_policy={"Name": "always"},
             port_bindings={80: ("127.0.0.1", 18080)})
flow.running("plain", ENABLE)
flow.running("host", ENABLE, binds=["/srv:/d"])
flow.running("web")
api = flow.connect(version="auto")


def renew(name):
    old = api.inspect_container(name)
    api.inspect_image(old["Image"])
    api.stop(old["Id"], timeout=1)
    api.remove_container(old["Id"], force=True)
    config = dict(old["Config"], HostConfig=old["HostConfig"],
                  NetworkingConfig={"EndpointsConfig": old["NetworkSettings"]["Networks"]})
    new = api.create_container_from_config(config)["Id"]
    api.rename(new, name)
    api.start(new)
    return old, flow.engine.inspect_container(name)


api.info()
flow.same(["app", "host", "plain"], flow.names(api.containers()))
for name in ("app", "plain"):
    old, new = renew(name)
    assert old["Id"] != new["Id"]
    for key in ("HostConfig", "Mounts"):
        flow.same(old[key], new[key])
    flow.same(old["Config"]["Env"], new["Config"]["Env"])
    flow.same("running", flow.state(name))

flow.denied(api.inspect_container, "host")
flow.denied(api.stop, "host")
flow.denied(api.remove_container, "host", force=True)
flow.denied(api.rename, "host", "x")
flow.same("running", flow.state("host"))
flow.denied(api.stop, "web")
flow.denied(api.inspect_container, "web")
for host in ({"binds": ["/:/h"]}, {"privileged": True}, {"pid_mode": "host"}, {"network_mode": "host"}):
    flow.denied(api.create_container, "busybox", "id", labels=ENABLE, host_config=api.create_host_config(**host))
flow.denied(api.create_container, "busybox", "id")
flow.denied(api.remove_image, "busybox", force=True)
flow.denied(api.exec_create, "app", ["id"])
flow.denied(api.kill, "app")
