// journal_crash_test.c — the power fails at every point of a run, and the disk keeps what it
// likes of what was not synced. Whatever it is, the journal opens, and what was reported durable is
// there.
//
// Small traces are explored in full where the combinations are few enough, else by sampling.
// NEEDLETAIL_CRASH_IMAGES=N draws N images at each point of the long traces instead of a few.
#include "crash_disk.h"
#include "journal_support.h"

enum {
    FULL_LIMIT = 20000, ///< Combinations of one point that are all tried.
    FEW_DRAWS = 12,
};

typedef struct {
    uint64_t images, exhausted, points, lost, refused, wrong;
} tally;

/// A run being recorded.
typedef struct {
    crash_disk *disk;
    nt_journal *journal; ///< NULL between two lives.
    crash_progress progress;
} recording;

static crash_progress look(void *context) {
    recording *run = context;
    if (run->journal != NULL) {
        const uint64_t durable = nt_journal_durable(run->journal);
        // A start takes back what was handed over and raises the mark again.
        if (durable > run->progress.durable) run->progress.durable = durable;
        run->progress.appended = nt_journal_sequence(run->journal);
    }
    return run->progress;
}

static nt_journal_config crash_config(nt_files files) {
    return (nt_journal_config){
        .directory = "j",
        .ring_bytes = SMALL_RING,
        .segment_bytes = SMALL_SEGMENT,
        .account = {1, 2, 3},
        .files = files,
        .clock = nt_clock_manual(&test_time),
        .inline_drain = true,
    };
}

/// One life: appends `count` records, `group` at a time between two drains.
static bool live(recording *run, uint64_t count, uint64_t group) {
    const nt_journal_config config = crash_config(crash_disk_files(run->disk));
    if (nt_journal_open(&config, NULL, NULL, NULL, &run->journal) != NT_OK) return false;
    bool good = true;
    for (uint64_t i = 0; good && i < count; i++) {
        good = append_next(run->journal) == NT_OK;
        if (i % group == group - 1) good = good && nt_journal_drain(run->journal) == NT_OK;
    }
    look(run);
    nt_journal *journal = run->journal;
    run->journal = NULL;
    nt_journal_close(journal);
    return good;
}

/// Opens what is left, goes on, and reads it again.
static void recover(nt_files files, const crash_progress *progress, tally *sum) {
    const nt_journal_config config = crash_config(files);
    nt_journal *journal;
    nt_journal_found found;
    checker seen = {0};
    sum->images++;
    if (nt_journal_open(&config, check_record, &seen, &found, &journal) != NT_OK) {
        if (sum->refused++ == 0) fprintf(stderr, "refused: %s\n", nt_last_error());
        return;
    }
    if (seen.count < progress->durable && sum->lost++ == 0) {
        fprintf(stderr, "lost: %llu of %llu durable records are there\n",
                (unsigned long long)seen.count, (unsigned long long)progress->durable);
    }
    if (seen.wrong > 0 || seen.count > progress->appended) sum->wrong++;
    const uint64_t kept = seen.count;
    if (!append_many(journal, 3)) sum->wrong++;
    nt_journal_close(journal);
    seen = (checker){0};
    if (nt_journal_read("j", files, check_record, &seen, &found) != NT_OK || seen.wrong > 0 ||
        seen.count != kept + 3 || found.trimmed_bytes > 0) {
        sum->wrong++;
    }
}

/// The power fails again while the journal is being opened, at a point drawn at random.
static void recover_twice(nt_memory_disk *image, const crash_progress *progress, uint64_t seed,
                          tally *sum) {
    recording again = {.disk = crash_disk_create(image), .progress = *progress};
    crash_disk_probe(again.disk, look, &again);
    nt_random random = nt_random_seeded(seed);
    if (!live(&again, 4, 2)) {
        sum->refused++;
        crash_disk_destroy(again.disk);
        return;
    }
    const uint64_t points = crash_disk_finish(again.disk);
    const uint64_t point = nt_random_below(&random, points);
    crash_point at = {0};
    for (uint64_t i = 0; i <= point; i++) at = crash_disk_go(again.disk, i);
    if (at.progress.appended < progress->appended) at.progress.appended = progress->appended;
    nt_memory_disk *second = crash_disk_draw(again.disk, seed);
    recover(nt_files_memory(second), &at.progress, sum);
    nt_memory_disk_destroy(second);
    crash_disk_destroy(again.disk);
}

static void try_point(crash_disk *disk, const crash_point *at, uint64_t draws, uint64_t seed,
                      tally *sum) {
    const bool full = at->images <= FULL_LIMIT && draws == 0;
    const uint64_t tries = full ? at->images : draws == 0 ? FEW_DRAWS * 20 : draws;
    sum->points++;
    sum->exhausted += full;
    for (uint64_t i = 0; i < tries; i++) {
        nt_memory_disk *image =
            full ? crash_disk_image(disk, i) : crash_disk_draw(disk, seed * 1000003 + i);
        if (!full && i % 4 == 3) {
            recover_twice(image, &at->progress, seed * 7 + i, sum);
            continue; // It took the image.
        }
        recover(nt_files_memory(image), &at->progress, sum);
        nt_memory_disk_destroy(image);
    }
}

/// Every point of a recorded run. `draws` 0: in full where that is possible.
static void explore(recording *run, uint64_t draws, tally *sum) {
    const uint64_t points = crash_disk_finish(run->disk);
    for (uint64_t i = 0; i < points; i++) {
        const crash_point at = crash_disk_go(run->disk, i);
        try_point(run->disk, &at, draws, i, sum);
    }
    crash_disk_destroy(run->disk);
}

static recording begin(void) { return (recording){.disk = crash_disk_create(NULL)}; }

static void expect_clean(const tally *sum) {
    nt_test_figure("crash_images", sum->images);
    EXPECT_EQ(sum->lost, 0);
    EXPECT_EQ(sum->refused, 0);
    EXPECT_EQ(sum->wrong, 0);
    EXPECT(sum->images > sum->points);
    if (getenv("NEEDLETAIL_CRASH_IMAGES") == NULL) return;
    fprintf(stderr, "crash images %llu over %llu points, %llu of them in full; lost %llu\n",
            (unsigned long long)sum->images, (unsigned long long)sum->points,
            (unsigned long long)sum->exhausted, (unsigned long long)sum->lost);
}

TEST(journal_crash, loses_no_durable_record_of_small_runs_whatever_the_power_leaves) {
    tally sum = {0};
    for (uint64_t group = 1; group <= 3; group++) {
        recording run = begin();
        crash_disk_probe(run.disk, look, &run);
        EXPECT(live(&run, group * 2, group));
        explore(&run, 0, &sum);
    }
    EXPECT(sum.exhausted > 10);
    expect_clean(&sum);
}

TEST(journal_crash, loses_no_durable_record_over_segments_laps_of_the_ring_and_lives) {
    const char *wanted = getenv("NEEDLETAIL_CRASH_IMAGES");
    const uint64_t draws = wanted != NULL ? strtoull(wanted, NULL, 10) : FEW_DRAWS;
    tally sum = {0};
    for (uint64_t group = 1; group <= 9; group += 4) {
        recording run = begin();
        crash_disk_probe(run.disk, look, &run);
        EXPECT(live(&run, 40, group));
        EXPECT(live(&run, 1, 1));
        EXPECT(live(&run, 60, group * 2));
        explore(&run, draws, &sum);
    }
    expect_clean(&sum);
}
