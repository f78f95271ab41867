from pathlib import Path

import pandas
from sklearn.model_selection import train_test_split

ROOT = Path("/opt/ml/processing")
rows = pandas.read_parquet(ROOT / "table")[["churned", "age", "tenure", "monthly"]]
train, test = train_test_split(rows, test_size=0.2, random_state=7, stratify=rows["churned"])
for name, part in (("train", train), ("test", test)):
    (ROOT / name).mkdir(parents=True, exist_ok=True)
    part.to_csv(ROOT / name / "rows.csv", index=False, header=False)
