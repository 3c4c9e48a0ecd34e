// chart.js — candles with our trades marked, by Lightweight Charts where it was fetched, else by
// a canvas of our own; and the profit line, which is always our own.
"use strict";
(() => {
  const colour = (name) =>
    getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  /** Sizes a canvas for its box and screen; null while it has no size. */
  const prepare = (canvas) => {
    const box = canvas.getBoundingClientRect();
    const style = getComputedStyle(canvas);
    const inset = parseFloat(style.paddingLeft) + parseFloat(style.paddingRight);
    const width = box.width - inset;
    if (width < 10 || box.height < 10) return null;
    const ratio = devicePixelRatio || 1;
    const [w, h] = [Math.round(width * ratio), Math.round(box.height * ratio)];
    if (canvas.width !== w || canvas.height !== h) { canvas.width = w; canvas.height = h; }
    const pen = canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, box.height);
    pen.font = "11px system-ui, sans-serif";
    return { pen, width, height: box.height };
  };

  const clock = (second) => new Date(second * 1000).toISOString().slice(11, 19);

  class LibraryChart {
    constructor(box) {
      this.chart = LightweightCharts.createChart(box, {
        autoSize: true, rightPriceScale: { borderVisible: false },
        timeScale: { borderVisible: false, timeVisible: true, secondsVisible: true,
          rightOffset: 3, barSpacing: 9 },
        crosshair: { mode: 0 }, handleScale: { axisPressedMouseMove: false },
      });
      this.series = this.chart.addCandlestickSeries({ borderVisible: false });
      this.candles = [];
      this.retheme();
    }
    retheme() {
      const text = colour("--quiet"), line = colour("--line");
      this.chart.applyOptions({
        layout: { background: { type: "solid", color: colour("--card") }, textColor: text,
          fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 11 },
        grid: { vertLines: { color: line + "80" }, horzLines: { color: line + "80" } },
      });
      const [up, down] = [colour("--buy"), colour("--sell")];
      this.series.applyOptions({ upColor: up, downColor: down, wickUpColor: up,
        wickDownColor: down });
    }
    decimals(count) {
      this.series.applyOptions(
        { priceFormat: { type: "price", precision: count, minMove: 10 ** -count } });
    }
    show(candles, marks) {
      const old = this.candles;
      const grown = candles.length - old.length;
      const same = old.length > 0 && candles.length > 0 && grown >= 0 && grown <= 1
        && old[0].time === candles[0].time
        && old[old.length - 1].time === candles[old.length - 1].time;
      if (same) {
        for (const candle of candles.slice(old.length - 1)) this.series.update(candle);
      } else {
        this.series.setData(candles);
        if (old.length === 0 || candles.length === 0) this.chart.timeScale().scrollToRealTime();
      }
      this.candles = candles;
      const text = JSON.stringify(marks);
      if (text !== this.marked) {
        this.marked = text;
        this.series.setMarkers(marks.map((mark) => ({
          time: mark.time, color: colour(mark.side === "buy" ? "--buy" : "--sell"), size: 1,
          position: mark.side === "buy" ? "belowBar" : "aboveBar",
          shape: mark.side === "buy" ? "arrowUp" : "arrowDown",
        })));
      }
    }
    clear() { this.candles = []; this.marked = ""; this.series.setMarkers([]);
      this.series.setData([]); }
  }

  class OwnChart {
    constructor(box) {
      this.canvas = document.createElement("canvas");
      this.canvas.className = "own";
      box.append(this.canvas);
      this.places = 2;
      this.clear();
      new ResizeObserver(() => this.draw()).observe(box);
    }
    retheme() { this.draw(); }
    decimals(count) { this.places = count; }
    clear() { this.candles = []; this.marks = []; }
    show(candles, marks) { this.candles = candles; this.marks = marks; this.draw(); }
    draw() {
      const sheet = prepare(this.canvas);
      if (!sheet) return;
      const { pen, width, height } = sheet;
      const [right, bottom, step] = [74, 22, 9];
      const seen = this.candles.slice(-Math.max(1, Math.floor((width - right) / step)));
      if (seen.length === 0) return;
      let low = Math.min(...seen.map((c) => c.low)), high = Math.max(...seen.map((c) => c.high));
      const room = (high - low || high * 0.0001) * 0.12;
      low -= room; high += room;
      const y = (price) => (high - price) / (high - low) * (height - bottom);
      const x = (index) => width - right - (seen.length - index - 0.5) * step;
      this.axes(pen, width - right, height - bottom, low, high, y, seen, x);
      seen.forEach((candle, index) => {
        pen.fillStyle = colour(candle.close >= candle.open ? "--buy" : "--sell");
        const wick = Math.max(1, y(candle.low) - y(candle.high));
        pen.fillRect(x(index) - 0.5, y(candle.high), 1, wick);
        const top = y(Math.max(candle.open, candle.close));
        const tall = Math.max(1, y(Math.min(candle.open, candle.close)) - top);
        pen.fillRect(x(index) - 3, top, 6, tall);
      });
      const places = new Map(seen.map((candle, index) => [candle.time, index]));
      for (const mark of this.marks) {
        const index = places.get(mark.time);
        if (index === undefined) continue;
        const isBuy = mark.side === "buy";
        pen.fillStyle = colour(isBuy ? "--buy" : "--sell");
        const at = y(isBuy ? seen[index].low : seen[index].high) + (isBuy ? 5 : -5);
        pen.beginPath();
        pen.moveTo(x(index), at);
        pen.lineTo(x(index) - 4, at + (isBuy ? 7 : -7));
        pen.lineTo(x(index) + 4, at + (isBuy ? 7 : -7));
        pen.fill();
      }
    }
    axes(pen, width, height, low, high, y, seen, x) {
      pen.fillStyle = colour("--quiet");
      pen.strokeStyle = colour("--line");
      for (let line = 1; line < 6; line++) {
        const price = low + (high - low) * line / 6;
        pen.fillText(price.toFixed(this.places), width + 8, y(price) + 4);
        pen.beginPath();
        pen.moveTo(0, y(price));
        pen.lineTo(width, y(price));
        pen.stroke();
      }
      for (let index = seen.length - 1; index >= 0; index -= 14) {
        if (x(index) > 30) pen.fillText(clock(seen[index].time), x(index) - 24, height + 16);
      }
    }
  }

  /** The profit of the last minutes; zero is marked. */
  const drawLine = (canvas, points) => {
    const sheet = prepare(canvas);
    if (!sheet || points.length < 2) return;
    const { pen, width, height } = sheet;
    const values = points.map((point) => point[1]);
    let low = Math.min(0, ...values), high = Math.max(0, ...values);
    const room = (high - low || 1) * 0.1;
    low -= room; high += room;
    const [first, last] = [points[0][0], points[points.length - 1][0]];
    const x = (time) => (time - first) / (last - first || 1) * width;
    const y = (value) => (high - value) / (high - low) * height;
    pen.strokeStyle = colour("--line");
    pen.beginPath();
    pen.moveTo(0, y(0));
    pen.lineTo(width, y(0));
    pen.stroke();
    const rising = points[points.length - 1][1] >= 0;
    pen.beginPath();
    points.forEach(([time, value], index) =>
      index ? pen.lineTo(x(time), y(value)) : pen.moveTo(x(time), y(value)));
    pen.strokeStyle = colour(rising ? "--buy" : "--sell");
    pen.lineWidth = 1.6;
    pen.stroke();
    pen.lineTo(width, y(0));
    pen.lineTo(0, y(0));
    pen.fillStyle = colour(rising ? "--buy-soft" : "--sell-soft");
    pen.fill();
  };

  window.makeChart = (box, hasLibrary) =>
    hasLibrary && window.LightweightCharts ? new LibraryChart(box) : new OwnChart(box);
  window.drawProfit = drawLine;
})();
