#!/usr/bin/env python3
"""Measures whole runs of `mlflowc build`: the abalone example and chains of 100 to 100,000 steps.

Usage: compiler/benches/whole.py [PROGRAM], after `cargo build --release -p mlflowc`. Prints, for each input, the least of
several runs (seconds of processor and of wall) and the most memory that was resident, then the exponents of growth.
A definition of more than 1 MB is refused after it is written out in memory, which takes the same work.
"""
import math
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

STEP = '''
  transform step_{n} = processing {{
    image     = sklearn("1.2-1")
    instance  = "ml.m5.xlarge"
    arguments = ["--part", "{n}"]
    in {{ data = {before} }}
    out {{ out: table = {{ format = "csv" }} }}
  }}
'''


def chain(steps: int) -> str:
    parts = ['project bench { region = "eu-west-1", bucket = "acme-ml" }\n\nworkflow chain {\n  param data: uri = "s3://acme-ml/in/"\n'
             '  source raw: table = s3 { uri = data, format = "csv" }\n']
    parts += [STEP.format(n=n, before="raw" if n == 0 else f"step_{n - 1}.out") for n in range(steps)]
    return "".join(parts) + "}\n"


def measure(program: str, folder: pathlib.Path, runs: int) -> tuple[float, float, int]:
    """Least processor time, least wall time, most memory in KB."""
    script = ("import resource,subprocess,sys,time\n"
              "start=time.perf_counter()\n"
              "subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL,stderr=subprocess.DEVNULL,cwd='.')\n"
              "wall=time.perf_counter()-start\n"
              "u=resource.getrusage(resource.RUSAGE_CHILDREN)\n"
              "print(u.ru_utime+u.ru_stime,wall,u.ru_maxrss)")
    best: list[tuple[float, float, int]] = []
    with tempfile.TemporaryDirectory() as out:
        for _ in range(runs):
            text = subprocess.run([sys.executable, "-c", script, program, "build", "-o", out, "."], cwd=folder,
                                  capture_output=True, text=True, check=True).stdout
            cpu, wall, memory = text.split()
            best.append((float(cpu), float(wall), int(memory)))
    return min(b[0] for b in best), min(b[1] for b in best), max(b[2] for b in best)


def main() -> None:
    root = pathlib.Path(__file__).resolve().parents[2]
    program = sys.argv[1] if len(sys.argv) > 1 else str(root / "target/release/mlflowc")
    print(f"{'input':>14}  {'cpu s':>8}  {'wall s':>8}  {'MB':>7}")
    cpu, wall, memory = measure(program, root / "examples/abalone", 20)
    print(f"{'abalone':>14}  {cpu:8.4f}  {wall:8.4f}  {memory / 1024:7.1f}")
    found = []
    for steps, runs in ((100, 10), (1_000, 10), (10_000, 5), (100_000, 1)):
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "main.mlflow").write_text(chain(steps))
            cpu, wall, memory = measure(program, pathlib.Path(folder), runs)
        found.append((steps, cpu, memory))
        print(f"{steps:>8} steps  {cpu:8.4f}  {wall:8.4f}  {memory / 1024:7.1f}")
    (a, cpu_a, memory_a), (b, cpu_b, memory_b) = found[1], found[-1]
    span = math.log(b / a)
    print(f"exponent from {a} to {b} steps: time {math.log(cpu_b / cpu_a) / span:.2f}, memory {math.log(memory_b / memory_a) / span:.2f}")


if __name__ == "__main__":
    main()
