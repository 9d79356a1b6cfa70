#include "base/keyed_hash.h"

#include <string.h>
#include <sys/random.h>

struct state {
    uint64_t a, b, c, d;
};

bool hash_secret_new(struct hash_secret *secret)
{
    return getrandom(secret, sizeof(*secret), 0) == (ssize_t)sizeof(*secret);
}

static uint64_t turn(uint64_t x, int bits)
{
    return x << bits | x >> (64 - bits);
}

static void mix(struct state *s)
{
    s->a += s->b;
    s->b = turn(s->b, 13) ^ s->a;
    s->a = turn(s->a, 32);
    s->c += s->d;
    s->d = turn(s->d, 16) ^ s->c;
    s->a += s->d;
    s->d = turn(s->d, 21) ^ s->a;
    s->c += s->b;
    s->b = turn(s->b, 17) ^ s->c;
    s->c = turn(s->c, 32);
}

static void take(struct state *s, uint64_t word)
{
    s->d ^= word;
    mix(s);
    s->a ^= word;
}

// The bytes count in the order of this machine: a hash never leaves it.
uint64_t keyed_hash(const struct hash_secret *secret, struct span text)
{
    struct state s = {
        .a = secret->first ^ UINT64_C(0x736f6d6570736575),
        .b = secret->second ^ UINT64_C(0x646f72616e646f6d),
        .c = secret->first ^ UINT64_C(0x6c7967656e657261),
        .d = secret->second ^ UINT64_C(0x7465646279746573),
    };
    uint64_t word;
    size_t at = 0;

    for (; text.len - at >= sizeof(word); at += sizeof(word)) {
        memcpy(&word, text.at + at, sizeof(word));
        take(&s, word);
    }
    word = 0;
    if (at < text.len)
        memcpy(&word, text.at + at, text.len - at);
    take(&s, word ^ (uint64_t)text.len << 56);
    s.c ^= 0xff;
    mix(&s);
    mix(&s);
    mix(&s);
    return s.a ^ s.b ^ s.c ^ s.d;
}
