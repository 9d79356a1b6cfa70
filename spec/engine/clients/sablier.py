import flow

flow.running("app", {"sablier.enable": "true"})
flow.running("web")
api = flow.connect(version="auto")

events = api.events(decode=True, filters={"type": "container"})
flow.same(["app"], flow.names(api.containers(all=True)))
api.inspect_container("app")
api.stop("app", timeout=1)
flow.same("exited", flow.state("app"))
api.wait("app")
flow.engine.restart("web", timeout=1)
api.start("app")
flow.same("running", flow.state("app"))

seen = []
for event in events:
    seen.append(event["Actor"]["Attributes"]["name"])
    if event["Action"] == "start":
        break
flow.same({"app"}, set(seen))

flow.denied(api.stop, "web")
flow.same("running", flow.state("web"))
flow.denied(api.inspect_container, "web")
flow.denied(api.pause, "app")
flow.denied(api.update_container, "app", mem_limit="64m")
flow.denied(api.remove_container, "app", force=True)
flow.denied(api.logs, "app")
