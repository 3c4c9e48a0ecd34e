#!/usr/bin/env python3
"""Makes ta_walk_*: a random walk and what TA-Lib says of it, each function with its usual numbers
and with drawn ones. Needs numpy and TA-Lib (PyPI). Usage: make-indicators.py FOLDER"""
import csv
import json
import random
import sys

import numpy
import talib
from talib import abstract

ROWS, SEED, DRAWS = 140, 20261125, 2
PRICE, OHLC = ["Close"], ["Open", "High", "Low", "Close"]
HLC, HL, HLCV = ["High", "Low", "Close"], ["High", "Low"], ["High", "Low", "Close", "Volume"]
FUNCTIONS = {
    **{name: (PRICE, {"timeperiod": 14}) for name in
       ["SMA", "EMA", "WMA", "DEMA", "TEMA", "TRIMA", "KAMA", "MIDPOINT", "RSI", "CMO", "MOM",
        "ROC", "ROCP", "TRIX", "LINEARREG", "LINEARREG_SLOPE", "LINEARREG_ANGLE", "TSF", "MAX",
        "MIN", "SUM"]},
    **{name: (HLC, {"timeperiod": 14}) for name in
       ["WILLR", "CCI", "ADX", "ADXR", "DX", "PLUS_DI", "MINUS_DI", "ATR", "NATR"]},
    **{name: (HL, {"timeperiod": 14}) for name in
       ["MIDPRICE", "PLUS_DM", "MINUS_DM", "AROON", "AROONOSC", "BETA", "CORREL"]},
    **{name: (PRICE, {}) for name in ["HT_TRENDLINE", "HT_DCPERIOD", "HT_TRENDMODE", "HT_SINE"]},
    **{name: (HLC, {}) for name in ["TRANGE", "TYPPRICE", "WCLPRICE"]},
    **{name: (OHLC, {}) for name in
       ["BOP", "CDLENGULFING", "CDLHAMMER", "CDLDOJI", "CDLSHOOTINGSTAR", "CDL3WHITESOLDIERS"]},
    "MA": (PRICE, {"timeperiod": 30, "matype": 0}),
    "T3": (PRICE, {"timeperiod": 5, "vfactor": 0.7}),
    "SAR": (HL, {"acceleration": 0.02, "maximum": 0.2}),
    "BBANDS": (PRICE, {"timeperiod": 20, "nbdevup": 2.0, "nbdevdn": 2.0, "matype": 0}),
    "MACD": (PRICE, {"fastperiod": 12, "slowperiod": 26, "signalperiod": 9}),
    "APO": (PRICE, {"fastperiod": 12, "slowperiod": 26, "matype": 1}),
    "PPO": (PRICE, {"fastperiod": 12, "slowperiod": 26, "matype": 1}),
    "STOCH": (HLC, {"fastk_period": 14, "slowk_period": 3, "slowk_matype": 0, "slowd_period": 3,
                    "slowd_matype": 0}),
    "STOCHF": (HLC, {"fastk_period": 14, "fastd_period": 3, "fastd_matype": 0}),
    "STOCHRSI": (PRICE, {"timeperiod": 14, "fastk_period": 14, "fastd_period": 3,
                         "fastd_matype": 0}),
    "ULTOSC": (HLC, {"timeperiod1": 7, "timeperiod2": 14, "timeperiod3": 28}),
    "MFI": (HLCV, {"timeperiod": 14}),
    "STDDEV": (PRICE, {"timeperiod": 20, "nbdev": 1.0}),
    "VAR": (PRICE, {"timeperiod": 20, "nbdev": 1.0}),
    "OBV": (["Close", "Volume"], {}),
    "AD": (HLCV, {}),
    "ADOSC": (HLCV, {"fastperiod": 3, "slowperiod": 10}),
    "MEDPRICE": (HL, {}),
    "CDLMORNINGSTAR": (OHLC, {"penetration": 0.3}),
}


def walk(rng):
    close = 100 * numpy.exp(numpy.cumsum(rng.normal(0, 0.02, ROWS)))
    opened = numpy.r_[100, close[:-1]] * numpy.exp(rng.normal(0, 0.006, ROWS))
    up, down = (numpy.exp(numpy.abs(rng.normal(0, 0.008, ROWS))) for _ in range(2))
    close, opened = close.round(2), opened.round(2)
    high, low = numpy.maximum(opened, close) * up, numpy.minimum(opened, close) / down
    return {"Open": opened, "High": numpy.maximum(high.round(2), numpy.maximum(opened, close)),
            "Low": numpy.minimum(low.round(2), numpy.minimum(opened, close)), "Close": close,
            "Volume": rng.lognormal(8, 1, ROWS).round()}


def drawn(name, value, draw):
    if name.endswith("matype"):
        return draw.choice([0, 1, 2, 3, 4, 5, 6, 8])
    if "period" in name:
        return draw.randint(2, 20)
    return draw.choice([0.5, 1.5, 2.5]) if name.startswith("nbdev") else value


def main(folder):
    data, draw = walk(numpy.random.default_rng(SEED)), random.Random(SEED)
    columns, values = [], {}
    for round_ in range(1 + DRAWS):
        for function, (inputs, usual) in FUNCTIONS.items():
            if round_ > 0 and not usual:
                continue
            params = {k: v if round_ == 0 else drawn(k, v, draw) for k, v in usual.items()}
            info = abstract.Function(function)
            result = getattr(talib, function)(*[data[i] for i in inputs], **params)
            result = result if isinstance(result, (list, tuple)) else [result]
            for output, line in zip(info.output_names, result):
                column = "_".join([function, *map(str, params.values())]) + "." + output
                if column not in values:
                    values[column] = line
                    columns.append({"column": column, "function": function, "inputs": inputs,
                                    "params": params, "output": output})
    write(f"{folder}/ta_walk_input.csv", data, "{:.10g}")
    write(f"{folder}/ta_walk_expected.csv", values, "{:.12g}")
    with open(f"{folder}/ta_walk_meta.json", "w") as file:
        json.dump({"library": f"TA-Lib {talib.__version__}", "columns": columns}, file, indent=0)


def write(path, columns, form):
    with open(path, "w") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["Row", *columns])
        for row in range(ROWS):
            cells = [float(line[row]) for line in columns.values()]
            writer.writerow([row, *("" if numpy.isnan(c) else form.format(c) for c in cells)])


main(sys.argv[1])
