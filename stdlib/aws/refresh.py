#!/usr/bin/env python3
"""Regenerates the AWS facts under stdlib/aws/data from public packages of pinned versions.

    python3 stdlib/aws/refresh.py --date 2026-11-23                 regenerate everything (makes a venv beside --work)
    python3 stdlib/aws/refresh.py --date 2026-11-23 --check         regenerate and compare with what is stored
    python3 stdlib/aws/refresh.py --date … --single-file F.json     also write one file for `mlflowc --facts F.json`
                                           --services sagemaker,glue   with only these APIs in it
    python3 stdlib/aws/refresh.py --verify [--every 1]              ask the SDK for images; the Rust tests compare

Same packages and same --date give the same bytes: nothing is read from the clock, everything is sorted.
"""
from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from sources import cloudformation, images, instances, permissions, shapes  # noqa: E402

PACKAGES = ["botocore==1.44.5", "sagemaker-core==2.27.0", "cfn-lint==1.58.0"]
EMBEDDED = HERE.parent.parent / "compiler" / "src" / "facts" / "embedded.rs"


def site_packages(work: pathlib.Path) -> pathlib.Path:
    """Installs the pinned packages, without what they depend on, and says where."""
    venv = work / "packages"
    stamp = venv / "installed.txt"
    if not stamp.exists() or stamp.read_text() != "\n".join(PACKAGES):
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
        subprocess.run([str(venv / "bin/pip"), "install", "-q", "--no-deps", *PACKAGES], check=True)
        stamp.write_text("\n".join(PACKAGES))
    return next(venv.glob("lib/python3*/site-packages"))


def verdicts(regexes: set[str], work: pathlib.Path) -> dict[str, str]:
    """What the regex crate says to each pattern."""
    ordered = sorted(regexes)
    run = ["cargo", "run", "-q", "--release", "--manifest-path", str(HERE / "check_patterns/Cargo.toml"),
           "--target-dir", str(work / "target")]
    answer = subprocess.run(run, input="".join(p + "\n" for p in ordered), capture_output=True, text=True, check=True)
    lines = answer.stdout.splitlines()
    if len(lines) != len(ordered):
        sys.exit(f"check-patterns answered {len(lines)} lines to {len(ordered)} patterns")
    return dict(zip(ordered, lines))


def api_models(data: pathlib.Path) -> dict[str, dict]:
    """The model of every service in botocore."""
    models = {d.name: shapes.load_model(d) for d in sorted(data.iterdir()) if d.is_dir()}
    return {name: model for name, model in models.items() if model}


def pattern_book(models: dict[str, dict], schemas: dict[str, dict], work: pathlib.Path) -> shapes.Patterns:
    """Tries every pattern there is with the regex crate."""
    trial = shapes.Patterns({})
    tried: set[str] = set()
    uses = [use for model in models.values() for use in shapes.pattern_uses(model)]
    uses += [(p, shapes.closed(p)) for schema in schemas.values() for p in cloudformation.patterns_of(schema)]
    for pattern, whole in dict.fromkeys(uses):
        tried.update(trial.regexes(pattern, whole))
    return shapes.Patterns(verdicts(tried, work))


def packed(text: str) -> bytes:
    """gzip without a time stamp or file name."""
    return gzip.compress(text.encode(), 9, mtime=0)


def embedded(files: dict[str, bytes], date: str) -> str:
    def table(folder: str) -> str:
        names = sorted(n.removeprefix(folder + "/").removesuffix(".gz") for n in files if n.startswith(folder + "/"))
        return "".join(f'    ("{n}", include_bytes!("../../../stdlib/aws/data/{folder}/{n}.gz")),\n' for n in names)

    parts = "".join(f'pub(super) const {n.upper()}: &[u8] = include_bytes!("../../../stdlib/aws/data/{n}.gz");\n'
                    for n in ("instances", "images", "resources"))
    return (
        "//! The facts that travel inside the compiler. Written by stdlib/aws/refresh.py; do not edit.\n\n"
        f'pub(super) const DATE: &str = "{date}";\n\n{parts}'
        'pub(super) const PIPELINE_STEPS: &str = include_str!("../../../stdlib/aws/pipeline_steps.json");\n'
        'pub(super) const MACHINE_TASKS: &str = include_str!("../../../stdlib/aws/machine_tasks.json");\n\n'
        "/// The API model of each service, sorted by the service's name in the language.\n"
        f"#[rustfmt::skip]\npub(super) const SERVICES: &[(&str, &[u8])] = &[\n{table('api')}];\n\n"
        "/// The CloudFormation resource types of each service, sorted by the service's name in them, in lower case.\n"
        f"#[rustfmt::skip]\npub(super) const RESOURCE_SERVICES: &[(&str, &[u8])] = &[\n{table('cloudformation')}];\n\n"
        "/// The IAM actions of each service, sorted by their prefix.\n"
        f"#[rustfmt::skip]\npub(super) const PERMISSIONS: &[(&str, &[u8])] = &[\n{table('permissions')}];\n"
    )


def build(site: pathlib.Path, work: pathlib.Path, date: str):
    """(files by path below stdlib/aws/data, the single-file form)."""
    models = api_models(site / "botocore" / "data")
    schemas, regions = cloudformation.load(site / "cfnlint")
    book = pattern_book(models, schemas, work)
    texts = {shapes.language_name(n): shapes.service_text(n, m, book) for n, m in models.items()}
    api_unchecked = dict(book.unchecked)
    resources = cloudformation.texts(schemas, book)
    actions = permissions.texts(site / "cfnlint", models)
    config = site / "sagemaker" / "core" / "image_uri_config"
    gpu = json.loads((config / "instance_gpu_info.json").read_text())
    endpoints = json.loads((site / "botocore/data/endpoints.json").read_text())
    parts = {
        "instances": instances.lines(models["sagemaker"], site / "cfnlint", gpu, endpoints),
        "images": images.lines(config, endpoints),
        "resources": cloudformation.index(regions),
    }
    parts = {name: "\n".join(lines) + "\n" for name, lines in parts.items()}
    files = {f"api/{name}.gz": packed(text) for name, text in texts.items()}
    files |= {f"cloudformation/{name}.gz": packed(text) for name, text in resources.items()}
    files |= {f"permissions/{name}.gz": packed(text) for name, text in actions.items()}
    files |= {f"{name}.gz": packed(text) for name, text in parts.items()}
    sizes = {
        "api": (texts.values(), "api/"), "cloudformation": (resources.values(), "cloudformation/"),
        "permissions": (actions.values(), "permissions/"),
        **{name: ([text], f"{name}.gz") for name, text in parts.items()},
    }
    manifest = {
        "date": date,
        "packages": PACKAGES,
        "cloudformation_schema_date": json.loads((site / "cfnlint/data/schemas/version.json").read_text())["schema_date"],
        "services": len(texts),
        "operations": sum(len(m["operations"]) for m in models.values()),
        "resource_types": len(schemas),
        "bytes": {
            name: {"text": sum(len(t.encode()) for t in found),
                   "packed": sum(len(b) for n, b in files.items() if n.startswith(prefix))}
            for name, (found, prefix) in sizes.items()
        },
        "loosened_patterns": sorted(book.loosened),
        "unchecked_patterns": dict(sorted(api_unchecked.items())),
        "unchecked_patterns_of_resources": dict(sorted((p, r) for p, r in book.unchecked.items() if p not in api_unchecked)),
        "sha256": {n: hashlib.sha256(b).hexdigest() for n, b in sorted(files.items())},
    }
    rust = embedded(files, date).encode()
    files["manifest.json"] = (json.dumps(manifest, indent=1, ensure_ascii=False) + "\n").encode()
    by_hand = {name: json.loads((HERE / f"{name}.json").read_text()) for name in ("pipeline_steps", "machine_tasks")}
    single = {"date": date, "api": texts, "cloudformation": resources, "permissions": actions, **parts, **by_hand}
    return files, single, rust


def write(files: dict[str, bytes], rust: bytes) -> None:
    data = HERE / "data"
    for old in data.rglob("*.gz"):
        if str(old.relative_to(data)) not in files:
            old.unlink()
    for name, content in files.items():
        path = data / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    EMBEDDED.write_bytes(rust)


def compare(files: dict[str, bytes], rust: bytes) -> int:
    stored = {n: HERE / "data" / n for n in files} | {"embedded.rs": EMBEDDED}
    wanted = files | {"embedded.rs": rust}
    differ = [n for n, path in stored.items() if not path.exists() or path.read_bytes() != wanted[n]]
    for name in differ:
        print(f"differs: {name}")
    return 1 if differ else 0


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--date", help="the date the facts carry, YYYY-MM-DD")
    arguments.add_argument("--work", type=pathlib.Path, default=pathlib.Path("/tmp/mlflow-facts"), help="where packages go")
    arguments.add_argument("--single-file", type=pathlib.Path, help="also write every part as one JSON file")
    arguments.add_argument("--services", help="with --single-file: only the APIs of these services, as a,b,c, and nothing else "
                           "of the large tables; a whole file takes the compiler half a second to read and check")
    arguments.add_argument("--check", action="store_true", help="write nothing; fail when stored facts differ")
    arguments.add_argument("--verify", action="store_true", help="ask the SDK for images and write the golden file")
    arguments.add_argument("--every", type=int, default=47, help="with --verify: ask one question of so many")
    given = arguments.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    if given.verify:
        from sources import verify_images
        return verify_images.run(given.work, HERE / "tests" / "images.json", given.every)
    if not given.date:
        arguments.error("--date is needed: the date the facts carry")
    files, single, rust = build(site_packages(given.work), given.work, given.date)
    if given.services:
        wanted = [shapes.language_name(name) for name in given.services.split(",")]
        single = {k: v for k, v in single.items() if k not in ("cloudformation", "permissions", "resources")}
        single["api"] = {name: single["api"][name] for name in wanted}
    if given.single_file:
        given.single_file.write_text(json.dumps(single, separators=(",", ":"), ensure_ascii=False))
    if given.check:
        return compare(files, rust)
    write(files, rust)
    print(f"{len(files)} files, {sum(map(len, files.values())):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
