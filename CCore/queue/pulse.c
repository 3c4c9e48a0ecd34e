// pulse.c — the shared page, and the locks that say who lives.
//
// The locks are those of open file descriptions (fcntl(2), F_OFD_SETLK), one byte for each side:
// they end with the process, need no process id that could be somebody else's by now, and can be
// asked for without being taken. What a side says of itself is one word, so that it is always
// whole; every access is relaxed, because no word orders another one.
#include "nt/pulse.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "nt/spsc.h"
#include "nt/types.h"

#define PULSE_MAGIC   UINT64_C(0x45534c5550544e01)
#define PULSE_VERSION 1u
#define RUN_MASK      0xffffu

/// One side's, written by itself; `word` also by whoever settles it.
typedef struct pulse_side {
    _Alignas(NT_CACHE_PAIR) _Atomic uint64_t word; ///< pid, run, state: word_of.
    _Alignas(NT_CACHE_PAIR) _Atomic uint64_t turns;
    _Atomic int64_t stamp_ns;
} pulse_side;

typedef struct pulse_page {
    _Atomic uint64_t magic;
    uint32_t version, size;
    pulse_side sides[NT_PULSE_SIDES];
    _Alignas(NT_CACHE_PAIR) _Atomic uint32_t strikes; ///< The guard's.
} pulse_page;

struct nt_pulse {
    pulse_page *page;
    int file;
    nt_pulse_side side; ///< NT_PULSE_SIDES = none.
    uint32_t strikes;   ///< Seen by the lane.
};

static uint64_t word_of(uint32_t pid, uint32_t run, nt_pulse_state state) {
    return (uint64_t)pid << 32 | (uint64_t)(run & RUN_MASK) << 16 | state;
}

static uint32_t pid_of(uint64_t word) { return (uint32_t)(word >> 32); }
static uint32_t run_of(uint64_t word) { return (uint32_t)(word >> 16) & RUN_MASK; }
static nt_pulse_state state_of(uint64_t word) { return (nt_pulse_state)(word & 0xff); }

// --- the file -----------------------------------------------------------------------------------

static nt_status failed(const char *path, const char *doing) {
    const nt_status status = errno == EACCES || errno == ELOOP ? NT_REFUSED : NT_IO;
    return nt_fail(status, "%s: %s: %s", path, doing, strerror(errno));
}

/// Two that make it at once give it the same size and the same first bytes.
static nt_status prepare(int file, const char *path) {
    struct stat found;
    if (fstat(file, &found) != 0) return failed(path, "cannot be looked at");
    if (!S_ISREG(found.st_mode)) return nt_fail(NT_REFUSED, "%s is no plain file", path);
    if (found.st_uid != geteuid())
        return nt_fail(NT_REFUSED, "%s belongs to user %u", path, found.st_uid);
    if ((found.st_mode & 077) != 0)
        return nt_fail(NT_REFUSED, "%s is open to other users; its mode must be 0600", path);
    if (found.st_size == 0) {
        if (ftruncate(file, sizeof(pulse_page)) != 0) return failed(path, "cannot be made");
    } else if (found.st_size != sizeof(pulse_page)) {
        return nt_fail(NT_CORRUPT, "%s is not a pulse: %lld bytes", path, (long long)found.st_size);
    }
    // A page that the disk has no room for would end the process at its first store.
    const int status = posix_fallocate(file, 0, sizeof(pulse_page));
    if (status != 0) return nt_fail(NT_IO, "%s: no room: %s", path, strerror(status));
    return NT_OK;
}

static nt_status check_page(pulse_page *page, const char *path) {
    uint64_t magic = 0;
    if (atomic_compare_exchange_strong_explicit(&page->magic, &magic, PULSE_MAGIC,
                                                memory_order_relaxed, memory_order_relaxed)) {
        page->version = PULSE_VERSION;
        page->size = sizeof *page;
        return NT_OK;
    }
    if (magic != PULSE_MAGIC) return nt_fail(NT_CORRUPT, "%s is not a pulse", path);
    // Zero: another process is just writing it.
    if (page->version != 0 && page->version != PULSE_VERSION)
        return nt_fail(NT_VERSION, "%s is of version %u; this program knows version %u", path,
                       page->version, PULSE_VERSION);
    return NT_OK;
}

static nt_status map(nt_pulse *pulse, const char *path) {
    pulse->file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (pulse->file < 0) return failed(path, "cannot be opened");
    nt_status status = prepare(pulse->file, path);
    if (status != NT_OK) return status;
    void *page = mmap(NULL, sizeof *pulse->page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
                      pulse->file, 0);
    if (page == MAP_FAILED) return failed(path, "cannot be mapped");
    pulse->page = page;
    return check_page(pulse->page, path);
}

nt_status nt_pulse_open(const char *path, nt_pulse **out) {
    nt_pulse *pulse = calloc(1, sizeof *pulse);
    if (pulse == NULL) return nt_fail(NT_NO_MEMORY, "a pulse: no memory");
    pulse->file = -1;
    pulse->side = NT_PULSE_SIDES;
    const nt_status status = map(pulse, path);
    if (status != NT_OK) {
        nt_pulse_close(pulse);
        return status;
    }
    *out = pulse;
    return NT_OK;
}

// --- one side -----------------------------------------------------------------------------------

static pulse_side *own(const nt_pulse *pulse) {
    NT_ASSERT(pulse->side < NT_PULSE_SIDES);
    return &pulse->page->sides[pulse->side];
}

/// The states of one side are set by one thread after another, never by two at once.
static void say(nt_pulse *pulse, nt_pulse_state state) {
    pulse_side *side = own(pulse);
    const uint64_t word = atomic_load_explicit(&side->word, memory_order_relaxed);
    atomic_store_explicit(&side->word, word_of(pid_of(word), run_of(word), state),
                          memory_order_relaxed);
}

static struct flock lock_of(nt_pulse_side side) {
    return (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = side, .l_len = 1};
}

nt_status nt_pulse_hold(nt_pulse *pulse, nt_pulse_side side) {
    NT_ASSERT(pulse->side == NT_PULSE_SIDES && side < NT_PULSE_SIDES);
    struct flock lock = lock_of(side);
    if (fcntl(pulse->file, F_OFD_SETLK, &lock) != 0) {
        const bool taken = errno == EAGAIN || errno == EACCES;
        return nt_fail(taken ? NT_LOCKED : NT_IO, "the pulse: %s",
                       taken ? "held by another process" : strerror(errno));
    }
    pulse->side = side;
    pulse_side *place = own(pulse);
    const uint64_t before = atomic_load_explicit(&place->word, memory_order_relaxed);
    atomic_store_explicit(&place->word,
                          word_of((uint32_t)getpid(), run_of(before) + 1, NT_PULSE_STARTING),
                          memory_order_relaxed);
    pulse->strikes = atomic_load_explicit(&pulse->page->strikes, memory_order_relaxed);
    return NT_OK;
}

void nt_pulse_begin(nt_pulse *pulse, int64_t now_ns) {
    nt_pulse_beat(pulse, now_ns);
    say(pulse, NT_PULSE_UP);
}

void nt_pulse_beat(nt_pulse *pulse, int64_t now_ns) {
    pulse_side *side = own(pulse);
    // One writer.
    const uint64_t turns = atomic_load_explicit(&side->turns, memory_order_relaxed);
    atomic_store_explicit(&side->turns, turns + 1, memory_order_relaxed);
    atomic_store_explicit(&side->stamp_ns, now_ns, memory_order_relaxed);
}

void nt_pulse_end(nt_pulse *pulse, bool clean) {
    say(pulse, clean ? NT_PULSE_ENDED : NT_PULSE_FAILED);
}

static void let_go(nt_pulse *pulse) {
    if (pulse->side >= NT_PULSE_SIDES) return;
    const uint64_t word = atomic_load_explicit(&own(pulse)->word, memory_order_relaxed);
    // A start that came to nothing sent nothing.
    if (state_of(word) == NT_PULSE_STARTING) say(pulse, NT_PULSE_ENDED);
}

void nt_pulse_close(nt_pulse *pulse) {
    if (pulse == NULL) return;
    if (pulse->page != NULL) {
        let_go(pulse);
        munmap(pulse->page, sizeof *pulse->page);
    }
    if (pulse->file >= 0) close(pulse->file); // The lock goes with it.
    free(pulse);
}

nt_pulse_view nt_pulse_look(const nt_pulse *pulse, nt_pulse_side side) {
    const pulse_side *place = &pulse->page->sides[side];
    // The word first: one that lives now had said at least this.
    const uint64_t word = atomic_load_explicit(&place->word, memory_order_relaxed);
    struct flock lock = lock_of(side);
    // Its own lock never stands in its way: it is alive who asks. A kernel that cannot tell leaves
    // it alive; the turns still tell.
    const bool alive = pulse->side == side || fcntl(pulse->file, F_OFD_GETLK, &lock) != 0 ||
                       lock.l_type != F_UNLCK;
    return (nt_pulse_view){
        .alive = alive,
        .state = state_of(word),
        .pid = pid_of(word),
        .run = run_of(word),
        .turns = atomic_load_explicit(&place->turns, memory_order_relaxed),
        .stamp_ns = atomic_load_explicit(&place->stamp_ns, memory_order_relaxed),
    };
}

// --- the guard ----------------------------------------------------------------------------------

void nt_pulse_strike(nt_pulse *pulse) {
    atomic_fetch_add_explicit(&pulse->page->strikes, 1, memory_order_relaxed);
}

bool nt_pulse_is_struck(const nt_pulse *pulse) {
    return atomic_load_explicit(&pulse->page->strikes, memory_order_relaxed) != pulse->strikes;
}

bool nt_pulse_take_strike(nt_pulse *pulse) {
    const uint32_t strikes = atomic_load_explicit(&pulse->page->strikes, memory_order_relaxed);
    if (__builtin_expect(strikes == pulse->strikes, 1)) return false;
    pulse->strikes = strikes;
    return true;
}

void nt_pulse_settle(nt_pulse *pulse, uint32_t run) {
    _Atomic uint64_t *word = &pulse->page->sides[NT_PULSE_BOT].word;
    uint64_t found = atomic_load_explicit(word, memory_order_relaxed);
    if (run_of(found) != run || state_of(found) == NT_PULSE_ENDED) return;
    const uint64_t settled = word_of(pid_of(found), run, NT_PULSE_SETTLED);
    (void)atomic_compare_exchange_strong_explicit(word, &found, settled, memory_order_relaxed,
                                                  memory_order_relaxed);
}

nt_status nt_pulse_kill(nt_pulse *pulse, uint32_t run) {
    const nt_pulse_view before = nt_pulse_look(pulse, NT_PULSE_BOT);
    if (!before.alive || before.run != run) return nt_fail(NT_NOT_FOUND, "the bot is gone");
    const int process = (int)syscall(SYS_pidfd_open, before.pid, 0);
    if (process < 0)
        return nt_fail(errno == ESRCH ? NT_NOT_FOUND : NT_IO, "process %u: %s", before.pid,
                       strerror(errno));
    // Opened, the process stays the same one: if the bot still lives now, it is this one.
    const nt_pulse_view now = nt_pulse_look(pulse, NT_PULSE_BOT);
    nt_status status = NT_OK;
    if (!now.alive || now.run != run)
        status = nt_fail(NT_NOT_FOUND, "the bot is gone");
    else if (syscall(SYS_pidfd_send_signal, process, SIGKILL, NULL, 0) != 0)
        status = nt_fail(errno == ESRCH ? NT_NOT_FOUND : NT_IO, "process %u: %s", now.pid,
                         strerror(errno));
    close(process);
    return status;
}
