import json
import tarfile
from pathlib import Path

import pandas
import xgboost
from sklearn.metrics import roc_auc_score

ROOT = Path("/opt/ml/processing")
with tarfile.open(next((ROOT / "model").glob("*.tar.gz"))) as archive:
    archive.extractall("/tmp/model")
booster = xgboost.Booster()
booster.load_model("/tmp/model/xgboost-model")
rows = pandas.concat(pandas.read_csv(file, header=None) for file in sorted((ROOT / "test").glob("*.csv")))
scores = booster.predict(xgboost.DMatrix(rows.iloc[:, 1:].to_numpy()))
(ROOT / "report").mkdir(parents=True, exist_ok=True)
(ROOT / "report" / "report.json").write_text(json.dumps({"auc": float(roc_auc_score(rows.iloc[:, 0], scores))}))
