#include "lua/regex.h"

#include <cstdio>
#include <exception>
#include <memory>
#include <new>
#include <re2/re2.h>
#include <string>

// What a regex may use for its program and for the tables that matching builds.
static const int64_t memory_max = 1 << 20;

struct regex {
    regex(const re2::StringPiece &pattern, const RE2::Options &options) : re(pattern, options)
    {
    }
    RE2 re;
};

// RE2 fills its tables as it matches, so what they may hold is counted before they hold it: enough
// for two dozen states and more, and in proportion to the program. What does not fit is built
// again.
static int64_t memory_for(int instructions)
{
    int64_t wanted = (8 << 10) + INT64_C(160) * instructions;

    return wanted < memory_max ? wanted : memory_max;
}

static struct regex *make(struct span pattern, int64_t memory)
{
    RE2::Options options;

    options.set_max_mem(memory);
    options.set_log_errors(false); // the caller has the text
    return new struct regex({ pattern.at, pattern.len }, options);
}

static void say(char *error, size_t size, const char *text)
{
    std::snprintf(error, size, "%s", text);
}

struct regex *regex_new(struct span pattern, char *error, size_t size)
{
    try {
        std::unique_ptr<struct regex> first(make(pattern, memory_max));

        if (!first->re.ok()) {
            say(error, size, first->re.error().c_str());
            return nullptr;
        }

        std::unique_ptr<struct regex> held(make(pattern, memory_for(first->re.ProgramSize())));

        return held->re.ok() ? held.release() : first.release();
    } catch (const std::exception &) {
        say(error, size, "not enough memory");
    }
    return nullptr;
}

void regex_free(struct regex *regex)
{
    delete regex;
}

// The length of the valid UTF-8 sequence at the start of text, or 0 (RFC 3629, section 4).
static size_t sequence(const unsigned char *s, size_t left)
{
    auto in = [&](size_t i, unsigned least, unsigned most) {
        return i < left && s[i] >= least && s[i] <= most;
    };

    if (s[0] < 0x80)
        return 1;
    if (s[0] >= 0xc2 && s[0] <= 0xdf)
        return in(1, 0x80, 0xbf) ? 2 : 0;
    if (s[0] >= 0xe0 && s[0] <= 0xef) {
        unsigned least = s[0] == 0xe0 ? 0xa0 : 0x80;
        unsigned most = s[0] == 0xed ? 0x9f : 0xbf; // no surrogates

        return in(1, least, most) && in(2, 0x80, 0xbf) ? 3 : 0;
    }
    if (s[0] >= 0xf0 && s[0] <= 0xf4) {
        unsigned least = s[0] == 0xf0 ? 0x90 : 0x80;
        unsigned most = s[0] == 0xf4 ? 0x8f : 0xbf;

        return in(1, least, most) && in(2, 0x80, 0xbf) && in(3, 0x80, 0xbf) ? 4 : 0;
    }
    return 0;
}

static bool is_valid(struct span text)
{
    const auto *s = reinterpret_cast<const unsigned char *>(text.at);

    for (size_t i = 0; i < text.len;) {
        size_t n = sequence(s + i, text.len - i);

        if (n == 0)
            return false;
        i += n;
    }
    return true;
}

static std::string repaired(struct span text)
{
    const auto *s = reinterpret_cast<const unsigned char *>(text.at);
    std::string out;

    for (size_t i = 0; i < text.len;) {
        size_t n = sequence(s + i, text.len - i);

        if (n > 0)
            out.append(text.at + i, n);
        else
            out.append("\xef\xbf\xbd"); // U+FFFD
        i += n > 0 ? n : 1;
    }
    return out;
}

static bool run(const struct regex *regex, struct span text, RE2::Anchor anchor)
{
    if (is_valid(text)) {
        re2::StringPiece piece(text.at, text.len);

        return regex->re.Match(piece, 0, text.len, anchor, nullptr, 0);
    }

    std::string valid = repaired(text);

    return regex->re.Match(valid, 0, valid.size(), anchor, nullptr, 0);
}

// Lack of memory while matching ends the process: "no match" would let through what a policy
// forbids by a pattern.
bool regex_match(const struct regex *regex, struct span text)
{
    try {
        return run(regex, text, RE2::ANCHOR_BOTH);
    } catch (const std::exception &) {
        std::terminate();
    }
}

bool regex_find(const struct regex *regex, struct span text)
{
    try {
        return run(regex, text, RE2::UNANCHORED);
    } catch (const std::exception &) {
        std::terminate();
    }
}

size_t regex_groups(const struct regex *regex)
{
    return static_cast<size_t>(regex->re.NumberOfCapturingGroups());
}

const char *regex_group_name(const struct regex *regex, size_t group)
{
    try {
        const auto &names = regex->re.CapturingGroupNames();
        auto found = names.find(static_cast<int>(group));

        return found == names.end() ? "" : found->second.c_str();
    } catch (const std::exception &) {
        std::terminate();
    }
}

// Where a position in repaired(text) is in the text.
static size_t position(struct span text, size_t in_repaired)
{
    const auto *s = reinterpret_cast<const unsigned char *>(text.at);
    size_t i = 0;

    for (size_t at = 0; at < in_repaired && i < text.len;) {
        size_t n = sequence(s + i, text.len - i);

        at += n > 0 ? n : 3; // of U+FFFD
        i += n > 0 ? n : 1;
    }
    return i;
}

static bool capture(const struct regex *regex, struct span text, struct span *parts)
{
    size_t groups = regex_groups(regex);
    bool valid = is_valid(text);
    std::string other = valid ? std::string() : repaired(text);
    re2::StringPiece piece = valid ? re2::StringPiece(text.at, text.len) : re2::StringPiece(other);
    std::unique_ptr<re2::StringPiece[]> found(new re2::StringPiece[groups + 1]);

    if (!regex->re.Match(piece, 0, piece.size(), RE2::ANCHOR_BOTH, found.get(),
                         static_cast<int>(groups + 1)))
        return false;
    for (size_t i = 0; i < groups; i++) {
        const re2::StringPiece &part = found[i + 1];

        parts[i] = { nullptr, 0 };
        if (!part.data())
            continue;

        size_t first = static_cast<size_t>(part.data() - piece.data());
        size_t last = first + part.size();

        if (!valid) {
            first = position(text, first);
            last = position(text, last);
        }
        parts[i] = { text.at + first, last - first };
    }
    return true;
}

bool regex_capture(const struct regex *regex, struct span text, struct span *parts)
{
    try {
        return capture(regex, text, parts);
    } catch (const std::exception &) {
        std::terminate();
    }
}

bool regex_may_begin(const struct regex *regex, struct span text)
{
    try {
        std::string least, most, first(text.at, text.len), last(first);

        last.append(8, '\xff');

        // What the regex itself has is just enough to match with.
        const RE2 roomy(regex->re.pattern(), RE2::Quiet);

        if (!roomy.PossibleMatchRange(&least, &most, static_cast<int>(text.len) + 8))
            return true;
        return !(most < first || least > last);
    } catch (const std::exception &) {
        return true;
    }
}

// RE2 keeps its programs and tables below the limit it was given; the parsed pattern comes on top.
size_t regex_size(const struct regex *regex)
{
    return sizeof(*regex) + 2048 + 16 * static_cast<size_t>(regex->re.ProgramSize()) +
           static_cast<size_t>(regex->re.options().max_mem());
}
