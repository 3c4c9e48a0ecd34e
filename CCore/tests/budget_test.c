#include "nt/budget.h"

#include <fcntl.h>
#include <sys/wait.h>

#include "nt/random.h"
#include "temporary.h"
#include "test.h"

#define NOW INT64_C(1700000000000)

static nt_budget *fresh(int64_t weight) {
    nt_budget *budget = NULL;
    NT_ASSERT(nt_budget_create(100, &budget) == NT_OK);
    nt_budget_set_limit(budget, NT_BUDGET_WEIGHT, weight, 60000);
    return budget;
}

static bool takes(nt_budget *budget, nt_budget_class who, uint32_t weight, int64_t now) {
    nt_budget_refusal why;
    return nt_budget_take(budget, who, weight, 0, now, &why) == NT_OK;
}

static int64_t used(const nt_budget *budget, int64_t now) {
    return nt_budget_look(budget, now).uses[NT_BUDGET_WEIGHT].used;
}

TEST(budget, each_class_has_its_part_and_cancels_have_the_rest) {
    nt_budget *budget = fresh(1000);
    EXPECT(takes(budget, NT_BUDGET_READ, 800, NOW));
    EXPECT(!takes(budget, NT_BUDGET_READ, 1, NOW));
    EXPECT(takes(budget, NT_BUDGET_ORDER, 100, NOW));
    EXPECT(!takes(budget, NT_BUDGET_ORDER, 1, NOW));
    EXPECT(takes(budget, NT_BUDGET_QUERY, 50, NOW));
    EXPECT(!takes(budget, NT_BUDGET_QUERY, 1, NOW));
    EXPECT(takes(budget, NT_BUDGET_CANCEL, 50, NOW));
    EXPECT(!takes(budget, NT_BUDGET_CANCEL, 1, NOW));
    EXPECT_EQ(used(budget, NOW), 1000);
    nt_budget_close(budget);
}

TEST(budget, our_share_bounds_all_but_cancels) {
    nt_budget *budget = NULL;
    EXPECT_EQ(nt_budget_create(50, &budget), NT_OK);
    nt_budget_set_limit(budget, NT_BUDGET_WEIGHT, 1000, 60000);
    EXPECT(!takes(budget, NT_BUDGET_READ, 401, NOW));
    EXPECT(takes(budget, NT_BUDGET_READ, 400, NOW));
    EXPECT_EQ(nt_budget_look(budget, NOW).uses[NT_BUDGET_WEIGHT].most, 450);
    EXPECT(takes(budget, NT_BUDGET_CANCEL, 600, NOW));
    nt_budget_close(budget);
    EXPECT_EQ(nt_budget_create(0, &budget), NT_INVALID);
    EXPECT_EQ(nt_budget_create(101, &budget), NT_INVALID);
}

TEST(budget, says_why_and_when_it_is_worth_trying_again) {
    nt_budget *budget = fresh(100);
    nt_budget_refusal why;
    const int64_t first = NOW / 10000 * 10000; // Beginning of a slice.
    EXPECT(takes(budget, NT_BUDGET_CANCEL, 60, first));
    EXPECT(takes(budget, NT_BUDGET_CANCEL, 40, first + 25000));
    EXPECT_EQ(nt_budget_take(budget, NT_BUDGET_CANCEL, 30, 0, first + 25000, &why), NT_BUSY);
    EXPECT_EQ(why.limit, NT_BUDGET_WEIGHT);
    EXPECT_EQ(why.value, 130);
    EXPECT_EQ(why.most, 100);
    EXPECT_EQ(why.until_ms, first + 70000);
    EXPECT(!takes(budget, NT_BUDGET_CANCEL, 30, why.until_ms - 1));
    EXPECT(takes(budget, NT_BUDGET_CANCEL, 30, why.until_ms));
    // More than a window allows at all.
    EXPECT_EQ(nt_budget_take(budget, NT_BUDGET_CANCEL, 101, 0, NOW + 300000, &why), NT_BUSY);
    EXPECT_EQ(why.until_ms, NOW + 360000);
    nt_budget_close(budget);
}

TEST(budget, orders_have_limits_of_their_own_and_a_refused_one_takes_nothing) {
    nt_budget *budget = fresh(1000);
    nt_budget_refusal why;
    nt_budget_set_limit(budget, NT_BUDGET_ORDERS, 10, 10000);
    nt_budget_set_limit(budget, NT_BUDGET_ORDERS_DAY, 20, 86400000);
    for (int i = 0; i < 9; i++)
        EXPECT_EQ(nt_budget_take(budget, NT_BUDGET_ORDER, 1, 1, NOW, &why), NT_OK);
    EXPECT_EQ(nt_budget_take(budget, NT_BUDGET_ORDER, 1, 1, NOW, &why), NT_BUSY);
    EXPECT_EQ(why.limit, NT_BUDGET_ORDERS);
    EXPECT_EQ(nt_budget_take(budget, NT_BUDGET_CANCEL, 1, 1, NOW, &why), NT_OK); // An exit.
    EXPECT_EQ(nt_budget_take(budget, NT_BUDGET_CANCEL, 1, 1, NOW, &why), NT_BUSY);
    EXPECT(takes(budget, NT_BUDGET_CANCEL, 1, NOW)); // A cancel is no order.
    EXPECT_EQ(used(budget, NOW), 11);
    for (int i = 0; i < 8; i++)
        EXPECT_EQ(nt_budget_take(budget, NT_BUDGET_ORDER, 1, 1, NOW + 20000, &why), NT_OK);
    EXPECT_EQ(nt_budget_take(budget, NT_BUDGET_ORDER, 1, 1, NOW + 20000, &why), NT_BUSY);
    EXPECT_EQ(why.limit, NT_BUDGET_ORDERS_DAY);
    const nt_budget_view view = nt_budget_look(budget, NOW + 20000);
    EXPECT_EQ(view.uses[NT_BUDGET_ORDERS].used, 8);
    EXPECT_EQ(view.uses[NT_BUDGET_ORDERS_DAY].used, 18);
    EXPECT_EQ(view.uses[NT_BUDGET_WEIGHT].used, 19);
    nt_budget_close(budget);
}

TEST(budget, the_venue_is_believed_when_it_states_more) {
    nt_budget *budget = fresh(1000);
    EXPECT(takes(budget, NT_BUDGET_READ, 100, NOW));
    nt_budget_observe(budget, NT_BUDGET_WEIGHT, 40, 0, NOW + 5);
    EXPECT_EQ(used(budget, NOW + 5), 100);
    nt_budget_observe(budget, NT_BUDGET_WEIGHT, 950, 0, NOW + 5);
    EXPECT_EQ(used(budget, NOW + 5), 950);
    EXPECT(!takes(budget, NT_BUDGET_ORDER, 1, NOW + 6));
    EXPECT(takes(budget, NT_BUDGET_CANCEL, 50, NOW + 6));
    nt_budget_observe(budget, NT_BUDGET_WEIGHT, INT64_MAX, 0, NOW + 7);
    EXPECT(!takes(budget, NT_BUDGET_CANCEL, 1, NOW + 8));
    EXPECT(takes(budget, NT_BUDGET_CANCEL, 1, NOW + 71000));
    nt_budget_close(budget);
}

TEST(budget, takes_the_limit_that_the_venue_states_and_no_nonsense) {
    nt_budget *budget = NULL;
    EXPECT_EQ(nt_budget_create(100, &budget), NT_OK);
    EXPECT_EQ(nt_budget_look(budget, NOW).uses[NT_BUDGET_WEIGHT].limit, 1200);
    EXPECT_EQ(nt_budget_look(budget, NOW).uses[NT_BUDGET_ORDERS].limit, 50);
    nt_budget_set_limit(budget, NT_BUDGET_WEIGHT, 6000, 60000);
    nt_budget_set_limit(budget, NT_BUDGET_WEIGHT, 0, 60000);
    nt_budget_set_limit(budget, NT_BUDGET_WEIGHT, -5, 60000);
    nt_budget_set_limit(budget, NT_BUDGET_WEIGHT, INT64_MAX, 60000);
    nt_budget_set_limit(budget, NT_BUDGET_WEIGHT, 100, 0);
    nt_budget_set_limit(budget, NT_BUDGET_WEIGHT, 100, INT64_MAX);
    nt_budget_set_limit(budget, NT_BUDGET_LIMIT_COUNT, 100, 60000);
    EXPECT_EQ(nt_budget_look(budget, NOW).uses[NT_BUDGET_WEIGHT].limit, 6000);
    nt_budget_observe(budget, NT_BUDGET_WEIGHT, 0, 4000, NOW);
    EXPECT_EQ(nt_budget_look(budget, NOW).uses[NT_BUDGET_WEIGHT].limit, 4000);
    nt_budget_observe(budget, NT_BUDGET_LIMIT_COUNT, 9, 9, NOW);
    nt_budget_close(budget);
}

TEST(budget, a_silence_holds_for_all_and_is_not_shortened) {
    nt_budget *budget = fresh(1000);
    nt_budget_refusal why;
    nt_budget_block(budget, NOW + 5000, false, NOW);
    nt_budget_block(budget, NOW + 3000, true, NOW);
    EXPECT_EQ(nt_budget_take(budget, NT_BUDGET_CANCEL, 1, 0, NOW + 4999, &why), NT_BUSY);
    EXPECT_EQ(why.limit, NT_BUDGET_LIMIT_COUNT);
    EXPECT_EQ(why.value, NOW + 4999);
    EXPECT_EQ(why.most, NOW + 5000);
    EXPECT_EQ(why.until_ms, NOW + 5000);
    EXPECT_EQ(nt_budget_banned_until(budget, NOW), NOW + 3000);
    EXPECT_EQ(nt_budget_banned_until(budget, NOW + 3000), 0);
    EXPECT(takes(budget, NT_BUDGET_CANCEL, 1, NOW + 5000));
    EXPECT_EQ(nt_budget_look(budget, NOW + 5000).blocked_until_ms, 0);
    nt_budget_block(budget, INT64_MAX, true, NOW);
    EXPECT_EQ(nt_budget_banned_until(budget, NOW), NOW + NT_BUDGET_LONGEST_BLOCK_MS);
    nt_budget_block(budget, NOW - 1, true, NOW);
    EXPECT_EQ(nt_budget_banned_until(budget, NOW), NOW + NT_BUDGET_LONGEST_BLOCK_MS);
    nt_budget_close(budget);
}

TEST(budget, survives_a_clock_that_is_set) {
    nt_budget *budget = fresh(1000);
    EXPECT(takes(budget, NT_BUDGET_CANCEL, 700, NOW));
    // Back a little: what was used still counts.
    EXPECT(!takes(budget, NT_BUDGET_CANCEL, 400, NOW - 30000));
    EXPECT(takes(budget, NT_BUDGET_CANCEL, 300, NOW - 30000));
    // Far away: it has nothing to do with that time.
    EXPECT_EQ(used(budget, NOW - 7200000), 0);
    EXPECT(takes(budget, NT_BUDGET_CANCEL, 1000, NOW - 7200000));
    EXPECT(!takes(budget, NT_BUDGET_CANCEL, 1, NOW - 7200000));
    nt_budget_block(budget, NOW + 1000, false, NOW);
    EXPECT_EQ(nt_budget_look(budget, NOW - 4 * 86400000).blocked_until_ms, 0);
    EXPECT(takes(budget, NT_BUDGET_CANCEL, 1, -5));
    nt_budget_close(budget);
}

// --- a venue that counts by its own clock -----------------------------------------------------

typedef struct {
    int64_t minute, count, worst;
} venue_count;

static void venue_counts(venue_count *venue, int64_t weight, int64_t venue_ms) {
    if (venue_ms / 60000 != venue->minute)
        *venue = (venue_count){venue_ms / 60000, 0, venue->worst};
    venue->count += weight;
    if (venue->count > venue->worst) venue->worst = venue->count;
}

/// Requests arrive up to `delay_ms` late, in order; the venue's clock differs by `skew_ms`.
static void never_exceeds(uint64_t seed, int64_t skew_ms, int64_t delay_ms) {
    nt_random random = nt_random_seeded(seed);
    nt_budget *budget = fresh(600);
    venue_count venue = {0};
    int64_t now = NOW, arrived = NOW;
    uint32_t granted[NT_BUDGET_CLASS_COUNT] = {0}, refused_cancels = 0;
    for (int i = 0; i < 20000; i++) {
        now += (int64_t)nt_random_below(&random, i % 1000 < 500 ? 200 : 4);
        const nt_budget_class who = (nt_budget_class)nt_random_below(&random, 4);
        const uint32_t weight =
            who == NT_BUDGET_CANCEL ? 1 : 1 + (uint32_t)nt_random_below(&random, 20);
        // Cancels are rare and reads greedy, as in life.
        if (who == NT_BUDGET_CANCEL && i % 64 != 0) continue;
        if (!takes(budget, who, weight, now)) {
            refused_cancels += who == NT_BUDGET_CANCEL;
            continue;
        }
        granted[who]++;
        const int64_t arrives =
            now + skew_ms + (int64_t)nt_random_below(&random, (uint64_t)delay_ms);
        if (arrives > arrived) arrived = arrives;
        venue_counts(&venue, weight, arrived);
        if (nt_random_below(&random, 8) == 0)
            nt_budget_observe(budget, NT_BUDGET_WEIGHT, venue.count, 600, now);
    }
    EXPECT(venue.worst <= 600);
    EXPECT(venue.worst > 400); // It was a squeeze.
    EXPECT_EQ(refused_cancels, 0);
    for (int i = 0; i < NT_BUDGET_CLASS_COUNT; i++) EXPECT(granted[i] > 0);
    nt_budget_close(budget);
}

TEST(budget, never_exceeds_what_a_venue_counts_whatever_its_clock_and_the_way) {
    for (uint64_t seed = 1; seed <= 20; seed++) {
        never_exceeds(seed, 0, 1);
        never_exceeds(seed, -4000, 3000);
        never_exceeds(seed, 2500, 7000);
        never_exceeds(seed, (int64_t)(seed * 3001), 5000); // Minutes that begin anywhere.
    }
}

// --- the file -----------------------------------------------------------------------------------

typedef struct {
    char folder[TEMPORARY_PATH], path[TEMPORARY_PATH + 16];
} place;

static place fresh_place(void) {
    place at;
    NT_ASSERT(make_temporary(at.folder));
    snprintf(at.path, sizeof at.path, "%s/budget", at.folder);
    return at;
}

static nt_budget *opened(const place *at, uint64_t account) {
    nt_budget *budget = NULL;
    NT_ASSERT(nt_budget_open(at->path, account, 100, &budget) == NT_OK);
    return budget;
}

TEST(budget, who_opens_the_same_file_shares_weight_and_silence_but_orders_only_by_account) {
    const place at = fresh_place();
    nt_budget_refusal why;
    nt_budget *one = opened(&at, 1), *same = opened(&at, 1), *other = opened(&at, 2);
    nt_budget_set_limit(one, NT_BUDGET_ORDERS, 2, 10000);
    nt_budget_set_limit(other, NT_BUDGET_ORDERS, 2, 10000);
    EXPECT_EQ(nt_budget_take(one, NT_BUDGET_CANCEL, 3, 2, NOW, &why), NT_OK);
    EXPECT_EQ(nt_budget_take(same, NT_BUDGET_CANCEL, 3, 1, NOW, &why), NT_BUSY);
    EXPECT_EQ(nt_budget_take(other, NT_BUDGET_CANCEL, 4, 2, NOW, &why), NT_OK);
    EXPECT_EQ(used(same, NOW), 7);
    nt_budget_block(other, NOW + 10, true, NOW);
    EXPECT(!takes(one, NT_BUDGET_CANCEL, 1, NOW));
    EXPECT_EQ(nt_budget_banned_until(same, NOW), NOW + 10);
    nt_budget_close(one);
    nt_budget_close(same);
    nt_budget_close(other);
    nt_budget *later = opened(&at, 1); // What was counted stays, until its time is over.
    EXPECT_EQ(used(later, NOW), 7);
    EXPECT_EQ(used(later, NOW + 70000), 0);
    nt_budget_close(later);
    remove_temporary(at.folder);
}

/// A child that takes as much as it gets and dies without a word; returns how much.
static int greedy_child(const place *at) {
    const pid_t child = fork();
    if (child == 0) {
        nt_budget *budget = NULL;
        int got = 0;
        if (nt_budget_open(at->path, 1, 100, &budget) != NT_OK) _exit(255);
        while (got < 200 && takes(budget, NT_BUDGET_READ, 1, NOW)) got++;
        _exit(got);
    }
    int status = 0;
    NT_ASSERT(waitpid(child, &status, 0) == child && WIFEXITED(status));
    return WEXITSTATUS(status);
}

TEST(budget, two_processes_together_take_what_one_may) {
    const place at = fresh_place();
    nt_budget *budget = opened(&at, 1);
    nt_budget_set_limit(budget, NT_BUDGET_WEIGHT, 100, 60000);
    EXPECT(takes(budget, NT_BUDGET_READ, 30, NOW));
    EXPECT_EQ(greedy_child(&at), 50);
    EXPECT_EQ(greedy_child(&at), 0);
    EXPECT(!takes(budget, NT_BUDGET_READ, 1, NOW));
    EXPECT(takes(budget, NT_BUDGET_CANCEL, 20, NOW));
    const nt_budget_view view = nt_budget_look(budget, NOW);
    EXPECT_EQ(view.user_count, 1); // The dead are not listed.
    EXPECT_EQ(view.users[0], (uint32_t)getpid());
    nt_budget_close(budget);
    remove_temporary(at.folder);
}

static void write_file(const place *at, const void *bytes, size_t length, mode_t mode) {
    const int file = open(at->path, O_CREAT | O_TRUNC | O_WRONLY, mode);
    EXPECT(file >= 0 && write(file, bytes, length) == (ssize_t)length);
    EXPECT(fchmod(file, mode) == 0);
    close(file);
}

TEST(budget, refuses_a_file_that_is_no_budget_or_not_ours_alone_and_leaves_it_alone) {
    static uint8_t bytes[65536];
    const place at = fresh_place();
    nt_budget *budget = NULL;
    memset(bytes, 'x', sizeof bytes);
    write_file(&at, bytes, sizeof bytes, 0600);
    EXPECT_EQ(nt_budget_open(at.path, 1, 90, &budget), NT_CORRUPT);
    write_file(&at, bytes, 5, 0600);
    EXPECT_EQ(nt_budget_open(at.path, 1, 90, &budget), NT_CORRUPT);
    memcpy(bytes, "TBUDGET1\x09", 9);
    write_file(&at, bytes, sizeof bytes, 0600);
    EXPECT_EQ(nt_budget_open(at.path, 1, 90, &budget), NT_VERSION);
    write_file(&at, "", 0, 0660);
    EXPECT_EQ(nt_budget_open(at.path, 1, 90, &budget), NT_REFUSED);
    EXPECT(unlink(at.path) == 0 && symlink("elsewhere", at.path) == 0);
    EXPECT_EQ(nt_budget_open(at.path, 1, 90, &budget), NT_REFUSED);
    EXPECT(unlink(at.path) == 0 && mkfifo(at.path, 0600) == 0);
    EXPECT_EQ(nt_budget_open(at.path, 1, 90, &budget), NT_REFUSED);
    EXPECT_EQ(nt_budget_open("/proc/none/budget", 1, 90, &budget), NT_IO);
    EXPECT(budget == NULL);
    remove_temporary(at.folder);
}

TEST(budget, makes_what_a_dead_process_left_half_made_and_heals_words_that_make_no_sense) {
    const place at = fresh_place();
    nt_budget_close(opened(&at, 1));
    struct stat made;
    EXPECT(stat(at.path, &made) == 0);
    EXPECT_EQ(made.st_mode & 0777, 0600);
    EXPECT(truncate(at.path, 0) == 0 && truncate(at.path, made.st_size) == 0);
    nt_budget *budget = opened(&at, 1);
    nt_budget_close(budget);
    // Everything behind the head at random.
    nt_random random = nt_random_seeded(3);
    for (int round = 0; round < 50; round++) {
        const int file = open(at.path, O_WRONLY);
        for (off_t at_byte = 16; at_byte < made.st_size; at_byte += 8) {
            const uint64_t word = nt_random_next(&random);
            EXPECT(pwrite(file, &word, 8, at_byte) == 8);
        }
        const uint64_t own = 1;
        EXPECT(pwrite(file, &own, 8, 16 + 16 + 72) == 8); // The first account's mark.
        close(file);
        budget = opened(&at, 1);
        EXPECT(used(budget, NOW) >= 0);
        EXPECT(takes(budget, NT_BUDGET_CANCEL, 1, NOW));
        nt_budget_close(budget);
    }
    remove_temporary(at.folder);
}

TEST(budget, a_file_full_of_accounts_says_so) {
    const place at = fresh_place();
    nt_budget *budget = NULL;
    for (uint64_t account = 1; account <= 64; account++) nt_budget_close(opened(&at, account));
    EXPECT_EQ(nt_budget_open(at.path, 65, 90, &budget), NT_FULL);
    nt_budget_close(opened(&at, 64));
    remove_temporary(at.folder);
}
