// order_memory_test.c — nt/order.h: what the table keeps, forgets and restores.
#include "nt/random.h"
#include "order/trades.h"
#include "order_cases.h"
#include "test.h"

TEST(order, restoring_replaces_what_was_there) {
    nt_orders *orders = sent_order();
    nt_order told = *nt_orders_find(orders, 7);
    told.state = NT_ORDER_PARTIAL;
    told.cumulative = 4;
    EXPECT_EQ(nt_orders_restore(orders, &told), NT_OK);
    EXPECT_EQ(state_of(orders), NT_ORDER_PARTIAL);
    EXPECT_EQ(reserved(orders), 6);
    EXPECT(recount_agrees(orders));
    nt_order bad[5] = {told, told, told, told, told};
    bad[0].intent.side = NT_SELL;
    bad[1].intent.instrument = 1;
    bad[2].state = NT_ORDER_STATE_COUNT;
    bad[3].closing = NT_ORDER_STATE_COUNT;
    bad[4].cumulative = -1;
    for (int i = 0; i < 5; i++) EXPECT_EQ(nt_orders_restore(orders, &bad[i]), NT_INVALID);
    EXPECT_EQ(reserved(orders), 6);
    EXPECT(nt_orders_at(orders, nt_orders_capacity(orders)) == NULL);
    EXPECT_EQ(nt_orders_exposure(orders, 3).live, 0);
    EXPECT(nt_orders_find(orders, 0) == NULL);
    nt_orders_destroy(orders);
    nt_orders_destroy(NULL);
}

TEST(order, the_oldest_finished_order_gives_way) {
    nt_orders *orders = make_table(3);
    for (nt_order_key key = 1; key <= 3; key++) {
        nt_intent intent = limit_order(key, NT_BUY, 100, 10);
        EXPECT_EQ(nt_orders_add(orders, &intent, 0, 1), NT_OK);
    }
    nt_intent more = limit_order(4, NT_SELL, 200, 1);
    EXPECT_EQ(nt_orders_add(orders, &more, 0, 1), NT_FULL);
    step(orders, 2, NT_ORDER_ON_SEND_FAILED);
    step(orders, 1, NT_ORDER_ON_SEND_FAILED);
    EXPECT_EQ(nt_orders_add(orders, &more, 0, 1), NT_OK);
    EXPECT(nt_orders_find(orders, 2) == NULL);
    EXPECT(nt_orders_find(orders, 1) != NULL && nt_orders_find(orders, 4) != NULL);
    more.order = 5;
    EXPECT_EQ(nt_orders_add(orders, &more, 0, 1), NT_OK);
    EXPECT(nt_orders_find(orders, 1) == NULL);
    EXPECT(recount_agrees(orders));
    nt_orders_destroy(orders);
}

TEST(order, remembers_65536_trades_and_forgets_the_oldest) {
    nt_trades *trades = nt_trades_create();
    for (int64_t trade = 1; trade <= 65536; trade++) {
        EXPECT(nt_trades_add(trades, (nt_instrument_id)(trade % 3), trade / 3 + 1));
    }
    for (int64_t trade = 1; trade <= 65536; trade++) {
        EXPECT(!nt_trades_add(trades, (nt_instrument_id)(trade % 3), trade / 3 + 1));
    }
    EXPECT(nt_trades_add(trades, 0, 1000000));
    EXPECT(!nt_trades_add(trades, 2, 1)); // The second oldest is still there,
    EXPECT(nt_trades_add(trades, 1, 1));  // the oldest is not.
    nt_random random = nt_random_seeded(11);
    for (int i = 0; i < 300000; i++) {
        int64_t trade = (int64_t)(nt_random_next(&random) >> 1) | 1;
        EXPECT(nt_trades_add(trades, 1, trade));
        EXPECT(!nt_trades_add(trades, 1, trade));
    }
    nt_trades_destroy(trades);
}

TEST(order, hash_does_not_depend_on_slots) {
    nt_orders *a = make_table(200), *b = make_table(255);
    for (nt_order_key key = 1; key <= 199; key++) {
        // 77 and 200 are coprime to 199: two different orders of the same keys.
        nt_intent forth = limit_order(key * 77 % 199 + 1, NT_BUY, 100, 10);
        nt_intent back = limit_order(key * 200 % 199 + 1, NT_BUY, 100, 10);
        EXPECT_EQ(nt_orders_add(a, &forth, 0, 1), NT_OK);
        EXPECT_EQ(nt_orders_add(b, &back, 0, 2), NT_OK);
    }
    EXPECT(nt_orders_hash(a) == nt_orders_hash(b));
    EXPECT(nt_orders_hash(a) == nt_orders_hash(b));
    step(a, 3, NT_ORDER_ON_SEND);
    EXPECT(nt_orders_hash(a) != nt_orders_hash(b));
    step(b, 3, NT_ORDER_ON_SEND);
    EXPECT(nt_orders_hash(a) == nt_orders_hash(b));
    nt_orders_destroy(a);
    nt_orders_destroy(b);
}
