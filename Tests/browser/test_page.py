"""The page as a person uses it, in a real browser against a real bot."""

import json
import subprocess
import urllib.error
import urllib.request
from decimal import Decimal

from stage import SHOTS, WEB, PaperBot, WebProcess, until


def status_of(url: str, **headers: str) -> int:
    try:
        request = urllib.request.Request(url, headers=headers)
        return urllib.request.urlopen(request, timeout=5).status
    except urllib.error.HTTPError as error:
        return error.code


def test_address_lets_one_browser_in(stage):
    origin = stage.web.url.split("/?")[0]
    assert status_of(origin + "/") == 401, "the page without a cookie"
    stage.page.goto(stage.web.url)
    assert stage.page.url == origin + "/", "the token stays in the address"
    cookie = stage.context.cookies()[0]
    assert cookie["httpOnly"] and cookie["sameSite"] == "Strict"
    assert status_of(stage.web.url) == 403, "the address works a second time"


def test_numbers_move(stage):
    until(lambda: stage.text("#trading") == "active", 10, "the bot trades")
    assert stage.text("#link") == "connected"
    first = stage.text("#price"), stage.text("#counters"), stage.text("#depth")
    until(lambda: stage.text("#price") != first[0], 10, "another price")
    until(lambda: stage.text("#counters") != first[1], 10, "other counters")
    until(lambda: stage.text("#depth") != first[2], 10, "another depth")
    until(lambda: stage.page.locator("#fills tbody tr").count() > 1, 20, "fills")


def test_candles_are_drawn(stage):
    """Pixels in the colours of candles; arrows of our own fills come with them."""
    script = """() => {
        const style = getComputedStyle(document.documentElement);
        const wanted = ["--buy", "--sell"].map((name) => style.getPropertyValue(name).trim());
        const found = wanted.map((hex) => {
            const [r, g, b] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
            let count = 0;
            for (const canvas of document.querySelectorAll("#chart canvas")) {
                if (!canvas.width || !canvas.height) continue;
                const data = canvas.getContext("2d")
                    .getImageData(0, 0, canvas.width, canvas.height).data;
                for (let i = 0; i < data.length; i += 4) {
                    if (data[i] === r && data[i + 1] === g && data[i + 2] === b) count++;
                }
            }
            return count;
        });
        return found[0] > 50 && found[1] > 50;
    }"""
    until(lambda: stage.page.evaluate(script), 15, "candles in both colours")
    before = stage.text("#price")
    second = stage.page.locator("#symbols button").nth(1)
    second.click()
    until(lambda: second.get_attribute("aria-pressed") == "true", 5, "the other symbol")
    until(lambda: stage.text("#price") != before, 5, "its price")
    until(lambda: stage.page.evaluate(script), 15, "its candles")
    stage.page.locator("#symbols button").first.click()


def resting_order(stage) -> str:
    """Places a buy below the market, and answers its id."""
    symbol = stage.command("status")["instruments"][0]["symbol"]

    def filled():
        return [f["quantity"] for f in stage.command("fills") if f["symbol"] == symbol]

    quantity = until(filled, 30, f"a fill of {symbol}")[0]
    # Read after the wait, and far enough away that no move of seconds reaches it.
    bid = Decimal(stage.command("status")["instruments"][0]["bid"])
    price = (bid * Decimal("0.95")).quantize(Decimal(1).scaleb(bid.as_tuple().exponent))
    reply = stage.admin("place", symbol=symbol, side="buy", quantity=quantity,
                        price=str(price))
    assert reply["exit"] == 0, reply
    return until(lambda: [o["id"] for o in stage.command("orders") if o["source"] == "operator"],
                 10, "an order of the operator")[0]


def test_order_is_cancelled_through_the_page(stage):
    order = resting_order(stage)
    button = stage.page.get_by_role("button", name=f"Cancel order {order}", exact=True)
    button.wait_for(timeout=5000)
    stage.page.screenshot(path=f"{SHOTS}/order.png")
    stage.page.set_viewport_size({"width": 390, "height": 844})
    assert button.evaluate("b => b.getBoundingClientRect().right") <= 390, "out of reach"
    button.scroll_into_view_if_needed()
    stage.page.screenshot(path=f"{SHOTS}/phone-order.png")
    stage.page.set_viewport_size({"width": 1440, "height": 1000})
    button.click()
    button.wait_for(state="detached", timeout=10000)
    found = [o for o in stage.command("orders", "--all") if o["id"] == order]
    assert found[0]["state"] == "canceled", found


def test_screens(stage):
    """Kept to be looked at; a phone needs no scrolling sideways."""
    for name, scheme, size in (("desktop-dark", "dark", (1440, 1280)),
                               ("desktop-light", "light", (1440, 1280)),
                               ("phone-light", "light", (390, 844)),
                               ("phone-dark", "dark", (390, 844)),
                               ("tablet", "light", (900, 1100))):
        stage.page.set_viewport_size({"width": size[0], "height": size[1]})
        stage.page.emulate_media(color_scheme=scheme)
        stage.page.wait_for_timeout(700)
        assert stage.page.evaluate("document.documentElement.dataset.theme") == scheme
        stage.page.screenshot(path=f"{SHOTS}/{name}.png", full_page=size[0] < 1000)
        wide = stage.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= size[0], f"{name} is {wide} pixels wide"
    stage.page.set_viewport_size({"width": 1440, "height": 1000})
    stage.page.get_by_role("button", name="Dark or light").click()
    assert stage.page.evaluate("document.documentElement.dataset.theme") == "dark"
    stage.page.get_by_role("button", name="Dark or light").click()


def test_halt_and_resume(stage):
    stage.page.get_by_role("button", name="Halt", exact=True).click()
    dialog = stage.page.locator("#confirm")
    dialog.get_by_label("Reason").fill("a test")
    stage.page.screenshot(path=f"{SHOTS}/halt-dialog.png")
    dialog.get_by_role("button", name="Back").click()
    assert stage.command("status")["trading"] == "active", "Back means back"
    stage.page.get_by_role("button", name="Halt", exact=True).click()
    dialog.get_by_label("Reason").fill("a test")
    dialog.get_by_role("button", name="Halt").click()
    until(lambda: stage.text("#trading") == "halted", 5, "the page says halted")
    status = stage.command("status")
    assert status["trading"] == "halted", status
    assert status["trading_reason"].endswith("page: a test"), status
    stage.page.screenshot(path=f"{SHOTS}/halted.png")
    stage.page.get_by_role("button", name="Resume").click()
    dialog.get_by_role("button", name="Resume").click()
    until(lambda: stage.text("#trading") == "active", 5, "the page says active")
    assert stage.command("status")["trading"] == "active"


HOSTILE = "<img src=x onerror=\"document.title='broken'\">"


def hostile_text() -> dict:
    """A state in which every text is an attack."""
    order = {"id": HOSTILE, "symbol": HOSTILE, "side": HOSTILE, "type": "limit", "state": HOSTILE,
             "price": HOSTILE, "quantity": HOSTILE, "filled": HOSTILE, "cancel_pending": False,
             "source": HOSTILE, "client_order_id": HOSTILE}
    fill = {"time": "2026-01-01T00:00:00.000Z", "symbol": HOSTILE, "side": HOSTILE,
            "price": HOSTILE, "quantity": HOSTILE, "fee": "1", "fee_asset": HOSTILE,
            "liquidity": HOSTILE}
    rule = {"name": HOSTILE, "passed": False, "value": HOSTILE, "limit": HOSTILE,
            "unit": HOSTILE, "mend": HOSTILE}
    refusal = {"time": fill["time"], "symbol": HOSTILE, "text": HOSTILE, "size": HOSTILE,
               "order": {"side": HOSTILE, "price": HOSTILE, "quantity": HOSTILE},
               "rules": [rule], "votes": []}
    status = {"version": HOSTILE, "mode": HOSTILE, "venue": HOSTILE, "environment": HOSTILE,
              "strategy": HOSTILE, "started": fill["time"], "currency": HOSTILE,
              "symbols": [HOSTILE], "trading": "halted", "trading_reason": HOSTILE, "ready": True,
              "network": HOSTILE, "open_orders": 1, "unknown_orders": 0, "notices_lost": 0,
              "streams": [{"name": HOSTILE, "is_open": False, "reason": HOSTILE}]}
    market = {"symbol": HOSTILE, "base": HOSTILE, "quote": HOSTILE, "bid": HOSTILE,
              "ask": HOSTILE, "last": HOSTILE, "price_decimals": 2, "book": HOSTILE,
              "trading": HOSTILE}
    alarm = {"time": fill["time"], "symbol": HOSTILE, "text": HOSTILE}
    sections = {"status": status, "markets": [market], "orders": [order],
                "recent_orders": [order]}
    series = {"fills": [[1, fill]], "refusals": [[1, refusal]], "alarms": [[1, alarm]]}
    return {"reset": True, "sections": sections, "series": series}


def test_foreign_text_is_inert(stage):
    folder = stage.folder()
    bot = PaperBot(folder)
    bot.text = hostile_text()
    web = WebProcess(folder)
    context = stage.browser.new_context()
    page = stage.open_page(context)
    try:
        page.goto(web.url)
        for place in ("#alarms", "#refusals", "#fills", "#orders", "#symbols", "#banner"):
            found = page.locator(place).get_by_text("onerror").first
            found.wait_for(timeout=5000)
        assert page.locator("img").count() == 0
        assert page.title() == "Needletail"
    finally:
        context.close()
        web.stop()
        bot.stop()


def test_bot_that_goes_away_and_comes_back(stage):
    folder = stage.folder()
    web = WebProcess(folder)
    context = stage.browser.new_context()
    page = stage.open_page(context)
    try:
        page.goto(web.url)
        page.get_by_text("no bot is running here").wait_for(timeout=5000)
        bot = PaperBot(folder)
        page.get_by_text("connected", exact=True).wait_for(timeout=5000)
        assert page.locator("#banner").is_hidden()
        bot.stop()
        page.get_by_text("The bot cannot be reached").wait_for(timeout=8000)
        page.screenshot(path=f"{SHOTS}/bot-away.png")
        bot = PaperBot(folder)
        page.get_by_text("connected", exact=True).wait_for(timeout=5000)
        bot.stop()
    finally:
        context.close()
        assert web.stop() == 0


def test_chart_of_our_own_where_the_library_is_missing(stage):
    web = WebProcess(stage.data_dir, "--assets", stage.folder())
    context = stage.browser.new_context(viewport={"width": 1440, "height": 1000})
    page = stage.open_page(context)
    try:
        page.goto(web.url)
        page.get_by_text("Simple candles").wait_for(timeout=5000)
        assert page.locator("#attribution").is_hidden()
        page.locator("#chart canvas.own").wait_for()
        page.wait_for_timeout(1500)
        page.screenshot(path=f"{SHOTS}/own-chart.png")
    finally:
        context.close()
        web.stop()


def test_it_listens_on_loopback_only(stage):
    port = int(stage.web.url.split(":")[2].split("/")[0])
    with open("/proc/net/tcp") as four, open("/proc/net/tcp6") as six:
        rows = [line.split() for line in [*four, *six]]
    listening = [row[1] for row in rows if row[3] == "0A" and row[1].endswith(f":{port:04X}")]
    assert listening == [f"0100007F:{port:04X}"], listening


def refused(*arguments: str) -> tuple[int, dict]:
    """How needletail-web ends, and what it says, when it cannot do as it is told."""
    done = subprocess.run([WEB, *arguments, "--json"], capture_output=True, text=True, timeout=10)
    return done.returncode, json.loads(done.stdout)


def test_wrong_use_is_named(stage):
    for address in ("0.0.0.0", "192.168.1.1", "::"):
        status, said = refused("--address", address)
        assert status == 2 and "127.0.0.1 only" in said["error"], said
    status, said = refused("--port", "70000")
    assert status == 2 and "65535" in said["error"], said
    status, said = refused("-c", "/nonexistent.yaml")
    assert status == 2 and "/nonexistent.yaml" in said["error"], said
    busy = stage.web.url.split(":")[2].split("/")[0]
    status, said = refused("--data-dir", stage.data_dir, "--port", busy)
    assert status == 2 and f"127.0.0.1:{busy}" in said["error"], said


def test_nothing_was_complained_of(stage):
    different = sorted(set(stage.problems))
    assert different == [], different[:5]
