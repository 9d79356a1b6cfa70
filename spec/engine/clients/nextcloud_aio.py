import flow

flow.running("nextcloud-aio-mastercontainer")
flow.engine.create_network("nextcloud-aio")
flow.engine.create_volume("nextcloud_aio_data")
api = flow.connect(version="1.41")

api.ping()
api.version()
api.create_volume("nc_app_talk_data")


def create(name, mounts=("nc_app_talk_data",), **host):
    config = api.create_container_config("busybox", flow.BUSY, hostname="talk", environment=["APP_ID=talk"])
    config["HostConfig"] = {
        "NetworkMode": "nextcloud-aio", "RestartPolicy": {"Name": "unless-stopped"},
        "Mounts": [{"Type": "volume", "Source": m, "Target": "/" + m, "ReadOnly": False} for m in mounts], **host}
    config["NetworkingConfig"] = {"EndpointsConfig": {"nextcloud-aio": {"Aliases": ["talk"]}}}
    return api.create_container_from_config(config, name=name)


create("nc_app_talk")
api.put_archive("nc_app_talk", "/", b"\0" * 1024)
api.start("nc_app_talk")
api.inspect_container("nc_app_talk")
api.logs("nc_app_talk")
made = api.exec_create("nc_app_talk", ["hostname"])
flow.same(b"talk\n", api.exec_start(made["Id"]))
api.update_container("nc_app_talk", restart_policy={"Name": "always"})
api.stop("nc_app_talk", timeout=1)
api.remove_container("nc_app_talk", force=True)

flow.denied(create, "web")
flow.denied(create, "nc_app_x", ["nextcloud_aio_data"])
flow.denied(create, "nc_app_x", Binds=["/var/run/docker.sock:/s"])
flow.denied(create, "nc_app_x", binds=["/:/h"])
flow.denied(create, "nc_app_x", Privileged=True)
flow.denied(create, "nc_app_x", Mounts=[{"Type": "bind", "Source": "/", "Target": "/h"}])
flow.denied(create, "nc_app_x", PortBindings={"80/tcp": [{"HostPort": "80"}]})
for call in (api.inspect_container, api.logs, api.stop, api.start, api.remove_container):
    flow.denied(call, "nextcloud-aio-mastercontainer")
flow.denied(api.exec_create, "nextcloud-aio-mastercontainer", ["id"])
flow.denied(api.put_archive, "nextcloud-aio-mastercontainer", "/", b"\0" * 1024)
flow.denied(api.create_volume, "other")
flow.denied(api.create_volume, "nc_app_x_data", driver_opts={"type": "none", "o": "bind", "device": "/"})
flow.denied(api.remove_volume, "nextcloud_aio_data")
flow.denied(api.containers)
flow.denied(api.networks)
api.remove_volume("nc_app_talk_data")
