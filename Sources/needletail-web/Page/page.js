// page.js — keeps the newest state that the server pushes, and draws what changed.
//
// Every text comes from a venue or a strategy sooner or later, so every text is set as text
// (textContent), never as markup.
"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const SERIES_LENGTH = 900;
  const LENGTHS = [["1s", 1], ["5s", 5], ["15s", 15], ["1m", 60]];
  const sections = {}, series = {}, dirty = new Set();
  let session = null, chart = null, symbol = null, frameLength = 1, lastFrame = 0, waiting = false;

  // --- Words and numbers ------------------------------------------------------------------

  const element = (tag, className, text) => {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const setText = (node, text) => { if (node.textContent !== text) node.textContent = text; };
  const setClass = (node, name) => { if (node.className !== name) node.className = name; };
  const grouped = (text) => {
    const [whole, fraction] = String(text).split(".");
    const spaced = whole.replace(/\B(?=(\d{3})+$)/g, ",");
    return fraction === undefined ? spaced : `${spaced}.${fraction}`;
  };
  const money = (text, places = 2) => {
    const value = Number(text);
    return Number.isFinite(value) ? grouped(value.toFixed(places)) : "–";
  };
  /** To the cent, so that nothing is "-0.00". */
  const cents = (text) => Math.round(Number(text) * 100) / 100 + 0;
  const signed = (text) => (cents(text) > 0 ? "+" : "") + money(cents(text));
  const trend = (text) => (cents(text) > 0 ? "up" : cents(text) < 0 ? "down" : "");
  const timeOf = (text) => text.slice(11, 19);
  const duration = (ns) => {
    if (ns < 1000) return `${ns} ns`;
    if (ns < 1e6) return `${(ns / 1e3).toFixed(ns < 1e4 ? 1 : 0)} µs`;
    if (ns < 1e9) return `${(ns / 1e6).toFixed(ns < 1e7 ? 1 : 0)} ms`;
    return `${(ns / 1e9).toFixed(1)} s`;
  };
  const age = (ms) => ms < 1000 ? `${ms} ms` : ms < 60000 ? `${(ms / 1000).toFixed(1)} s`
    : `${Math.floor(ms / 60000)} min`;
  const words = (name) => name.replaceAll("_", " ");

  // --- State ------------------------------------------------------------------------------

  const merge = (name, items) => {
    const list = series[name] || (series[name] = []);
    for (const item of items) {
      const last = list[list.length - 1];
      if (last && last[0] === item[0]) list[list.length - 1] = item;
      else if (!last || last[0] < item[0]) list.push(item);
    }
    if (list.length > SERIES_LENGTH) list.splice(0, list.length - SERIES_LENGTH);
  };

  const take = (frame) => {
    if (frame.reset) {
      for (const name of Object.keys(sections)) delete sections[name];
      for (const name of Object.keys(series)) delete series[name];
      if (chart) chart.clear();
      for (const name of Object.keys(painters)) dirty.add(name);
    }
    for (const [name, value] of Object.entries(frame.sections || {})) {
      sections[name] = value;
      dirty.add(name.split("/")[0]);
    }
    for (const [name, items] of Object.entries(frame.series || {})) {
      merge(name, items);
      dirty.add(name.startsWith("candles/") ? "candles" : name === "profit" ? "line" : name);
    }
    lastFrame = performance.now();
    if (!waiting) { waiting = true; requestAnimationFrame(paint); }
  };

  const paint = () => {
    waiting = false;
    for (const name of [...dirty]) {
      dirty.delete(name);
      if (painters[name]) painters[name]();
    }
  };

  // --- Tables: rows stay where they are, so that a click meets the row it was meant for -----

  const table = (id, columns, emptyText) => {
    const root = byId(id), head = root.createTHead().insertRow(), body = root.createTBody();
    for (const column of columns) {
      head.append(element("th", column.kind || "", column.title));
    }
    const rows = new Map();
    const build = (item) => {
      const row = element("tr");
      for (const column of columns) {
        const cell = element("td", column.kind || "");
        if (column.button) cell.append(column.button(item));
        row.append(cell);
      }
      return row;
    };
    return (items, keyOf) => {
      const keys = new Set();
      let place = body.firstChild;
      for (const item of items) {
        const key = String(keyOf(item));
        keys.add(key);
        let row = rows.get(key);
        if (!row) rows.set(key, row = build(item));
        columns.forEach((column, index) => {
          const cell = row.cells[index];
          if (column.button) return;
          setText(cell, column.text(item));
          const colour = column.colour ? column.colour(item) : "";
          setClass(cell, `${column.kind || ""} ${colour}`.trim());
        });
        if (row === place) place = place.nextSibling;
        else body.insertBefore(row, place);
      }
      for (const [key, row] of rows) {
        if (!keys.has(key)) { row.remove(); rows.delete(key); }
      }
      const old = body.querySelector("td.empty");
      if (items.length > 0 && old) old.parentNode.remove();
      if (items.length === 0 && !old) {
        const cell = element("td", "empty", emptyText);
        cell.colSpan = columns.length;
        body.insertRow().append(cell);
      }
    };
  };

  const decimalsOf = (name) =>
    (sections.markets || []).find((m) => m.symbol === name)?.price_decimals ?? 2;
  const side = { title: "Side", text: (o) => o.side, colour: (o) => o.side };
  const num = "num";
  const orderColumns = [
    { title: "Symbol", text: (o) => o.symbol }, side,
    { title: "Price", kind: num,
      text: (o) => o.type === "market" ? "market" : grouped(o.price) },
    { title: "Quantity", kind: num, text: (o) => grouped(o.quantity) },
    { title: "Filled", kind: "num wide", text: (o) => grouped(o.filled) },
    { title: "State", text: (o) => o.cancel_pending ? "cancelling" : o.state,
      colour: (o) => ["unknown", "disputed", "rejected"].includes(o.state) ? "warn" : "" },
    { title: "From", kind: "wide", text: (o) => words(o.source) },
    { title: "Id", kind: "wide", text: (o) => o.id },
  ];
  const cancelButton = (order) => {
    const button = element("button", "", "Cancel");
    button.type = "button";
    button.setAttribute("aria-label", `Cancel order ${order.id}`);
    button.addEventListener("click", async () => {
      button.disabled = true;
      const done = await act({ action: "cancel", order: order.id });
      if (!done) button.disabled = false;
    });
    return button;
  };
  const showOrders = table("orders",
    [...orderColumns, { title: "", kind: "num act", button: cancelButton }], "No order is open.");
  const showRecent = table("recent", orderColumns, "None yet.");
  const showFills = table("fills", [
    { title: "Time", text: (f) => timeOf(f.time) },
    { title: "Symbol", text: (f) => f.symbol }, side,
    { title: "Price", kind: num, text: (f) => grouped(f.price) },
    { title: "Quantity", kind: num, text: (f) => grouped(f.quantity) },
    { title: "Fee", kind: "num wide", text: (f) => `${money(f.fee, 4)} ${f.fee_asset}` },
    { title: "", kind: "wide", text: (f) => f.liquidity },
  ], "No fill yet.");
  const showPositions = table("positions", [
    { title: "Symbol", text: (p) => p.symbol },
    { title: "Quantity", kind: num, text: (p) => grouped(p.quantity) },
    { title: "Entry", kind: "num wide", text: (p) =>
      Number(p.quantity) === 0 ? "–" : money(p.average_price, decimalsOf(p.symbol)) },
    { title: "Mark", kind: num, text: (p) => p.mark ? grouped(p.mark) : "–" },
    { title: "Value", kind: "num wide", text: (p) => money(p.value) },
    { title: "Open profit", kind: num, text: (p) => signed(p.unrealised),
      colour: (p) => trend(p.unrealised) },
    { title: "Realised", kind: num, text: (p) => signed(p.realised),
      colour: (p) => trend(p.realised) },
    { title: "Fees", kind: "num wide", text: (p) => money(p.fees) },
  ], "No instrument yet.");
  const showLatency = table("latency", [
    { title: "Stage", text: (l) => words(l.name) },
    { title: "p50", kind: num, text: (l) => l.count ? duration(l.p50) : "–" },
    { title: "p99", kind: num, text: (l) => l.count ? duration(l.p99) : "–" },
    { title: "p99.9", kind: num, text: (l) => l.count ? duration(l.p999) : "–" },
  ], "Nothing measured yet.");
  /** The check that decided. */
  const rule = (refusal) => refusal.rules[0];
  const number = (text, unit) => `${grouped(text)} ${unit}`.trim();
  const showRefusals = table("refusals", [
    { title: "Time", text: (r) => timeOf(r.time) },
    { title: "Symbol", text: (r) => r.symbol },
    { title: "Side", text: (r) => r.order.side, colour: (r) => r.order.side },
    { title: "Rule", text: (r) => words(rule(r).name), colour: () => "warn" },
    { title: "Found", kind: "num wide", text: (r) => number(rule(r).value, rule(r).unit) },
    { title: "Limit", kind: "num wide", text: (r) => number(rule(r).limit, rule(r).unit) },
    { title: "What helps", kind: "text", text: (r) => rule(r).mend },
  ], "Nothing was refused.");
  const showAlarms = table("alarms", [
    { title: "Time", text: (a) => timeOf(a.time) },
    { title: "Symbol", text: (a) => a.symbol || "" },
    { title: "What", kind: "text", text: (a) => a.text },
  ], "No alarm.");

  // --- Painters, one per section ------------------------------------------------------------

  const facts = (id, pairs) => {
    const root = byId(id);
    while (root.children.length > pairs.length * 2) root.lastChild.remove();
    pairs.forEach(([name, value], index) => {
      if (!root.children[index * 2]) root.append(element("dt"), element("dd"));
      setText(root.children[index * 2], name);
      setText(root.children[index * 2 + 1], value);
    });
  };
  const market = () => (sections.markets || []).find((m) => m.symbol === symbol);
  /** The last items of a series, newest first, each with its number. */
  const newest = (name, count) => (series[name] || []).slice(-count).reverse()
    .map(([number, value]) => ({ number, ...value }));

  const choose = (name) => {
    symbol = name;
    if (chart) chart.clear();
    for (const part of ["markets", "depth", "candles"]) dirty.add(part);
    paint();
  };
  const tabs = (root, choices, chosen, pick) => {
    const names = choices.map((c) => c[0]).join();
    if (root.dataset.names !== names) {
      root.dataset.names = names;
      root.replaceChildren(...choices.map(([name, value]) => {
        const button = element("button", "", name);
        button.type = "button";
        button.addEventListener("click", () => pick(value));
        return button;
      }));
    }
    choices.forEach(([, value], index) =>
      root.children[index].setAttribute("aria-pressed", String(value === chosen)));
  };

  const candlesOf = (name) => {
    const out = [];
    for (const [second, [open, high, low, close]] of series[`candles/${name}`] || []) {
      const time = second - second % frameLength, last = out[out.length - 1];
      if (last && last.time === time) {
        last.high = Math.max(last.high, Number(high));
        last.low = Math.min(last.low, Number(low));
        last.close = Number(close);
      } else {
        out.push({ time, open: Number(open), high: Number(high), low: Number(low),
          close: Number(close) });
      }
    }
    return out;
  };
  const marksOf = (name, candles) => {
    const times = new Set(candles.map((c) => c.time)), marks = new Map();
    for (const [, fill] of (series.fills || []).slice(-300)) {
      if (fill.symbol !== name) continue;
      const second = Math.floor(Date.parse(fill.time) / 1000);
      const time = second - second % frameLength;
      if (times.has(time)) marks.set(`${time}${fill.side}`, { time, side: fill.side });
    }
    return [...marks.values()].sort((a, b) => a.time - b.time);
  };

  const painters = {
    link() {
      const link = sections.link || { connected: false, text: "connecting" };
      const dot = byId("link");
      setClass(dot, `dot-text ${link.connected ? "good" : "bad"}`);
      setText(dot.lastElementChild, link.connected ? "connected" : "not connected");
      document.body.classList.toggle("stale", !link.connected);
      const since = sections.pulse ? new Date(sections.pulse.time_ms).toISOString() : null;
      const old = since ? ` What you see is of ${timeOf(since)}.` : "";
      banner("link", link.connected ? "" : `The bot cannot be reached: ${link.text}.${old}`);
    },
    status() {
      const status = sections.status;
      if (!status) return;
      setText(byId("what"),
        `${status.venue} ${status.environment} · ${status.mode} · ${words(status.strategy)}`);
      const pill = byId("trading");
      setText(pill, status.ready || status.trading === "halted" ? status.trading : "starting");
      setClass(pill, `pill ${status.trading}`);
      pill.title = status.trading_reason;
      byId("reduce").hidden = status.trading === "reducing";
      byId("resume").hidden = status.trading === "active";
      byId("halt").hidden = status.trading === "halted";
      setText(byId("order-count"), status.unknown_orders > 0
        ? `${status.unknown_orders} of unknown outcome` : `${status.open_orders}`);
      setText(byId("version"), `needletail ${status.version} · since ${timeOf(status.started)}`);
      const closed = status.streams.filter((s) => !s.is_open)
        .map((s) => `The ${s.name} connection is down: ${s.reason || "reconnecting"}.`);
      const texts = [...closed, status.journal_problem, status.ledger_problem,
        status.store_problem, status.log_problem];
      if (status.trading === "halted") texts.push(`Trading is halted: ${status.trading_reason}.`);
      banner("status", texts.filter(Boolean).join(" "));
      if (!symbol && status.symbols.length) choose(status.symbols[0]);
      tabs(byId("symbols"), status.symbols.map((s) => [s, s]), symbol, choose);
    },
    pulse() {
      const pulse = sections.pulse;
      if (!pulse) return;
      const symbols = (sections.status || { symbols: [] }).symbols;
      const found = pulse.data_age_ms[Math.max(0, symbols.indexOf(symbol))];
      const dot = byId("age"), isOld = found === null || found === undefined || found > 3000;
      setClass(dot, `dot-text ${isOld ? "bad" : "good"}`);
      setText(dot.lastElementChild,
        found === null || found === undefined ? "no data" : `data ${age(found)} old`);
      setText(byId("lane"), `lane seen ${age(pulse.lane_age_ms)} ago`);
    },
    markets() {
      const found = market();
      if (!found) return;
      setText(byId("price"), found.last ? grouped(found.last) : "–");
      setText(byId("spread"), found.bid && found.ask
        ? `${grouped(found.bid)} / ${grouped(found.ask)} ${found.quote}` : found.quote);
      setText(byId("book"), found.trading === "active" ? found.book
        : `${found.book} · ${found.trading}`);
      if (chart) chart.decimals(found.price_decimals);
      if (sections.status) tabs(byId("symbols"), sections.status.symbols.map((s) => [s, s]),
        symbol, choose);
    },
    depth() {
      const depth = sections[`depth/${symbol}`] || { bids: [], asks: [] };
      const levels = 10, root = byId("depth");
      if (!root.children.length) {
        for (let i = 0; i < levels; i++) root.append(depthRow("ask"));
        root.append(element("div", "depth-middle", "–"));
        for (let i = 0; i < levels; i++) root.append(depthRow("bid"));
      }
      const most = Math.max(...[...depth.asks, ...depth.bids].map((l) => Number(l[1])), 1e-12);
      for (let i = 0; i < levels; i++) {
        fillDepth(root.children[levels - 1 - i], depth.asks[i], most);
        fillDepth(root.children[levels + 1 + i], depth.bids[i], most);
      }
      const [ask, bid] = [depth.asks[0], depth.bids[0]], found = market();
      const between = ask && bid && found ? Number(ask[0]) - Number(bid[0]) : null;
      setText(root.children[levels], between === null ? "–"
        : `spread ${grouped(between.toFixed(found.price_decimals))}`);
    },
    candles() {
      if (!chart || !symbol) return;
      const candles = candlesOf(symbol);
      chart.show(candles, marksOf(symbol, candles));
      tabs(byId("frames"), LENGTHS, frameLength, (length) => {
        frameLength = length;
        chart.clear();
        painters.candles();
      });
    },
    fills() {
      showFills(newest("fills", 60), (f) => f.number);
      const all = series.fills || [];
      setText(byId("fill-count"), all.length ? `${all[all.length - 1][0]}` : "");
      painters.candles();
    },
    orders() { showOrders(sections.orders || [], (o) => o.id); },
    recent_orders() { showRecent(sections.recent_orders || [], (o) => o.id); },
    positions() { showPositions(sections.positions || [], (p) => p.symbol); },
    refusals() { showRefusals(newest("refusals", 60), (r) => r.number); },
    alarms() { showAlarms(newest("alarms", 60), (a) => a.number); },
    latency() {
      const stages = ["tick_to_book", "strategy", "tick_to_order", "order_to_reply"];
      const found = sections.latency || {};
      showLatency(stages.filter((s) => found[s]).map((name) => ({ name, ...found[name] })),
        (l) => l.name);
    },
    counters() {
      const c = sections.counters;
      if (!c) return;
      facts("counters", [["Events", grouped(c.events)], ["Orders", grouped(c.orders_sent)],
        ["Fills", grouped(c.fills)], ["Refused", grouped(c.refusals)],
        ["Rejected", grouped(c.rejects)], ["Gaps", grouped(c.gaps)]]);
    },
    profit() {
      const p = sections.profit;
      if (!p) return;
      setText(byId("net"), `${signed(p.net)} ${p.currency}`);
      setClass(byId("net"), `big ${trend(p.net)}`);
      const balances = (sections.balances || []).map((b) => [b.asset,
        money(Number(b.free) + Number(b.locked), Number(b.free) >= 1000 ? 2 : 4)]);
      facts("profit", [["Realised", signed(p.realised)], ["Open", signed(p.unrealised)],
        ["Fees", money(p.fees)], ...balances]);
    },
    balances() { painters.profit(); },
    line() {
      drawProfit(byId("profit-line"), (series.profit || []).map(([s, v]) => [s, Number(v)]));
    },
  };
  const depthRow = (kind) => {
    const row = element("div", `depth-row ${kind}`);
    row.append(element("span"), element("span"));
    return row;
  };
  const fillDepth = (row, level, most) => {
    setText(row.children[0], level ? grouped(level[0]) : "");
    setText(row.children[1], level ? grouped(level[1]) : "");
    row.style.setProperty("--share", level ? (Number(level[1]) / most * 100).toFixed(1) : "0");
  };

  // --- Telling ------------------------------------------------------------------------------

  const banners = {};
  const banner = (source, text) => {
    banners[source] = text;
    const all = Object.values(banners).filter(Boolean).join(" ");
    byId("banner").hidden = !all;
    setText(byId("banner"), all);
  };
  let toastTimer = 0;
  const toast = (text, isBad) => {
    const node = byId("toast");
    setText(node, text);
    setClass(node, isBad ? "toast bad" : "toast");
    node.hidden = false;
    clearTimeout(toastTimer);
    toastTimer = setTimeout(() => { node.hidden = true; }, isBad ? 9000 : 4000);
  };

  // --- Acting -------------------------------------------------------------------------------

  const act = async (fields) => {
    try {
      const reply = await fetch("/action", {
        method: "POST", body: JSON.stringify(fields),
        headers: { "Content-Type": "application/json",
          "X-Needletail-Token": session.action_token },
      });
      const isJSON = (reply.headers.get("Content-Type") || "").startsWith("application/json");
      const text = isJSON ? (await reply.json()).text : await reply.text();
      toast(text.trim() || reply.statusText, !reply.ok);
      return reply.ok;
    } catch {
      toast("The page's server did not answer; the outcome is unknown.", true);
      return false;
    }
  };
  const ask = (title, text, verb, isDanger) => new Promise((resolve) => {
    const dialog = byId("confirm");
    setText(byId("confirm-title"), title);
    setText(byId("confirm-text"), text);
    setText(byId("confirm-yes"), verb);
    setClass(byId("confirm-yes"), isDanger ? "danger" : "");
    byId("confirm-reason").value = "";
    dialog.returnValue = "no";
    dialog.addEventListener("close", () =>
      resolve(dialog.returnValue === "yes" ? byId("confirm-reason").value : null), { once: true });
    dialog.showModal();
  });
  const wire = (id, action, title, text, verb, isDanger) => {
    byId(id).addEventListener("click", async () => {
      const reason = await ask(title, text, verb, isDanger);
      if (reason !== null) await act({ action, ...(reason ? { reason } : {}) });
    });
  };
  wire("halt", "halt", "Halt trading?",
    "No new order from now on. Every open order is cancelled; positions stay.", "Halt", true);
  wire("reduce", "reduce", "Only reduce?",
    "From now on only orders that reduce risk pass.", "Reduce only", false);
  wire("resume", "resume", "Trade again?", "The strategy may open risk again.", "Resume", false);
  wire("flatten", "flatten", "Close all positions?",
    "Open orders are cancelled, then positions are closed within the emergency collar. A halted "
    + "bot sends no order: choose “Reduce only” first.", "Flatten", true);
  byId("theme").addEventListener("click", () => toggleTheme());
  addEventListener("themechange", () => {
    if (chart) chart.retheme();
    if (chart) chart.marked = "";
    painters.candles();
    painters.line();
  });
  new ResizeObserver(() => painters.line()).observe(byId("profit-line"));

  // --- Connecting ---------------------------------------------------------------------------

  const listen = () => {
    const source = new EventSource("/events");
    source.onmessage = (event) => { banner("server", ""); take(JSON.parse(event.data)); };
    source.onerror = async () => {
      document.body.classList.add("stale");
      banner("server", "The page's server cannot be reached; trying again.");
      if (source.readyState !== EventSource.CLOSED) return;
      // Refused, not lost: find out why, and ask again only where that can help.
      const reply = await fetch("/session").catch(() => null);
      if (reply && reply.status === 401) banner("server", await reply.text());
      else setTimeout(listen, 2000);
    };
  };
  const load = (path) => new Promise((resolve) => {
    const script = element("script");
    script.src = path;
    script.onload = script.onerror = resolve;
    document.head.append(script);
  });
  const start = async () => {
    const reply = await fetch("/session");
    if (!reply.ok) return banner("server", await reply.text());
    session = await reply.json();
    if (session.has_chart_library) await load("/lightweight-charts.js");
    const hasLibrary = session.has_chart_library && Boolean(window.LightweightCharts);
    chart = makeChart(byId("chart"), hasLibrary);
    byId("attribution").hidden = !hasLibrary;
    if (!hasLibrary) {
      byId("chart-note").hidden = false;
      setText(byId("chart-note"), "Simple candles: TradingView Lightweight Charts was not fetched "
        + "at set-up (Tools/fetch-page-assets).");
    }
    for (const name of Object.keys(painters)) dirty.add(name);
    paint();
    listen();
  };
  start();
})();
