import flow

flow.running("app", {"sablier.enable": "true"})
flow.running("web")
api = flow.connect()

api.pause("app")
flow.same("paused", flow.state("app"))
api.unpause("app")
api.update_container("app", mem_limit="64m", memswap_limit="64m")
flow.same(64 << 20, flow.engine.inspect_container("app")["HostConfig"]["Memory"])

flow.denied(api.pause, "web")
flow.denied(api.update_container, "web", mem_limit="64m", memswap_limit="64m")
flow.denied(api.update_container, "app", restart_policy={"Name": "always"})
