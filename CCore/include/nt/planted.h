// planted.h — known-bad behaviours, planted to see whether the tests would find them.
//
// A test that never failed proves little. Each row below is a bug that a trading system could well
// have, written into the real sources as a switch. The switches exist only where NT_PLANTED is
// defined (`Tools/planted` builds so); everywhere else each is the constant false, and nothing of
// them is in the program. One bug at a time is chosen by its number, when the process starts, by
// the environment: NEEDLETAIL_PLANTED_BUG. docs/planted.md tells what found which.
#ifndef NT_PLANTED_H
#define NT_PLANTED_H

#include <stdbool.h>
#include <stdint.h>

/// X(number, name, promise, what is wrong). This is the only list; a number stays with its bug.
/// Each name stands in at least one `nt_planted(NT_BUG_name)` of the sources, or in Swift in a
/// `planted(.name)`.
// clang-format off
#define NT_PLANTED_BUGS(X) \
    X(1, DROP_LATE_FILL, P6, "a trade that comes after its order ended is not counted") \
    X(2, COUNT_FILL_TWICE, P4, "a trade that is told twice counts twice") \
    X(3, RESTART_FORGETS_TRADES, P4, "a restart forgets which trades were counted") \
    X(4, LEDGER_FORGETS_FEES, P5, "the accounts leave fees out") \
    X(5, PARTIAL_ENDS_ORDER, P5, "an order counts as filled at its first trade") \
    X(6, FAILED_LIST_IS_EMPTY, P5, "a list that could not be had counts as an empty one") \
    X(7, NOT_FOUND_IS_REJECTED, P3, "an order that a query does not find was rejected") \
    X(8, UNCERTAIN_IS_REJECTED, P3, "an order whose answer is uncertain was rejected") \
    X(9, SILENCE_IS_REJECTED, P3, "an order that is not answered in time was rejected") \
    X(10, CANCEL_REFUSED_IS_CANCELED, P6, "an order whose cancel is refused was cancelled") \
    X(11, RESEND_ON_SILENCE, P1, "an order that is not answered in time is sent again") \
    X(12, ABSENT_AT_ONCE, P3, "an order in doubt is absent the first time it is not found") \
    X(13, ABSENT_WITHOUT_GRACE, P3, "proof of absence counts questions that were too early") \
    X(14, ABSENT_WITHOUT_GAP, P3, "proof of absence does not wait between its two questions") \
    X(15, ABSENT_WITHOUT_TRADES, P3, "proof of absence does not look at the list of trades") \
    X(16, ABSENT_ACROSS_SESSIONS, P3, "proof of absence goes on over a connection that broke") \
    X(17, UNNAMED_TRADE_IS_FOREIGN, P3, "a listed trade without an order of ours is foreign") \
    X(18, UNKNOWN_RESERVES_NOTHING, P3, "an order in doubt reserves nothing") \
    X(19, SENT_RESERVES_NOTHING, P8, "an order that is not answered yet reserves nothing") \
    X(20, VENUE_COUNT_IGNORED, P5, "fills that only the venue has counted reserve nothing") \
    X(21, SENT_STAYS_AT_LOSS, P3, "a lost connection leaves orders on their way as sent") \
    X(22, SESSION_END_IGNORED, P5, "the end of the log-on is not noticed") \
    X(23, READY_BEFORE_LISTS, P5, "new risk is taken before orders and trades are listed") \
    X(24, NO_DRIFT_CHECK, P5, "an open order is never asked about while nothing is told") \
    X(25, CANCEL_ONCE, P12, "a cancel of a halt is sent once and never again") \
    X(26, CANCEL_PUTS_OFF_QUESTION, P3, "each cancel puts off the question about its order") \
    X(27, HALT_SPARES_UNKNOWN, P12, "a halt does not cancel orders in doubt") \
    X(28, KEYS_COME_AGAIN, P1, "a restart gives the order ids of the last run again") \
    X(29, SENT_LOST_AT_RESTART, P2, "a restart takes orders on their way as never sent") \
    X(30, ORDER_NOT_JOURNALED, P2, "an order leaves without a record in the journal") \
    X(31, HALT_LOST_AT_RESTART, P12, "a restart forgets that it was halted") \
    X(32, JOURNAL_FAILURE_IGNORED, P19, "trading goes on when the journal takes no records") \
    X(33, GATE_REDUCING_IGNORED, P8, "new risk passes while only exits are allowed") \
    X(34, GATE_HALT_IGNORED, P12, "new orders pass while trading is halted") \
    X(35, GATE_STALE_IGNORED, P10, "new risk passes on prices that are too old") \
    X(36, GATE_INVALID_BOOK_IGNORED, P10, "new risk passes on a book that is not valid") \
    X(37, GATE_OVERSELL_IGNORED, P8, "more may be offered than is held") \
    X(38, GATE_COLLAR_IGNORED, P8, "any price passes, however far from the market") \
    X(39, GATE_OPEN_COUNT_IGNORED, P8, "any number of orders may be open") \
    X(40, GATE_DUPLICATE_IGNORED, P8, "the same order passes again at once") \
    X(41, GATE_POSITION_IGNORED, P8, "any position may be taken") \
    X(42, GATE_SELF_CROSS_IGNORED, P8, "an order may meet one of our own") \
    X(43, GATE_UNSET_PASSES, P8, "a limit that is not set limits nothing") \
    X(44, BUDGET_RESERVE_IGNORED, P14, "new orders use what is kept for cancels and exits") \
    X(45, BOOK_SURVIVES_LOSS, P10, "a book stays valid when its connection is lost") \
    X(46, GAP_PASSED, P11, "a change of the book that does not chain is applied") \
    X(47, CROSSED_PASSED, P11, "a crossed book stays valid") \
    X(48, OLD_SNAPSHOT_PASSED, P11, "a snapshot that does not reach the changes is taken") \
    X(49, CRC_UNCHECKED, P17, "the journal's checksums are not looked at") \
    X(50, CHAIN_UNCHECKED, P17, "the journal's hash chain is not looked at") \
    X(51, TORN_TAIL_KEPT, P16, "a torn tail of the journal is not cut off") \
    X(52, SYNC_SKIPPED, P16, "records are called durable without a sync") \
    X(53, RING_ONE_TOO_MANY, P29, "a ring between threads takes one item too many") \
    X(54, RING_RELAXED, P29, "an item is published before its bytes are visible") \
    X(55, DIGITS_DROPPED, P15, "an amount with too many digits is cut short") \
    X(56, TICK_UNCHECKED, P15, "a price between two ticks is taken for a tick") \
    X(57, UNKNOWN_STATE_IS_OPEN, P15, "a state that the venue never had means open") \
    X(58, TIMEOUT_IS_REFUSED, P3, "a time-out told by the venue means refused")
// clang-format on

#ifdef NT_PLANTED

#define NT_PLANTED_ENUMERATOR(number, name, promise, text) NT_BUG_##name = (number),
enum { NT_PLANTED_BUGS(NT_PLANTED_ENUMERATOR) };
#undef NT_PLANTED_ENUMERATOR

/// The bug of this process; 0 = none. Written before main, then never.
extern uint32_t nt_planted_bug;

static inline bool nt_planted(uint32_t bug) { return nt_planted_bug == bug; }

#else
#define nt_planted(bug) false // Not even the name of the bug is compiled.
#endif

#endif
