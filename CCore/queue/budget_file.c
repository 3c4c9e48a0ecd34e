// budget_file.c — where a budget lives: memory of one process, or a file that several map.
//
// The file's lock is held while its first bytes are made and looked at, never afterwards. Its
// folder should be in memory (tmpfs): then no page of it is ever written to a disk, and the lane's
// stores never wait for one.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "budget_page.h"

enum { LOCK_TRIES = 200, LOCK_PAUSE_MS = 10 };

static nt_status make(uint32_t percent, nt_budget **out) {
    if (percent < 1 || percent > 100)
        return nt_fail(NT_INVALID, "a budget of %u %% of the venue's limits; 1 to 100", percent);
    nt_budget *budget = calloc(1, sizeof *budget);
    if (budget == NULL) return nt_fail(NT_NO_MEMORY, "a budget: no memory");
    budget->percent = percent;
    budget->user = NT_BUDGET_MAX_USERS;
    *out = budget;
    return NT_OK;
}

nt_status nt_budget_create(uint32_t percent, nt_budget **out) {
    nt_budget *budget = NULL;
    const nt_status status = make(percent, &budget);
    if (status != NT_OK) return status;
    budget->page = calloc(1, sizeof *budget->page);
    if (budget->page == NULL) {
        free(budget);
        return nt_fail(NT_NO_MEMORY, "a budget: no memory");
    }
    budget_join(budget, &budget->page->accounts[0]);
    *out = budget;
    return NT_OK;
}

// --- the file -----------------------------------------------------------------------------------

static nt_status failed(const char *path, const char *doing) {
    const nt_status status = errno == EACCES || errno == ELOOP ? NT_REFUSED : NT_IO;
    return nt_fail(status, "%s: %s: %s", path, doing, strerror(errno));
}

static nt_status lock(int file, const char *path) {
    const struct timespec pause = {.tv_nsec = LOCK_PAUSE_MS * 1000000};
    for (int i = 0; i < LOCK_TRIES; i++) {
        if (flock(file, LOCK_EX | LOCK_NB) == 0) return NT_OK;
        if (errno != EWOULDBLOCK && errno != EINTR) return failed(path, "cannot be locked");
        nanosleep(&pause, NULL);
    }
    return nt_fail(NT_BUSY, "%s: another process holds its lock", path);
}

static nt_status check_file(int file, const char *path, uint64_t *size) {
    struct stat found;
    if (fstat(file, &found) != 0) return failed(path, "cannot be looked at");
    if (!S_ISREG(found.st_mode)) return nt_fail(NT_REFUSED, "%s is no plain file", path);
    if (found.st_uid != geteuid())
        return nt_fail(NT_REFUSED, "%s belongs to user %u", path, found.st_uid);
    if ((found.st_mode & 077) != 0)
        return nt_fail(NT_REFUSED, "%s is open to other users; its mode must be 0600", path);
    *size = (uint64_t)found.st_size;
    return NT_OK;
}

static nt_status check_page(const budget_page *page, const char *path) {
    if (page->magic != BUDGET_MAGIC) return nt_fail(NT_CORRUPT, "%s is not a budget", path);
    if (page->version != BUDGET_VERSION || page->size != sizeof *page)
        return nt_fail(NT_VERSION, "%s is of version %u; this program knows version %u", path,
                       page->version, BUDGET_VERSION);
    return NT_OK;
}

/// An empty file, or one whose making was cut short, is made; `magic` last.
static nt_status prepare(budget_page *page, const char *path, uint64_t size) {
    if (page->magic != 0 || size != sizeof *page) return check_page(page, path);
    page->version = BUDGET_VERSION;
    page->size = sizeof *page;
    // A death between two stores finds them in order; for others the file's lock orders them.
    atomic_signal_fence(memory_order_release);
    page->magic = BUDGET_MAGIC;
    return NT_OK;
}

/// Under the lock.
static nt_status map(int file, const char *path, budget_page **out) {
    uint64_t size = 0;
    nt_status status = check_file(file, path, &size);
    if (status != NT_OK) return status;
    if (size == 0) {
        size = sizeof **out;
        if (ftruncate(file, (off_t)size) != 0) return failed(path, "cannot be made");
    }
    // Another size: the head says why, and nothing behind it is touched.
    if (size < sizeof **out) return nt_fail(NT_CORRUPT, "%s is not a budget: too short", path);
    void *page =
        mmap(NULL, sizeof **out, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, file, 0);
    if (page == MAP_FAILED) return failed(path, "cannot be mapped");
    status = prepare(page, path, size);
    if (status != NT_OK)
        munmap(page, sizeof **out);
    else
        *out = page;
    return status;
}

static nt_status open_page(const char *path, budget_page **out) {
    const int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (file < 0) return failed(path, "cannot be opened");
    nt_status status = lock(file, path);
    if (status == NT_OK) status = map(file, path, out);
    (void)flock(file, LOCK_UN); // The mapping keeps the file open, and the lock with it.
    close(file);
    return status;
}

// --- who uses it --------------------------------------------------------------------------------

static budget_account *find_account(budget_page *page, uint64_t mark) {
    for (uint32_t i = 0; i < BUDGET_ACCOUNTS; i++) {
        uint64_t found = 0;
        // Relaxed: the windows behind it are right from the beginning.
        if (atomic_compare_exchange_strong_explicit(&page->accounts[i].mark, &found, mark,
                                                    memory_order_relaxed, memory_order_relaxed) ||
            found == mark)
            return &page->accounts[i];
    }
    return NULL;
}

static bool is_dead(uint32_t user) {
    return user > INT32_MAX || (kill((pid_t)user, 0) != 0 && errno == ESRCH);
}

static void sign_in(nt_budget *budget) {
    const uint32_t own = (uint32_t)getpid();
    for (uint32_t i = 0; i < NT_BUDGET_MAX_USERS; i++) {
        _Atomic uint32_t *place = &budget->page->users[i];
        uint32_t found = atomic_load_explicit(place, memory_order_relaxed);
        if (found != 0 && !is_dead(found)) continue;
        if (!atomic_compare_exchange_strong_explicit(place, &found, own, memory_order_relaxed,
                                                     memory_order_relaxed))
            continue;
        budget->user = i;
        return;
    }
}

nt_status nt_budget_open(const char *path, uint64_t account, uint32_t percent, nt_budget **out) {
    nt_budget *budget = NULL;
    nt_status status = make(percent, &budget);
    if (status != NT_OK) return status;
    status = open_page(path, &budget->page);
    if (status != NT_OK) {
        free(budget);
        return status;
    }
    budget->mapped = true;
    budget_account *own = find_account(budget->page, account != 0 ? account : 1);
    if (own == NULL) {
        nt_budget_close(budget);
        return nt_fail(NT_FULL, "%s holds %u accounts; stop all bots and delete it", path,
                       BUDGET_ACCOUNTS);
    }
    budget_join(budget, own);
    sign_in(budget);
    *out = budget;
    return NT_OK;
}

void nt_budget_close(nt_budget *budget) {
    if (budget == NULL) return;
    if (budget->user < NT_BUDGET_MAX_USERS)
        atomic_store_explicit(&budget->page->users[budget->user], 0, memory_order_relaxed);
    if (budget->mapped)
        munmap(budget->page, sizeof *budget->page);
    else
        free(budget->page);
    free(budget);
}
