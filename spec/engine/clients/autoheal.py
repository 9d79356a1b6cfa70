import flow

flow.running("sick", {"autoheal": "true"})
flow.running("web")
api = flow.connect()

flow.same(["sick"], flow.names(api.containers()))
before = flow.engine.inspect_container("sick")["State"]["StartedAt"]
api.restart("sick", timeout=1)
assert before != flow.engine.inspect_container("sick")["State"]["StartedAt"]

web = flow.engine.inspect_container("web")["State"]["StartedAt"]
flow.denied(api.restart, "web")
flow.same(web, flow.engine.inspect_container("web")["State"]["StartedAt"])
flow.denied(api.stop, "sick")
flow.denied(api.inspect_container, "sick")
flow.denied(api.create_container, "busybox")
flow.denied(api.info)
