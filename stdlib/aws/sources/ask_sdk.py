"""Asks the SageMaker SDK for image URIs. Runs inside a venv that has it; prints one JSON row per question."""
from __future__ import annotations

import itertools
import json
import logging
import pathlib
import sys

logging.disable(logging.CRITICAL)

from sagemaker.core import image_uris  # noqa: E402

REGIONS = ["us-east-1", "eu-west-1", "cn-north-1", "us-gov-west-1", "il-central-1", "eu-isoe-west-1", "ap-southeast-5"]
INSTANCES = [None, "ml.m5.xlarge", "ml.c5.2xlarge", "ml.g5.xlarge", "ml.p3.2xlarge", "ml.p4d.24xlarge", "ml.p2.xlarge",
             "ml.inf1.xlarge", "ml.inf2.xlarge", "ml.trn1.2xlarge", "ml.c7g.xlarge", "ml.m6g.large"]

# What the compiler takes as frameworks, and how the SDK is asked for them.
NESTED = {
    "huggingface": {},
    "huggingface-neuron": {"inference_tool": "neuron"},
    "huggingface-neuronx": {"inference_tool": "neuronx"},
    "huggingface-training-compiler": {"training_compiler_config": True},
}


def tables(config: dict):
    """(scope, table) of a framework, for either layout of the SDK's files."""
    if "versions" in config:
        return [(scope, config) for scope in config.get("scope", [])]
    return [(scope, table) for scope, table in config.items() if isinstance(table, dict) and "versions" in table]


def pythons(entry: dict) -> list[str | None]:
    if "repository" in entry:
        return entry.get("py_versions") or [None]
    return list(entry)


def questions(framework: str, config: dict):
    for scope, table in tables(config):
        versions = [*table["versions"], *table.get("version_aliases", {})]
        # With one version the SDK takes any text for it; the compiler does not.
        for version in versions:
            entry = table["versions"].get(table.get("version_aliases", {}).get(version, version))
            if framework in NESTED and entry:
                bases = [b for b in entry if b != "version_aliases"] + list(entry.get("version_aliases", {}))
                for base in bases:
                    full = entry.get("version_aliases", {}).get(base, base)
                    for python in pythons(entry[full]):
                        yield scope, version, base, python
            elif entry:
                for python in pythons(entry):
                    yield scope, version, None, python


def main(every: int) -> None:
    directory = pathlib.Path(image_uris.__file__).parent / "image_uri_config"
    turn = itertools.count()
    for path in sorted(directory.glob("*.json")):
        config = json.loads(path.read_text())
        if path.name == "instance_gpu_info.json" or not tables(config):
            continue
        for scope, version, base, python in questions(path.stem, config):
            for instance in INSTANCES:
                number = next(turn)
                if number % every:
                    continue
                region = REGIONS[number % len(REGIONS)]
                try:
                    framework = "huggingface" if path.stem in NESTED else path.stem
                    uri = image_uris.retrieve(framework, region, version=version, py_version=python, image_scope=scope,
                                              instance_type=instance, base_framework_version=base,
                                              **NESTED.get(path.stem, {}))
                except (ValueError, KeyError, TypeError, AttributeError, OSError):
                    uri = None
                print(json.dumps([path.stem, version, region, scope, instance, python, base, uri]))


if __name__ == "__main__":
    main(int(sys.argv[1]))
