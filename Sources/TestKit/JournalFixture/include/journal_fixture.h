// journal_fixture.h — writes journals for tests: records drawn at random, or a few by hand.
//
// Random records are well formed and otherwise without sense: whoever replays them must cope with
// every order of evidence. Everything follows from the seed.
#ifndef JOURNAL_FIXTURE_H
#define JOURNAL_FIXTURE_H

#include <stdbool.h>
#include <stdint.h>

/// One run of a bot on a journal. One thread at a time.
typedef struct journal_fixture journal_fixture;

/// Opens the directory's journal, made where there is none, and begins a run with the instruments
/// 0 … count - 1 (at most 4). `account` fills the account's sixteen bytes. NULL: failed.
journal_fixture *journal_fixture_open(const char *directory, uint64_t seed, uint8_t account,
                                      uint32_t instruments);
/// Appends `count` random records and puts them on disk. False: the journal is in trouble.
bool journal_fixture_run(journal_fixture *fixture, uint32_t count);
/// Appends an EQUITY record of each instrument and a STOP record.
bool journal_fixture_stop(journal_fixture *fixture);
/// Closes the journal; without a stop before, it looks like a crash.
void journal_fixture_close(journal_fixture *fixture);

/// The calling thread uses files as this user from now on (0 = as the superuser again), so that a
/// test run by the superuser meets permissions. Without effect for any other user.
void journal_fixture_use_files_as(uint32_t user);

#endif
