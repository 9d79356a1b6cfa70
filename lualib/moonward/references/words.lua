--- What the columns of the table of references may say, and what it means. Data only.

return {
  source = {
    { "path", "what the path names" },
    { "query", "`query.x`: a parameter" },
    { "filters", "`filters.x`: a key of the parameter `filters`" },
    { "body", "`body.X.Y[].Z{}`: a field; `[]` is each entry of a list, `{}` each key of a map" },
    { "header", "`header.X`: a header" },
    { "tar", "`tar.X`: something in the archive that the body is" },
    { "state", "what the object that the path names refers to since it was made" },
  },
  form = {
    { "any", "full id, name, or the beginning of an id" },
    { "name", "a name and nothing else" },
    { "id", "a full id and nothing else" },
    { "image", "`name`, `name:tag`, `name@digest`, id, or the beginning of one" },
    { "mode", "`container:ANY`, or a word" },
    { "network", "a network in any form, `container:ANY`, or a word" },
    { "entry", "`ANY`, or `ANY:more`" },
    { "source", "the name of a volume, or a path" },
    { "list", "a list of them as JSON" },
    { "new", "a name that something is given" },
  },
  when = {
    { "now", "as the engine takes the request" },
    { "start", "when the container starts, some only when it starts for the first time" },
    { "use", "at each use, as long as what the request began lasts" },
    { "end", "when the request has done its work" },
    { "never", "the engine only compares it" },
  },
  held = {
    { "id", "the id that was judged is written in its place" },
    { "field", "the id that was judged is written beside it, in the body" },
    { "again", "it is judged again in the request that makes it count" },
    { "name", "it goes on as a name, for an id means something else there or there is none" },
    { "new", "the name is refused if it is another's" },
    { "own", "the engine makes such an id once, and of what was judged" },
    { "seen", "what is not shown is answered as what does not exist" },
    { "shown", "it tells nothing that the answer does not show, and the answer is filtered" },
    { "refused", "it is refused where not everything is shown" },
  },
}
