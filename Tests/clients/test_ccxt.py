"""ccxt, unmodified, trades on the simulator. Only its URLs, CA and documented options are set."""

from decimal import Decimal

import ccxt
import pytest


def rewrite(urls, origin: str):
    """Every Binance origin in ccxt's nested URL table becomes the simulator's."""
    if isinstance(urls, dict):
        return {name: rewrite(value, origin) for name, value in urls.items()}
    path = urls.split("://", 1)[1].partition("/")[2]
    return f"{origin}/{path}"


def connect(details, **overrides):
    exchange = ccxt.binance({
        "apiKey": details["api_key"],
        "secret": details["api_secret"],
        "options": {
            "defaultType": "spot",
            "fetchCurrencies": False,
            "fetchMargins": False,
            "fetchMarkets": {"types": ["spot"]},
            "adjustForTimeDifference": True,
        },
        **overrides,
    })
    exchange.urls["api"] = rewrite(exchange.urls["api"], details["rest_url"])
    # Both are needed: the request passes `verify and validateServerSsl`.
    exchange.verify = exchange.validateServerSsl = details["ca_file"]
    return exchange


@pytest.fixture(scope="module")
def exchange(details):
    exchange = connect(details)
    exchange.load_markets()
    return exchange


@pytest.fixture(scope="module")
def market(exchange, details):
    return exchange.markets_by_id[details["symbols"][0]][0]


@pytest.fixture(autouse=True)
def no_order_left(exchange, market):
    """Each test leaves the account without open orders, also when it fails."""
    yield
    for order in exchange.fetch_open_orders(market["symbol"]):
        exchange.cancel_order(order["id"], market["symbol"])


def touch(exchange, market):
    """Best bid and ask."""
    book = exchange.fetch_order_book(market["symbol"], 5)
    return book["bids"][0][0], book["asks"][0][0]


def price_of(exchange, market, price) -> float:
    return float(exchange.price_to_precision(market["symbol"], price))


def small_amount(exchange, market, price) -> float:
    """Worth five times the smallest order, so that no filter refuses it."""
    minimum = market["limits"]["cost"]["min"] or 10
    amount = max(5 * minimum / price, 2 * (market["limits"]["amount"]["min"] or 0))
    step = market["precision"]["amount"]
    return float(exchange.amount_to_precision(market["symbol"], amount + step))


def rest_deep(exchange, market, **params):
    """A limit buy 4 % under the market: it rests, yet is near enough for price filters."""
    bid, _ = touch(exchange, market)
    price = price_of(exchange, market, bid * 0.96)
    amount = small_amount(exchange, market, price)
    return exchange.create_order(market["symbol"], "limit", "buy", amount, price, params)


def raw_order(exchange, market, **changes):
    """An order sent as given (None leaves a field out): ccxt neither checks nor rounds it."""
    bid, _ = touch(exchange, market)
    price = price_of(exchange, market, bid * 0.96)
    request = {
        "symbol": market["id"], "side": "BUY", "type": "LIMIT", "timeInForce": "GTC",
        "quantity": exchange.decimal_to_precision(
            small_amount(exchange, market, price), ccxt.TRUNCATE, market["precision"]["amount"],
            ccxt.TICK_SIZE),
        "price": exchange.price_to_precision(market["symbol"], price),
    }
    request.update(changes)
    return exchange.private_post_order({k: v for k, v in request.items() if v is not None})


def test_load_markets(exchange, details):
    assert set(details["symbols"]) <= set(exchange.markets_by_id)
    for symbol in details["symbols"]:
        found = exchange.markets_by_id[symbol][0]
        assert found["spot"] and found["active"]
        assert found["precision"]["price"] > 0 and found["precision"]["amount"] > 0


def test_fetch_order_book(exchange, market):
    book = exchange.fetch_order_book(market["symbol"], 20)
    bids, asks = [row[0] for row in book["bids"]], [row[0] for row in book["asks"]]
    assert bids == sorted(bids, reverse=True) and asks == sorted(asks)
    assert bids[0] < asks[0]
    assert all(row[1] > 0 for row in book["bids"] + book["asks"])
    assert book["nonce"] > 0


def test_limit_order_rests_is_listed_and_cancelled(exchange, market):
    order = rest_deep(exchange, market)
    assert order["status"] == "open" and order["filled"] == 0

    [listed] = [o for o in exchange.fetch_open_orders(market["symbol"]) if o["id"] == order["id"]]
    assert listed["price"] == order["price"] and listed["amount"] == order["amount"]
    assert listed["clientOrderId"] == order["clientOrderId"]

    exchange.cancel_order(order["id"], market["symbol"])
    assert order["id"] not in [o["id"] for o in exchange.fetch_open_orders(market["symbol"])]
    assert exchange.fetch_order(order["id"], market["symbol"])["status"] == "canceled"


def test_resting_order_locks_and_cancel_frees(exchange, market):
    quote = market["quote"]
    before = exchange.fetch_balance()[quote]
    order = rest_deep(exchange, market)
    held = exchange.fetch_balance()[quote]
    exchange.cancel_order(order["id"], market["symbol"])
    after = exchange.fetch_balance()[quote]

    cost = order["price"] * order["amount"]
    assert held["used"] - before["used"] == pytest.approx(cost, rel=1e-6)
    assert held["total"] == pytest.approx(before["total"], rel=1e-9)
    assert after == pytest.approx(before, rel=1e-9)


def test_market_order_fills_and_books(exchange, market):
    """Order, trades, fee and balances must tell one story."""
    _, ask = touch(exchange, market)
    amount = small_amount(exchange, market, ask)
    before = exchange.fetch_balance()["total"]
    order = exchange.create_order(market["symbol"], "market", "buy", amount)

    fetched = exchange.fetch_order(order["id"], market["symbol"])
    assert fetched["status"] == "closed"
    assert fetched["filled"] == amount and fetched["remaining"] == 0

    trades = [t for t in exchange.fetch_my_trades(market["symbol"]) if t["order"] == order["id"]]
    assert trades, "the order's trades are listed"
    assert sum(t["amount"] for t in trades) == pytest.approx(amount, rel=1e-9)
    assert all(t["side"] == "buy" and t["takerOrMaker"] == "taker" for t in trades)
    assert all(t["fee"]["cost"] >= 0 and t["fee"]["currency"] for t in trades)
    cost = sum(t["price"] * t["amount"] for t in trades)
    assert fetched["cost"] == pytest.approx(cost, rel=1e-7)

    after = exchange.fetch_balance()["total"]
    change = {market["base"]: amount, market["quote"]: -cost}
    for trade in trades:
        change[trade["fee"]["currency"]] = (
            change.get(trade["fee"]["currency"], 0.0) - trade["fee"]["cost"])
    for asset, expected in change.items():
        assert after[asset] - before.get(asset, 0.0) == pytest.approx(expected, abs=2e-8, rel=1e-6)


def test_marketable_limit_fills_at_the_book_or_better(exchange, market):
    _, ask = touch(exchange, market)
    price = price_of(exchange, market, ask * 1.01)
    amount = small_amount(exchange, market, ask)
    order = exchange.create_order(market["symbol"], "limit", "buy", amount, price)
    assert order["status"] == "closed"
    assert order["average"] <= price


def test_post_only_that_rests_is_accepted(exchange, market):
    assert rest_deep(exchange, market, postOnly=True)["status"] == "open"


def test_post_only_that_would_take_is_refused(exchange, market):
    _, ask = touch(exchange, market)
    price = price_of(exchange, market, ask * 1.01)
    with pytest.raises(ccxt.OrderImmediatelyFillable):
        exchange.create_order(market["symbol"], "limit", "buy",
                              small_amount(exchange, market, ask), price, {"postOnly": True})


def test_insufficient_funds(exchange, market):
    bid, _ = touch(exchange, market)
    price = price_of(exchange, market, bid * 0.96)
    free = exchange.fetch_balance()["free"][market["quote"]]
    amount = float(exchange.amount_to_precision(market["symbol"], 1.5 * free / price))
    with pytest.raises(ccxt.InsufficientFunds):
        exchange.create_order(market["symbol"], "limit", "buy", amount, price)


def test_unknown_symbol(exchange, market):
    with pytest.raises(ccxt.BadSymbol):
        exchange.public_get_depth({"symbol": "NOSUCHPAIR"})
    with pytest.raises(ccxt.BadSymbol):
        raw_order(exchange, market, symbol="NOSUCHPAIR")


def test_amount_below_the_smallest(exchange, market):
    # One fifth of a step is both below the minimum and off the grid.
    tiny = format(Decimal(str(market["precision"]["amount"])) / 5, "f")
    with pytest.raises(ccxt.InvalidOrder):
        raw_order(exchange, market, quantity=tiny)


def test_price_off_the_grid(exchange, market):
    off = Decimal(str(market["precision"]["price"])) / 2
    bid, _ = touch(exchange, market)
    price = Decimal(exchange.price_to_precision(market["symbol"], bid * 0.96)) + off
    with pytest.raises(ccxt.InvalidOrder):
        raw_order(exchange, market, price=format(price, "f"))


@pytest.mark.parametrize("nonsense", ["-1", "abc", "NaN", "1e400"])
def test_nonsense_numbers_are_bad_requests(exchange, market, nonsense):
    with pytest.raises(ccxt.BadRequest):
        raw_order(exchange, market, quantity=nonsense)
    with pytest.raises(ccxt.BadRequest):
        raw_order(exchange, market, price=nonsense)


def test_missing_price_is_a_bad_request(exchange, market):
    with pytest.raises(ccxt.BadRequest):
        raw_order(exchange, market, price=None)


def test_cancel_of_an_unknown_order(exchange, market):
    with pytest.raises(ccxt.OrderNotFound):
        exchange.cancel_order("987654321012", market["symbol"])


def test_fetch_of_an_unknown_order(exchange, market):
    with pytest.raises(ccxt.OrderNotFound):
        exchange.fetch_order("987654321012", market["symbol"])


def test_second_cancel_finds_nothing(exchange, market):
    order = rest_deep(exchange, market)
    exchange.cancel_order(order["id"], market["symbol"])
    with pytest.raises(ccxt.OrderNotFound):
        exchange.cancel_order(order["id"], market["symbol"])


def test_order_is_found_by_client_id(exchange, market):
    order = rest_deep(exchange, market, newClientOrderId="clients-1")
    found = exchange.fetch_order(None, market["symbol"], {"origClientOrderId": "clients-1"})
    assert found["id"] == order["id"]


def test_client_id_of_an_open_order_is_refused(exchange, market):
    rest_deep(exchange, market, newClientOrderId="clients-2")
    with pytest.raises(ccxt.InvalidOrder, match="Duplicate"):
        rest_deep(exchange, market, newClientOrderId="clients-2")


def test_wrong_secret(details, market):
    with pytest.raises(ccxt.AuthenticationError):
        connect(details, secret="0" * 64).fetch_balance()


def test_unknown_key(details, market):
    with pytest.raises(ccxt.AuthenticationError):
        connect(details, apiKey="x" * 64).fetch_balance()
