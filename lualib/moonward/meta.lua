---@meta
-- What a policy meets, for editors and for docs/policy-api.md. The objects themselves are made in C
-- (core/lua); this file only describes them and is never loaded.

--- A policy's file returns this, or its `decide` alone.
---@class moonward.Policy
---@field summary? string one sentence, shown by -help and in the documentation
---@field options? moonward.Option[]
---@field methods? string[] "CONNECT" or "TRACE", to have them judged instead of refused
---@field pure? boolean verdicts follow from method, path, query, listener, address and user of the client, and options
---  alone, so that moonward may remember them
---@field start? fun(options: table) called once, before the first request; an error stops the start
---@field decide fun(client: moonward.Client, request: moonward.Request, options: table): moonward.Verdict?

--- One flag, or variable, or both. `options` holds the values under `name` (or `env`).
---@class moonward.Option
---@field name? string the flag, without dash
---@field env? string|string[] the variable; of several that are set the first in the list counts
---@field env_empty? boolean texts: set to nothing is set to "", where else it is not set
---@field whole? boolean lists: a value is one entry, whatever commas it has; else it is several with commas
---  between, from a flag, a variable and in the default alike, and blanks around them do not count
---@field secret? boolean texts and lists: `check` and messages do not show the value
---@field env_family? boolean lists: ENV_<anything> adds its entries
---@field env_near? boolean any other variable with nearly one of these names stops the start, unless
---  the first of them is there as well
---@field env_strict? boolean "1", "yes" and the like in a variable with nearly this name, or with its prefix
---  ("ALLOW_"), stop the start
---@field kind? "text"|"switch"|"number"|"octal"|"size"|"list"|"file" "text" if left out; of a file the
---  value is { path =, text = }
---@field default? string|boolean|number|string[]
---@field min? integer
---@field max? integer
---@field unit? string for -help: "s", "bytes"
---@field words? table<string, string> texts: the only values it takes, in any case, and what each means
---@field sets? string the core option that this is another name of
---@field required? boolean what it sets has to be said, here or by another option that sets the same
---@field spelling? "haproxy-bind" of a variable that sets listen: how another program writes it
---@field refused? string a variable that nobody may set: stops the start with this, what does it instead
---@field help string but for those that are refused

--- What moonward.allow, deny and hide return. Nothing else is a verdict; nil is no opinion.
---@class moonward.Verdict

--- What moonward.deny may be given.
---@class moonward.Refusal
---@field status? integer 400 to 599; 403 if it is left out
---@field rule? string what in the policy decided, for the log
---@field hint? string what would allow it, for the log
---@field headers? table<string, string> fields of the answer: { ["Retry-After"] = "60" }

--- What moonward.allow may be given. Filters of several policies add up.
---@class moonward.Allowance
---@field only? fun(item: table, kind: string): boolean which elements of a list, events of a stream, or
---  single object may be seen. The item has the engine's own fields, and id, name, labels, image, state,
---  project and service as request.target has them; of an event those of its actor. What is dropped
---  leaves no trace; a single object that is dropped is a 404. An error ends the answer
---@field redact? (string|{ [1]: string, keep: string[] })[] paths of values that are emptied, in each item:
---  "Config.Env", "Mounts.*.Source", '*.Labels["secret.*"]'; all other bytes pass as they are. "keep":
---  elements NAME=... that stay
---@field edit? fun(value: table, kind?: string) of a GET: changes each item of the answer. Of other methods: changes
---  the body before it goes on; policies that follow judge the new one. What is not touched keeps its
---  bytes
---@field dockerfile? fun(dockerfile: moonward.Dockerfile): moonward.Verdict? of a build by the classic builder:
---  judges the Dockerfile in the body, as the builder will find and read it, before the engine has the end of
---  the body and so begins. Returns a denial, or nothing. BuildKit, contexts from elsewhere and what cannot be
---  read with certainty are denied
---@field query? table<string, string> values that parameters have on the way to the engine. Policies that
---  follow see the old ones: let the policy that sets them be the last
---@field rule? string what in the policy decided, for the log

--- What exists in a moonward.view, for every kind: a function of an object and its kind, true if all exist, false
--- if none does.
---@class moonward.Shown
---@field container (fun(object: table, kind: string): any)|boolean
---@field image (fun(object: table, kind: string): any)|boolean
---@field network (fun(object: table, kind: string): any)|boolean
---@field volume (fun(object: table, kind: string): any)|boolean

--- Who asks. Read-only.
---@class moonward.Client
---@field address string? "10.0.0.7", "fe80::1%eth0"; nil on a Unix socket
---@field port integer?
---@field listener string the listener's name
---@field uid integer? on a Unix socket
---@field gid integer? on a Unix socket
---@field pid integer? on a Unix socket
---@field container moonward.Container? the one that the client is in; nil: in none. Reading it asks the
---  engine where that is needed, and ends in 403 while it is not known who asks
---@field labels table<string, string> of that container; empty if there is none. Reading it is the same

--- What is asked. Read-only.
---@class moonward.Request
---@field method string "GET"
---@field path string canonical and without version: "/containers/json"
---@field version string? "1.41"; nil if the path has none
---@field query table<string, string> the first value of each name, as the engine reads it
---@field operation string? "container.list", see docs/operations.md; nil: no route of the API
---@field id string? what the path names, as it was written: "web" in "/containers/web/json"
---@field has_body boolean
---@field body string "" if there is none. Reading it waits for the whole body
---@field json any the body as the engine will read it, nil if there is none; what two readers could
---  read in two ways ends in 400. Field names are found whatever their case. See moonward.json
---@field target moonward.Container|moonward.Image|moonward.NetworkObject|moonward.Volume|nil what the
---  request is about, as the engine understands its path or query; for an exec the container it runs in.
---  nil if it names nothing, or nothing that exists. Reading it asks the engine
local Request = {}

--- Whether the request is one of these operations. "container.*" is all of that family, "*.list" every list,
--- "*.prune" whatever cleans up. A name that does not exist is an error, and so is a pattern that matches none.
---@param ... string
---@return boolean
function Request:is(...) end

--- The header fields of that name, joined with commas; nil if there is none.
---@param name string in any case
---@return string?
function Request:header(name) end

--- Whether a switch in the query is on, as the engine reads it: any word but "", "0", "no", "false" and "none",
--- in any case and with blanks around, so "off" is on. Without the parameter it is `default`, false if that is
--- left out: say true where the engine does (`stream` of stats, `pause` of a commit, `rm` of a build). Of
--- podman's own routes other words than its own end in 400.
---@param name string
---@param default? boolean
---@return boolean
function Request:flag(name, default) end

--- Whether the request changes nothing and sends nothing into a container: lists, inspects, logs, archives that
--- are read. That is no promise that it is harmless: it may show secrets. false of an unknown route.
---@return boolean
function Request:reads() end

--- All values of a name in the query.
---@param name string
---@return string[]
function Request:values(name) end

--- A container as the engine had it when it was asked. Read-only, and so are the next.
---@class moonward.Container
---@field kind "container"
---@field id string
---@field name string without slash
---@field labels table<string, string>
---@field image string as it was named when the container was created
---@field networks table<string, { id: string, address?: string, address6?: string }> by name
---@field state string "running"
---@field project string? compose's label
---@field service string? compose's label

---@class moonward.Image
---@field kind "image"
---@field id string "sha256:..."
---@field tags string[] "web:1"
---@field digests string[] "web@sha256:...", of an image that came from a registry
---@field labels table<string, string>

---@class moonward.NetworkObject
---@field kind "network"
---@field id string
---@field name string
---@field driver string
---@field labels table<string, string>

---@class moonward.Volume
---@field kind "volume"
---@field name string
---@field driver string
---@field labels table<string, string>

--- What a request can do to the host, from moonward.create. docs/powers.md lists the names.
---@class moonward.Power
---@field power string one of create.list: "bind"
---@field value string what it is about: "/etc"; "" if the name says it all
---@field source string? the same as value, for what is mounted
---@field where string its place, lists count from 1: "HostConfig.Binds[2]", "query.remote", "the path"

--- What moonward.window takes; at least one of it.
---@class moonward.Hours
---@field days? string|string[] "mon-fri", { "sat", "sun" }; every day if left out
---@field from? string "08:00", with `to`
---@field to? string "18:00", or "24:00"; before `from`: of the next day
---@field after? string "2026-12-24" or "2026-12-24T18:00": not before
---@field before? string the same: no more from then on
---@field zone? string "UTC", "+02:00"

--- A regular expression in the syntax of Go's regexp; matching takes linear time.
---@class moonward.Regex
local Regex = {}

--- Whether it matches the whole text.
---@param text string
---@return boolean
function Regex:match(text) end

--- Whether it matches any part of the text.
---@param text string
---@return boolean
function Regex:find(text) end

--- What the groups took of a text that matches as a whole, by number and by name: of `(?P<host>.*):(\d+)` and
--- "web:80" it is { "web", "80", host = "web" }. false of a group that took no part. nil: it does not match. There
--- are at most 50 groups, and the text has at most 16 KiB.
---@param text string
---@return table<integer|string, string|false>?
function Regex:captures(text) end
