"""Measures the model on the test set and writes report.json."""
import json
import pathlib
import pickle
import tarfile

import numpy as np
import pandas as pd
import xgboost

BASE = pathlib.Path("/opt/ml/processing")


def main() -> None:
    with tarfile.open(BASE / "model" / "model.tar.gz") as archive:
        archive.extractall(path="model")
    model = pickle.loads(pathlib.Path("model/xgboost-model").read_bytes())
    test = pd.read_csv(next((BASE / "test").glob("*.csv")), header=None)
    label = test.iloc[:, 0].to_numpy()
    predicted = model.predict(xgboost.DMatrix(test.iloc[:, 1:].to_numpy()))
    error = (label - predicted) ** 2
    report = {"regression_metrics": {"mse": {"value": float(error.mean()), "standard_deviation": float(np.std(label - predicted))}}}
    folder = BASE / "report"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_text(json.dumps(report))


if __name__ == "__main__":
    main()
