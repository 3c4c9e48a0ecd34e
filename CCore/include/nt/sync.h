// sync.h — turns depth events and a snapshot into a valid book, whatever the venue.
//
//   EMPTY ──depth──▶ BUFFERING ──snapshot──▶ LIVE ──gap, bad or crossed event, silence──▶ STALE
//                                             ▲                                             │
//                                             └──────────────────snapshot───────────────────┘
//
// STALE buffers as BUFFERING does; it only says that the book was good once. One per instrument,
// on the lane. It publishes the book itself: after each applied event, and as not valid the moment
// it goes stale. The levels of a stale book stay readable; only LIVE may be traded on.
#ifndef NT_SYNC_H
#define NT_SYNC_H

#include "nt/book.h"
#include "nt/event.h"
#include "nt/status.h"

typedef struct nt_sync nt_sync;

/// Depth events kept while a snapshot is awaited, whatever their size.
#define NT_SYNC_MAX_BUFFERED_EVENTS 1024u

enum {                     ///< nt_sync_state
    NT_SYNC_EMPTY = 0,     ///< Nothing known.
    NT_SYNC_BUFFERING = 1, ///< Events are kept until a snapshot comes.
    NT_SYNC_LIVE = 2,      ///< The book is the venue's as of nt_sync_update_id().
    NT_SYNC_STALE = 3,     ///< Was live; buffering again.
};
typedef uint8_t nt_sync_state;

enum { ///< nt_sync_reason: why the last good or buffered state was given up.
    NT_SYNC_NO_REASON = 0,
    NT_SYNC_GAP = 1,          ///< Update ids do not chain.
    NT_SYNC_BAD_EVENT = 2,    ///< Negative quantity, price not positive, ids out of order.
    NT_SYNC_CROSSED = 3,      ///< Best bid not below best ask after a whole event.
    NT_SYNC_OVERFLOW = 4,     ///< More was buffered than there is room for.
    NT_SYNC_SILENCE = 5,      ///< For callers of nt_sync_invalidate: nothing came for too long.
    NT_SYNC_DISCONNECTED = 6, ///< For callers of nt_sync_invalidate: the stream was lost.
    NT_SYNC_DIFFERS = 7,      ///< For callers of nt_sync_invalidate: a witness shows another book.
    NT_SYNC_REASON_COUNT = 8
};
typedef uint8_t nt_sync_reason;

typedef struct nt_sync_counters {
    uint64_t applied;                      ///< Depth events, buffered ones included.
    uint64_t ignored;                      ///< Depth events older than what was known.
    uint64_t snapshots;                    ///< Snapshots taken.
    uint64_t old_snapshots, bad_snapshots; ///< Snapshots not taken: NT_STALE, NT_INVALID.
    uint64_t resyncs;                      ///< Times the book was live again after being stale.
    uint64_t gaps[NT_SYNC_REASON_COUNT];   ///< Times the state was given up, by reason.
} nt_sync_counters;

/// `book` is borrowed and written only through this object from now on. `max_buffered_levels`:
/// most levels kept while a snapshot is awaited, all events together.
nt_status nt_sync_create(nt_book *book, uint32_t max_buffered_levels, nt_sync **out);
void nt_sync_destroy(nt_sync *sync);

/// Takes one NT_EVENT_DEPTH, whole or not at all. Lane thread only; allocates nothing.
///
/// Chaining: last_id below the known id (or equal, save in the first row) is old. Otherwise,
///   previous_id stated, first event after a snapshot: first_id <= id, or previous_id == id;
///   previous_id stated, later events:                previous_id == id;
///   previous_id -1:                                  first_id <= id + 1.
///
/// NT_OK     applied and published.
/// NT_STALE  old; ignored.
/// NT_EMPTY  kept until a snapshot comes. If it does not chain to the one kept before it, all
///           kept before it are dropped, so that what is kept is always one unbroken run.
/// NT_GAP    given up, see nt_sync_get_reason(): request a snapshot. Of the kept events all are
///           dropped; this one is kept as the first of a new run when it is sound, was not
///           applied and fits.
/// NT_INVALID not a depth event; nothing changed.
nt_status nt_sync_depth(nt_sync *sync, const nt_event *event);

/// How the ids of an NT_EVENT_DEPTH stand to a LIVE book; takes nothing. NT_OK: it is the next,
/// NT_STALE: old, NT_GAP: something before it is missing, NT_EMPTY: the book is not LIVE.
nt_status nt_sync_chains(const nt_sync *sync, const nt_event *event);

/// Takes one NT_EVENT_SNAPSHOT: replaces the book, then applies the kept events newer than it.
/// Welcome in every state; while LIVE it replaces the book unless it is older. Lane thread only.
///
/// NT_OK      live and published.
/// NT_STALE   does not reach the first event that it should join; nothing changed: fetch again.
/// NT_INVALID not a snapshot, a bad level, or crossed: nothing changed. Or the kept events crossed
///            it: given up (NT_SYNC_CROSSED), kept events dropped. In each case: fetch again.
nt_status nt_sync_snapshot(nt_sync *sync, const nt_event *event);

/// Gives the state up from outside: kept events are dropped, LIVE becomes STALE, BUFFERING EMPTY.
void nt_sync_invalidate(nt_sync *sync, nt_sync_reason reason);

nt_sync_state nt_sync_get_state(const nt_sync *sync);
/// Why the state was last given up; NT_SYNC_NO_REASON before that ever happened.
nt_sync_reason nt_sync_get_reason(const nt_sync *sync);
/// Last id applied, -1 before the first snapshot.
int64_t nt_sync_update_id(const nt_sync *sync);
/// Receive time of the last applied event or snapshot, 0 before any. For silence checks.
int64_t nt_sync_received_ns(const nt_sync *sync);
nt_sync_counters nt_sync_get_counters(const nt_sync *sync);
/// Lower case words, such as "update ids do not chain". Static storage.
const char *nt_sync_reason_text(nt_sync_reason reason);

#endif
