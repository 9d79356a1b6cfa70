"""Updates containers as both Watchtowers do: what an inspect shows goes into a create."""
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


def renew_as_containrrr(name):
    """Kills instead of stopping, and joins the networks one by one."""
    old = api.inspect_container(name)
    api.kill(old["Id"], signal="SIGTERM")
    while api.inspect_container(name)["State"]["Running"]:
        pass
    api.remove_container(old["Id"], force=True)
    networks = old["NetworkSettings"]["Networks"]
    first = dict([next(iter(networks.items()))])
    config = dict(old["Config"], HostConfig=old["HostConfig"], NetworkingConfig={"EndpointsConfig": first})
    new = api.create_container_from_config(config, name=name)["Id"]
    for network in first:
        api.disconnect_container_from_network(new, network, force=True)
    for network in networks:
        api.connect_container_to_network(new, network)
    api.start(new)
    return old, flow.engine.inspect_container(name)


api.info()
flow.same(["app", "plain"], flow.names(api.containers()))
for name, way in (("app", renew), ("plain", renew), ("app", renew_as_containrrr), ("plain", renew_as_containrrr)):
    old, new = way(name)
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
flow.denied(api.kill, "host")
flow.denied(api.connect_container_to_network, "host", "app_default")
flow.denied(api.disconnect_container_from_network, "host", "bridge")
