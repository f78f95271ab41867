"""Splits the abalone data set into train, validation and test, label first, without a header."""
import pathlib

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

BASE = pathlib.Path("/opt/ml/processing")
COLUMNS = ["sex", "length", "diameter", "height", "whole_weight", "shucked_weight", "viscera_weight", "shell_weight", "rings"]


def main() -> None:
    source = next((BASE / "raw").glob("*.csv"))
    data = pd.read_csv(source, header=None, names=COLUMNS)
    label = data.pop("rings").to_numpy(dtype=float).reshape(-1, 1)
    numbers = [name for name in COLUMNS if name not in ("sex", "rings")]
    prepare = ColumnTransformer([
        ("numbers", Pipeline([("fill", SimpleImputer(strategy="median")), ("scale", StandardScaler())]), numbers),
        ("sex", OneHotEncoder(handle_unknown="ignore"), ["sex"]),
    ])
    rows = np.concatenate((label, prepare.fit_transform(data)), axis=1)
    np.random.default_rng(0).shuffle(rows)
    train, validation, test = np.split(rows, [int(0.7 * len(rows)), int(0.85 * len(rows))])
    for name, part in (("train", train), ("validation", validation), ("test", test)):
        folder = BASE / name
        folder.mkdir(parents=True, exist_ok=True)
        pd.DataFrame(part).to_csv(folder / f"{name}.csv", header=False, index=False)


if __name__ == "__main__":
    main()
