"""Writes the golden file that the compiler's image tests are held to: questions and the SDK's own answers."""
from __future__ import annotations

import json
import pathlib
import subprocess
import sys

SDK = "sagemaker-core==2.27.0"


def interpreter(work: pathlib.Path) -> pathlib.Path:
    """A Python that can import the SDK, with everything it depends on."""
    venv = work / "sdk"
    stamp = venv / "installed.txt"
    if not stamp.exists() or stamp.read_text() != SDK:
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
        subprocess.run([str(venv / "bin/pip"), "install", "-q", SDK], check=True)
        stamp.write_text(SDK)
    return venv / "bin/python"


def run(work: pathlib.Path, golden: pathlib.Path, every: int) -> int:
    """`every`: ask one question of so many; all take minutes and make a large file."""
    script = pathlib.Path(__file__).with_name("ask_sdk.py")
    answer = subprocess.run([str(interpreter(work)), str(script), str(every)], capture_output=True, text=True, check=True)
    rows = [json.loads(line) for line in answer.stdout.splitlines()]
    golden.parent.mkdir(exist_ok=True)
    lines = ",\n".join(json.dumps(row) for row in rows)
    golden.write_text(f"[\n{lines}\n]\n")
    print(f"{len(rows)} questions, {sum(row[-1] is not None for row in rows)} with an image in {golden}")
    print("now: cargo test -p mlflow-compiler facts::images")
    return 0
