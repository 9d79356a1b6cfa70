#include "command/complaint.h"
#include "command/script_parts.h"
#include "lua/bundle.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FOLDER_MAX (1u << 20) // bytes of all names in a folder

static struct buffer *fresh_text(lua_State *L, size_t most)
{
    struct buffer *text = &script_state(L)->text;

    buffer_clear(text);
    buffer_init(text, most);
    return text;
}

// --- files ---------------------------------------------------------------------------------------

// What is too long for the buffer only makes that fail.
static int add_file(struct buffer *out, const char *option, const char *path, struct err *err)
{
    bool is_stdin = strcmp(path, "-") == 0;
    FILE *file = is_stdin ? stdin : fopen(path, "re");
    char chunk[4096];
    size_t n = 0;

    if (!file) {
        char what[256];

        (void)snprintf(what, sizeof(what), "%s: expected a file, or - for stdin: %s", option, path);
        return err_errno(err, what);
    }
    while ((n = fread(chunk, 1, sizeof(chunk), file)) > 0)
        buffer_add(out, chunk, n);
    n = (size_t)ferror(file);
    if (!is_stdin)
        fclose(file);
    return n ? err_set(err, "%s %.200s: reading failed", option, path) : 0;
}

static int read_file(lua_State *L)
{
    const char *option = luaL_checkstring(L, 1), *path = luaL_checkstring(L, 2);
    size_t most = lua_isnoneornil(L, 3) ? SCRIPT_TEXT : script_side(L, 3)->setup->settings.max_body;
    struct buffer *text = fresh_text(L, most);
    struct err err = { "" };

    if (add_file(text, option, path, &err) != 0)
        return script_fail(L, err.text, 2);
    if (text->failed) {
        err_set(&err, "%s %.200s: longer than %zu bytes", option, path, most);
        (void)script_fail(L, err.text, 2);
        lua_pushboolean(L, 1);
        return 4;
    }
    lua_pushlstring(L, text->len > 0 ? text->data : "", text->len);
    return 1;
}

static bool write_all(int fd, const char *text, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, text, len);

        if (n < 0 && errno != EINTR)
            return false;
        text += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

static int write_file(lua_State *L)
{
    size_t len = 0;
    const char *path = luaL_checkstring(L, 1), *text = luaL_checklstring(L, 2, &len);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    struct err err = { "" };
    bool fine;

    if (fd < 0) {
        err_set(&err, "%.200s: %s", path, strerror(errno));
        return script_fail(L, err.text, 1);
    }
    fine = write_all(fd, text, len);
    fine = close(fd) == 0 && fine;
    if (!fine) {
        err_set(&err, "%.200s: writing failed: %s", path, strerror(errno));
        return script_fail(L, err.text, 1);
    }
    lua_pushboolean(L, 1);
    return 1;
}

// All names with a NUL behind each.
static int add_names(struct buffer *out, const char *path, struct err *err)
{
    DIR *folder = opendir(path);

    if (!folder)
        return err_set(err, "%.200s: %s", path, strerror(errno));
    for (const struct dirent *entry; (entry = readdir(folder));)
        buffer_add(out, entry->d_name, strlen(entry->d_name) + 1);
    closedir(folder);
    return out->failed ? err_set(err, "%.200s: too many names in it", path) : 0;
}

static int list_folder(lua_State *L)
{
    struct buffer *text = fresh_text(L, FOLDER_MAX);
    struct err err = { "" };

    if (add_names(text, luaL_checkstring(L, 1), &err) != 0)
        return script_fail(L, err.text, 1);
    lua_newtable(L);
    for (size_t at = 0; at < text->len; at += strlen(text->data + at) + 1) {
        lua_pushstring(L, text->data + at);
        lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
    }
    return 1;
}

// --- what the program brings ---------------------------------------------------------------------

static int list_bundle(lua_State *L)
{
    lua_newtable(L);
    for (size_t i = 0; i < bundle_count; i++) {
        lua_pushstring(L, bundle_files[i].name);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static int bundled(lua_State *L)
{
    const struct bundle_file *file = bundle_find(luaL_checkstring(L, 1));

    if (!file)
        return 0;
    lua_pushlstring(L, (const char *)file->text, file->len);
    return 1;
}

// --- output --------------------------------------------------------------------------------------

static int say(lua_State *L)
{
    size_t len = 0;
    const char *text = luaL_checklstring(L, 1, &len);

    (void)fwrite(text, 1, len, stdout); // script_run() asks whether that went well
    return 0;
}

static int complain(lua_State *L)
{
    const char *text = luaL_checkstring(L, 1);

    (void)fflush(stdout);
    fprintf(stderr, "moonward: %s\n", text);
    if (lua_toboolean(L, 2))
        complaint_usage();
    return 0;
}

const luaL_Reg script_file_tools[] = {
    { "bundle", list_bundle }, { "bundled", bundled }, { "complain", complain },
    { "folder", list_folder }, { "read", read_file },  { "say", say },
    { "write", write_file },   { NULL, NULL },
};
