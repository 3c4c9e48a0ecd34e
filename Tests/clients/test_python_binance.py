"""python-binance, unmodified, trades over REST, streams and the WebSocket API.

The REST half is synchronous; the socket half runs each test in its own event loop under a limit.
"""

import asyncio
from decimal import ROUND_DOWN, Decimal
from pathlib import Path

import pytest
from binance import AsyncClient, BinanceSocketManager, Client
from binance.exceptions import BinanceAPIException

SOCKET_SECONDS = 20
UNKNOWN_ID = 987654321012


def clients(details):
    """The two client classes with the simulator's URLs; nothing else differs."""
    rest = {"API_URL": details["rest_url"] + "/api"}
    sockets = {**rest, "WS_API_URL": details["ws_api_url"]}
    return type("LocalClient", (Client,), rest), type("LocalAsyncClient", (AsyncClient,), sockets)


def connect(details, key=None, secret=None, **options):
    local, _ = clients(details)
    return local(key or details["api_key"], secret or details["api_secret"],
                 requests_params={"verify": details["ca_file"]}, **options)


@pytest.fixture(scope="module")
def client(details):
    return connect(details)


@pytest.fixture(scope="module")
def symbol(details):
    return details["symbols"][0]


@pytest.fixture(scope="module")
def rules(client, symbol):
    """The symbol's filters by name."""
    return {f["filterType"]: f for f in client.get_symbol_info(symbol)["filters"]}


@pytest.fixture(autouse=True)
def no_order_left(client, symbol):
    yield
    for order in client.get_open_orders(symbol=symbol):
        client.cancel_order(symbol=symbol, orderId=order["orderId"])


def on_grid(value: Decimal, step: str) -> str:
    steps = (value / Decimal(step)).to_integral_value(ROUND_DOWN)
    return format(steps * Decimal(step).normalize(), "f")


def touch(client, symbol):
    book = client.get_order_book(symbol=symbol, limit=5)
    return Decimal(book["bids"][0][0]), Decimal(book["asks"][0][0])


def quantity_for(rules, price: Decimal) -> str:
    """Worth five times the smallest order."""
    notional = rules.get("NOTIONAL") or rules.get("MIN_NOTIONAL") or {"minNotional": "10"}
    lot = rules["LOT_SIZE"]
    wanted = max(5 * Decimal(notional["minNotional"]) / price, 2 * Decimal(lot["minQty"]))
    return on_grid(wanted + Decimal(lot["stepSize"]), lot["stepSize"])


def deep_order(client, symbol, rules) -> dict:
    """Price and quantity of a buy 4 % under the market."""
    bid, _ = touch(client, symbol)
    price = on_grid(bid * Decimal("0.96"), rules["PRICE_FILTER"]["tickSize"])
    return {"symbol": symbol, "price": price, "quantity": quantity_for(rules, Decimal(price))}


def refused(code: int):
    """The call must be refused with this venue code."""
    return pytest.raises(BinanceAPIException, check=lambda error: error.code == code)


# --- REST -------------------------------------------------------------------------------------


def test_order_book_and_symbols(client, symbol, details):
    assert set(details["symbols"]) <= {s["symbol"] for s in client.get_exchange_info()["symbols"]}
    bid, ask = touch(client, symbol)
    assert 0 < bid < ask


def test_limit_order_rests_is_listed_and_cancelled(client, symbol, rules):
    order = client.order_limit_buy(**deep_order(client, symbol, rules))
    assert order["status"] == "NEW"
    assert order["orderId"] in [o["orderId"] for o in client.get_open_orders(symbol=symbol)]

    reply = client.cancel_order(symbol=symbol, orderId=order["orderId"])
    assert reply["status"] == "CANCELED"
    assert reply["origClientOrderId"] == order["clientOrderId"]
    assert client.get_order(symbol=symbol, orderId=order["orderId"])["status"] == "CANCELED"
    assert client.get_open_orders(symbol=symbol) == []


def test_market_order_fills_and_books(client, symbol, rules):
    info = client.get_symbol_info(symbol)
    _, ask = touch(client, symbol)
    quantity = quantity_for(rules, ask)
    before = {b["asset"]: b for b in client.get_account()["balances"]}
    order = client.order_market_buy(symbol=symbol, quantity=quantity)
    assert order["status"] == "FILLED" and Decimal(order["executedQty"]) == Decimal(quantity)

    trades = [t for t in client.get_my_trades(symbol=symbol) if t["orderId"] == order["orderId"]]
    assert {t["id"] for t in trades} == {f["tradeId"] for f in order["fills"]}
    assert sum(Decimal(t["qty"]) for t in trades) == Decimal(quantity)
    assert all(t["isBuyer"] and not t["isMaker"] for t in trades)
    cost = sum(Decimal(t["quoteQty"]) for t in trades)
    assert cost == Decimal(order["cummulativeQuoteQty"])

    after = {b["asset"]: b for b in client.get_account()["balances"]}
    expected = {info["baseAsset"]: Decimal(quantity), info["quoteAsset"]: -cost}
    for trade in trades:
        asset = trade["commissionAsset"]
        expected[asset] = expected.get(asset, Decimal(0)) - Decimal(trade["commission"])
    for asset, change in expected.items():
        free = Decimal(after[asset]["free"]) - Decimal(before.get(asset, {"free": "0"})["free"])
        assert free == change, asset


def test_post_only_that_would_take_is_refused(client, symbol, rules):
    _, ask = touch(client, symbol)
    price = on_grid(ask * Decimal("1.01"), rules["PRICE_FILTER"]["tickSize"])
    with refused(-2010):
        client.create_order(symbol=symbol, side="BUY", type="LIMIT_MAKER", price=price,
                            quantity=quantity_for(rules, ask))


def test_fill_or_kill_beyond_the_book_expires_whole(client, symbol, rules):
    order = client.create_order(**deep_order(client, symbol, rules), side="BUY", type="LIMIT",
                                timeInForce="FOK")
    assert order["status"] == "EXPIRED" and Decimal(order["executedQty"]) == 0


def test_insufficient_funds(client, symbol, rules):
    order = deep_order(client, symbol, rules)
    quote = client.get_symbol_info(symbol)["quoteAsset"]
    [balance] = [b for b in client.get_account()["balances"] if b["asset"] == quote]
    many = Decimal(balance["free"]) * Decimal("1.5") / Decimal(order["price"])
    order["quantity"] = on_grid(many, rules["LOT_SIZE"]["stepSize"])
    with refused(-2010):
        client.order_limit_buy(**order)


def test_nonsense_orders_have_the_venues_codes(client, symbol, rules):
    order = deep_order(client, symbol, rules)
    half_tick = Decimal(order["price"]) + Decimal(rules["PRICE_FILTER"]["tickSize"]) / 2
    nonsense = {
        -1121: {"symbol": "NOSUCHPAIR"},
        -1013: {"price": format(half_tick, "f")},
        -1100: {"quantity": "-1"},
        -1102: {"price": None},
    }
    for code, change in nonsense.items():
        with refused(code):
            client.order_limit_buy(**{**order, **change})


def test_unknown_orders(client, symbol):
    with refused(-2011):
        client.cancel_order(symbol=symbol, orderId=UNKNOWN_ID)
    with refused(-2013):
        client.get_order(symbol=symbol, orderId=UNKNOWN_ID)


def test_wrong_secret_and_unknown_key(details):
    with refused(-1022):
        connect(details, secret="0" * 64).get_account()
    with refused(-2015):
        connect(details, key="x" * 64).get_account()


def test_stale_timestamp(details):
    client = connect(details)
    client.timestamp_offset = -120_000
    with refused(-1021):
        client.get_account()


def test_ed25519_key_signs_requests(details):
    client = connect(details, details["ed25519_api_key"],
                     private_key=Path(details["ed25519_key_file"]))
    assert client.get_account()["canTrade"] is True


# --- Streams and WebSocket API ----------------------------------------------------------------


def in_loop(details, scenario, **options):
    """Runs scenario(client, manager) with fresh clients, bounded in time.

    The client closes a socket only after the next message or ten seconds, so quiet sockets are
    left to the end of the event loop; the simulator sees them break off, as it would in a crash.
    """

    async def bounded():
        _, local = clients(details)
        client = await local.create(details["api_key"], details["api_secret"], **options)
        try:
            manager = BinanceSocketManager(client)
            manager.STREAM_URL = details["ws_url"].rstrip("/").removesuffix("/ws") + "/"
            return await asyncio.wait_for(scenario(client, manager), SOCKET_SECONDS)
        finally:
            await client.session.close()

    return asyncio.run(bounded())


async def receive_until(socket, wanted, limit: int = 2000):
    """The first event for which wanted(event) holds."""
    for _ in range(limit):
        event = await socket.recv()
        assert event.get("e") != "error", event
        if wanted(event):
            return event
    raise AssertionError(f"not among {limit} events")


def test_depth_stream_is_an_unbroken_chain(details, symbol):
    async def scenario(client, manager):
        async with manager.depth_socket(symbol, interval=100) as socket:
            return [await socket.recv() for _ in range(5)]

    events = in_loop(details, scenario)
    assert all(e["e"] == "depthUpdate" and e["s"] == symbol for e in events)
    assert all(e["U"] <= e["u"] and (e["b"] or e["a"]) for e in events)
    assert [e["U"] for e in events[1:]] == [e["u"] + 1 for e in events[:-1]]


def test_depth_stream_continues_the_snapshot(details, symbol):
    """The venue's recipe for a local book: some event must straddle the snapshot."""
    async def scenario(client, manager):
        async with manager.depth_socket(symbol, interval=100) as socket:
            await socket.recv()
            snapshot = (await client.get_order_book(symbol=symbol, limit=5000))["lastUpdateId"]
            event = await receive_until(socket, lambda e: e["u"] > snapshot)
            return snapshot, event

    snapshot, event = in_loop(details, scenario)
    assert event["U"] <= snapshot + 1 <= event["u"]


def test_own_trade_is_seen_on_the_trade_stream(details, symbol, client, rules):
    quantity = quantity_for(rules, touch(client, symbol)[1])

    async def scenario(client, manager):
        socket = manager.trade_socket(symbol)
        await socket.connect()
        order = await client.order_market_buy(symbol=symbol, quantity=quantity)
        ids = {fill["tradeId"] for fill in order["fills"]}
        return order, await receive_until(socket, lambda e: e["t"] in ids)

    order, event = in_loop(details, scenario)
    [fill] = [f for f in order["fills"] if f["tradeId"] == event["t"]]
    assert event["e"] == "trade" and event["s"] == symbol
    assert Decimal(event["p"]) == Decimal(fill["price"])
    assert Decimal(event["q"]) == Decimal(fill["qty"])
    assert event["m"] is False, "the buyer took"


def test_book_ticker_stream(details, symbol):
    async def scenario(client, manager):
        async with manager.symbol_book_ticker_socket(symbol) as socket:
            return await socket.recv()

    event = in_loop(details, scenario)
    assert event["s"] == symbol and Decimal(event["b"]) < Decimal(event["a"])


def test_ws_api_places_lists_and_cancels(details, symbol, client, rules):
    order = deep_order(client, symbol, rules)

    async def scenario(client, manager):
        placed = await client.ws_order_limit_buy(**order)
        listed = await client.ws_get_open_orders(symbol=symbol)
        found = await client.ws_get_order(symbol=symbol, orderId=placed["orderId"])
        reply = await client.ws_cancel_order(symbol=symbol, orderId=placed["orderId"])
        return placed, listed, found, reply

    placed, listed, found, reply = in_loop(details, scenario)
    assert [o["orderId"] for o in listed] == [placed["orderId"]]
    assert found["status"] == "NEW" and Decimal(found["price"]) == Decimal(order["price"])
    assert reply["status"] == "CANCELED" and reply["orderId"] == placed["orderId"]


def test_ws_api_refuses_with_the_venues_codes(details, symbol, client, rules):
    order = deep_order(client, symbol, rules)

    async def scenario(client, manager):
        codes = []
        for change in ({"symbol": "NOSUCHPAIR"}, {"quantity": "-1"}):
            with pytest.raises(BinanceAPIException) as refusal:
                await client.ws_order_limit_buy(**{**order, **change})
            codes.append(refusal.value.code)
        with pytest.raises(BinanceAPIException) as refusal:
            await client.ws_cancel_order(symbol=symbol, orderId=UNKNOWN_ID)
        return codes + [refusal.value.code]

    assert in_loop(details, scenario) == [-1121, -1100, -2011]


def test_ws_api_with_an_ed25519_key(details, symbol, client, rules):
    order = deep_order(client, symbol, rules)
    ed25519 = {**details, "api_key": details["ed25519_api_key"]}

    async def scenario(client, manager):
        placed = await client.ws_order_limit_buy(**order)
        return await client.ws_cancel_order(symbol=symbol, orderId=placed["orderId"])

    reply = in_loop(ed25519, scenario, private_key=Path(details["ed25519_key_file"]))
    assert reply["status"] == "CANCELED"


def test_user_data_stream_tells_an_orders_life(details, symbol, client, rules):
    """Subscribed by signature over the WebSocket API: new, cancelled, filled, balances."""
    order = deep_order(client, symbol, rules)
    quantity = quantity_for(rules, touch(client, symbol)[1])

    def execution(kind, order_id):
        return lambda e: (e["e"], e.get("x"), e.get("i")) == ("executionReport", kind, order_id)

    async def scenario(client, manager):
        async with manager.user_socket() as socket:
            rested = await client.ws_order_limit_buy(**order)
            new = await receive_until(socket, execution("NEW", rested["orderId"]))
            await client.ws_cancel_order(symbol=symbol, orderId=rested["orderId"])
            gone = await receive_until(socket, execution("CANCELED", rested["orderId"]))
            bought = await client.ws_order_market_buy(symbol=symbol, quantity=quantity)
            trade = await receive_until(socket, execution("TRADE", bought["orderId"]))
            balances = await receive_until(socket, lambda e: e["e"] == "outboundAccountPosition")
            return new, gone, trade, balances

    new, gone, trade, balances = in_loop(details, scenario)
    assert new["X"] == "NEW" and Decimal(new["p"]) == Decimal(order["price"])
    assert gone["X"] == "CANCELED" and gone["C"] == new["c"]
    assert Decimal(trade["l"]) > 0 and Decimal(trade["L"]) > 0 and trade["t"] > 0
    assert Decimal(trade["n"]) >= 0 and trade["m"] is False
    assert {"a", "f", "l"} <= set(balances["B"][0])
