"""Splits the raw rows into rows to train on and rows to test with."""

import csv
import pathlib
import random

HERE = pathlib.Path("/opt/ml/processing")


def main() -> None:
    rows = []
    for file in sorted((HERE / "raw").rglob("*.csv")):
        with file.open(newline="") as text:
            rows.extend(csv.reader(text))
    random.Random(0).shuffle(rows)
    cut = len(rows) * 8 // 10
    for name, part in {"train": rows[:cut], "test": rows[cut:]}.items():
        folder = HERE / name
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "part.csv").open("w", newline="") as text:
            csv.writer(text).writerows(part)


if __name__ == "__main__":
    main()
