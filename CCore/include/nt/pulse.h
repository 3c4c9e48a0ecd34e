// pulse.h — one page of a file by which a bot and its guard, two processes, see each other live.
//
// Each side holds a lock as long as it lives: the kernel lets go of it however the process ends.
// The lane counts its turns in the page, so that a process that lives and does not turn is seen as
// well, and it finds there whether the guard has struck. No lane call here is a system call.
#ifndef NT_PULSE_H
#define NT_PULSE_H

#include <stdbool.h>

#include "nt/status.h"

enum { ///< nt_pulse_side
    NT_PULSE_BOT = 0,
    NT_PULSE_GUARD = 1,
    NT_PULSE_SIDES = 2
};
typedef uint8_t nt_pulse_side;

enum {                     ///< nt_pulse_state: what a side said last, whether it lives or not.
    NT_PULSE_NONE = 0,     ///< Never there.
    NT_PULSE_STARTING = 1, ///< Nothing was sent yet.
    NT_PULSE_UP = 2,       ///< At work. Without a living process: it died.
    NT_PULSE_ENDED = 3,    ///< Ended on purpose, with nothing left to do.
    NT_PULSE_FAILED = 4,   ///< Ended, and said that orders may be left.
    NT_PULSE_SETTLED = 5   ///< Died or failed, and the guard has dealt with it.
};
typedef uint8_t nt_pulse_state;

typedef struct nt_pulse nt_pulse;

/// What is known of one side. A snapshot.
typedef struct nt_pulse_view {
    bool alive; ///< Its process holds its lock.
    nt_pulse_state state;
    uint32_t pid;     ///< Of the last process of this side.
    uint32_t run;     ///< Counts the processes of this side, from 1; 16 bits.
    uint64_t turns;   ///< Rises while it works.
    int64_t stamp_ns; ///< Monotonic time of its last turn, of this boot.
} nt_pulse_view;

/// Maps the file, made with mode 0600 where it does not exist. NT_REFUSED: another user's, open to
/// others, or no plain file. NT_CORRUPT: not a pulse. NT_VERSION: of another version. NT_IO.
nt_status nt_pulse_open(const char *path, nt_pulse **out);
/// Lets go of a side that is held; one that began and did not end has died. NULL is fine.
void nt_pulse_close(nt_pulse *pulse);

/// Becomes that side: STARTING. NT_LOCKED: another process is. Once, before the calls below.
nt_status nt_pulse_hold(nt_pulse *pulse, nt_pulse_side side);
/// From now on silence means that it hangs: UP.
void nt_pulse_begin(nt_pulse *pulse, int64_t now_ns);
/// One turn. The lane's thread, or the guard's; two relaxed stores.
void nt_pulse_beat(nt_pulse *pulse, int64_t now_ns);
/// The end, on purpose. `clean`: nothing is left to do.
void nt_pulse_end(nt_pulse *pulse, bool clean);

/// Any thread; one system call.
nt_pulse_view nt_pulse_look(const nt_pulse *pulse, nt_pulse_side side);

/// The guard tells the bot of this page that it strikes. Any thread.
void nt_pulse_strike(nt_pulse *pulse);
/// The lane: whether the guard has struck since the last call, or the beginning. One relaxed load.
bool nt_pulse_take_strike(nt_pulse *pulse);
/// Whether it would say yes now. The lane; one relaxed load.
bool nt_pulse_is_struck(const nt_pulse *pulse);
/// The guard has dealt with run `run` of the bot: SETTLED, unless another one began.
void nt_pulse_settle(nt_pulse *pulse, uint32_t run);
/// Ends the bot's process of run `run` by SIGKILL; no other process is ever hit. NT_NOT_FOUND: it
/// is gone already. NT_IO: the kernel refuses.
nt_status nt_pulse_kill(nt_pulse *pulse, uint32_t run);

#endif
