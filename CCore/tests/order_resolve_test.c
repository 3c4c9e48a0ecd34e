// order_resolve_test.c — nt/order.h: the operator's word on an order in doubt.
#include "order_cases.h"
#include "test.h"

/// An UNKNOWN order (key 7: buys 10 at 100) after the word of the operator.
static nt_orders *resolved_order(nt_order_state as, int64_t filled) {
    nt_orders *orders = sent_order();
    nt_order_change change;
    step(orders, 7, NT_ORDER_ON_SILENCE);
    if (nt_orders_resolve(orders, 7, as, filled, 60, &change) != NT_OK) abort();
    return orders;
}

TEST(order, what_the_operator_says_is_filled_stays_reserved_until_the_trades_come) {
    nt_orders *orders = resolved_order(NT_ORDER_FILLED, -1);
    EXPECT_EQ(state_of(orders), NT_ORDER_FILLED);
    EXPECT_EQ(reserved(orders), 10);
    nt_order_change change = tell(orders, fill(7, 1, 4, -1));
    EXPECT(change.fill_applied && change.fill_late && change.needs_query);
    EXPECT_EQ(reserved(orders), 6);
    tell(orders, fill(7, 2, 6, -1));
    EXPECT_EQ(reserved(orders), 0);
    EXPECT_EQ(state_of(orders), NT_ORDER_FILLED);
    nt_orders_destroy(orders);
}

TEST(order, of_a_cancelled_one_the_operator_may_say_how_much_was_filled) {
    nt_orders *orders = resolved_order(NT_ORDER_CANCELED, 3);
    EXPECT_EQ(reserved(orders), 3);
    EXPECT(tell(orders, fill(7, 1, 3, -1)).fill_applied);
    EXPECT_EQ(reserved(orders), 0);
    nt_orders_destroy(orders);
}

TEST(order, a_wrong_word_is_disputed_when_the_venue_shows_the_order_open_for_long) {
    nt_orders *orders = resolved_order(NT_ORDER_CANCELED, -1);
    EXPECT_EQ(reserved(orders), 0);
    nt_report open = evidence(7, NT_EVIDENCE_FOUND_OPEN);
    open.from_query = 1;
    for (int i = 0; i < 11; i++) {
        EXPECT(tell(orders, open).needs_query); // A list may lag.
        EXPECT_EQ(state_of(orders), NT_ORDER_CANCELED);
    }
    EXPECT_EQ(tell(orders, open).effects, NT_EFFECT_HALT);
    EXPECT_EQ(state_of(orders), NT_ORDER_DISPUTED);
    EXPECT_EQ(reserved(orders), 10);
    nt_orders_destroy(orders);
}

TEST(order, a_wrong_filled_is_disputed_by_its_real_end) {
    nt_orders *orders = resolved_order(NT_ORDER_FILLED, -1);
    EXPECT_EQ(tell(orders, evidence(7, NT_EVIDENCE_FOUND_CANCELED)).effects, NT_EFFECT_HALT);
    EXPECT_EQ(state_of(orders), NT_ORDER_DISPUTED);
    nt_order_change change;
    EXPECT_EQ(nt_orders_resolve(orders, 7, NT_ORDER_CANCELED, -1, 70, &change), NT_OK);
    EXPECT_EQ(reserved(orders), 0);
    nt_orders_destroy(orders);
}

TEST(order, a_word_against_what_is_known_is_refused) {
    nt_orders *orders = sent_order();
    nt_order_change change;
    EXPECT_EQ(nt_orders_resolve(orders, 8, NT_ORDER_FILLED, -1, 60, &change), NT_NOT_FOUND);
    EXPECT_EQ(nt_orders_resolve(orders, 7, NT_ORDER_FILLED, -1, 60, &change), NT_REFUSED);
    step(orders, 7, NT_ORDER_ON_SILENCE);
    EXPECT_EQ(nt_orders_resolve(orders, 7, NT_ORDER_LIVE, -1, 60, &change), NT_INVALID);
    EXPECT_EQ(nt_orders_resolve(orders, 7, NT_ORDER_CANCELED, 11, 60, &change), NT_INVALID);
    EXPECT_EQ(nt_orders_resolve(orders, 7, NT_ORDER_FILLED, 9, 60, &change), NT_INVALID);
    EXPECT_EQ(nt_orders_resolve(orders, 7, NT_ORDER_REJECTED, 1, 60, &change), NT_INVALID);
    tell(orders, fill(7, 1, 4, -1)); // Four are counted, then its end is in doubt.
    tell(orders, evidence(7, NT_EVIDENCE_UNKNOWN_STATE));
    EXPECT_EQ(nt_orders_resolve(orders, 7, NT_ORDER_CANCELED, 3, 60, &change), NT_INVALID);
    EXPECT_EQ(nt_orders_resolve(orders, 7, NT_ORDER_ABSENT, -1, 60, &change), NT_INVALID);
    EXPECT_EQ(nt_orders_resolve(orders, 7, NT_ORDER_REJECTED, -1, 60, &change), NT_INVALID);
    EXPECT_EQ(state_of(orders), NT_ORDER_UNKNOWN);
    EXPECT_EQ(nt_orders_resolve(orders, 7, NT_ORDER_CANCELED, -1, 60, &change), NT_OK);
    EXPECT_EQ(reserved(orders), 0);
    nt_orders_destroy(orders);
}

// ---- What evidence does
