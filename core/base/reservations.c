#include "base/reservations.h"

#include "base/check.h"
#include "base/clock.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#define FOREVER UINT64_MAX

// Names and owners as hashes: two that share one refuse each other, and nothing worse. A slot
// counts from the moment on when its name is not 0; that is written last and cleared first.
struct slot {
    _Atomic uint64_t name;
    _Atomic uint64_t owner;
    _Atomic uint64_t until; // microseconds, of the monotonic clock; FOREVER where it is free
    _Atomic int32_t holder; // process; 0: the slot is free
    _Atomic bool takes;
};

struct reservations {
    uint64_t secret;
    struct slot slots[RESERVATIONS_MAX];
};

struct reservations *reservations_new(void)
{
    struct reservations *all =
        mmap(NULL, sizeof(*all), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (all == MAP_FAILED)
        return NULL;
    for (int i = 0; i < RESERVATIONS_MAX; i++)
        atomic_store(&all->slots[i].until, FOREVER);
    if (getrandom(&all->secret, sizeof(all->secret), 0) == (ssize_t)sizeof(all->secret))
        return all;
    reservations_free(all);
    return NULL;
}

void reservations_free(struct reservations *all)
{
    if (all)
        CHECK(munmap(all, sizeof(*all)) == 0);
}

// FNV-1a, begun with a secret; never 0.
static uint64_t hash(const struct reservations *all, struct span text)
{
    uint64_t h = all->secret ^ UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < text.len; i++)
        h = (h ^ (unsigned char)text.at[i]) * UINT64_C(0x100000001b3);
    return h != 0 ? h : 1;
}

static void clear(struct slot *slot)
{
    atomic_store(&slot->name, 0);
    atomic_store(&slot->until, FOREVER);
    atomic_store(&slot->holder, 0);
}

// A slot whose time has passed is nobody's. Whoever sets its time anew has it, so that two who find
// it at once do not both clear it.
static void clear_if_over(struct slot *slot, uint64_t now)
{
    uint64_t until = atomic_load(&slot->until);

    if (atomic_load(&slot->holder) != 0 && until < now &&
        atomic_compare_exchange_strong(&slot->until, &until, FOREVER))
        clear(slot);
}

static int claim(struct reservations *all)
{
    for (int i = 0; i < RESERVATIONS_MAX; i++) {
        int32_t nobody = 0;

        if (atomic_compare_exchange_strong(&all->slots[i].holder, &nobody, (int32_t)getpid()))
            return i;
    }
    return RESERVATION_FULL;
}

// What stands in the way of the slot 'mine', which can be seen by all others by now: so of two that
// come at the same time at least one sees the other.
static int obstacle(struct reservations *all, const struct slot *mine, uint64_t name,
                    uint64_t owner, bool takes)
{
    unsigned of_owner = 0;

    for (int i = 0; i < RESERVATIONS_MAX; i++) {
        struct slot *slot = &all->slots[i];
        uint64_t other = atomic_load(&slot->name);

        if (slot == mine || other == 0)
            continue;
        if (atomic_load(&slot->owner) == owner)
            of_owner++;
        else if (other == name && (takes || atomic_load(&slot->takes)))
            return RESERVATION_TAKEN;
    }
    return of_owner < RESERVATIONS_PER_OWNER ? 0 : RESERVATION_FULL;
}

int reservations_hold(struct reservations *all, struct span name, struct span owner, bool takes)
{
    uint64_t now = clock_now_us(), name_hash = hash(all, name), owner_hash = hash(all, owner);

    for (int i = 0; i < RESERVATIONS_MAX; i++)
        clear_if_over(&all->slots[i], now);

    int i = claim(all);

    if (i < 0)
        return i;

    struct slot *mine = &all->slots[i];

    atomic_store(&mine->owner, owner_hash);
    atomic_store(&mine->takes, takes);
    atomic_store(&mine->name, name_hash);

    int problem = obstacle(all, mine, name_hash, owner_hash, takes);

    if (problem == 0)
        return i;
    clear(mine);
    return problem;
}

static void release(struct slot *slot, unsigned seconds)
{
    if (seconds == 0)
        clear(slot);
    else
        atomic_store(&slot->until, clock_now_us() + (uint64_t)seconds * 1000000);
}

void reservations_release(struct reservations *all, int slot, unsigned seconds)
{
    CHECK(slot >= 0 && slot < RESERVATIONS_MAX);
    release(&all->slots[slot], seconds);
}

void reservations_release_all(struct reservations *all, pid_t process, unsigned seconds)
{
    for (int i = 0; i < RESERVATIONS_MAX; i++) {
        struct slot *slot = &all->slots[i];

        if (atomic_load(&slot->holder) == (int32_t)process && atomic_load(&slot->until) == FOREVER)
            release(slot, atomic_load(&slot->name) != 0 ? seconds : 0);
    }
}
