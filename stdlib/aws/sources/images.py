"""Container images: the SDK's tables, with the few dozen distinct registry tables shared."""
from __future__ import annotations

import json
import pathlib

# What the SDK's image_uris.py writes as code. verify_images.py compares the outcome with the SDK's own.
RULES = {
    # Families on Graviton, and the frameworks that have images for them, under a scope of their own.
    "graviton_families": ["m6g", "m6gd", "c6g", "c6gd", "c6gn", "c7g", "r6g", "r6gd"],
    "graviton_frameworks": ["pytorch", "sklearn", "tensorflow", "xgboost"],
    "graviton_scope": "inference_graviton",
    # The tag of frameworks that write it out whole for Graviton, by version.
    "graviton_tags": {
        "sklearn": {"1.0-1": "1.0-1-arm64-cpu-py3"},
        "xgboost": {"1.3-1": "1.3-1-arm64", "1.5-1": "1.5-1-arm64"},
    },
    "trainium_frameworks": ["pytorch"],
    # Frameworks whose images for Inferentia and Trainium are a framework of their own, `<framework>-neuron`.
    "neuron_frameworks": ["huggingface", "pytorch"],
    # Frameworks whose versions hold a table per base framework, such as `pytorch2.1.0`.
    "nested_frameworks": ["huggingface"],
    "default_scopes": {"sklearn": "training", "xgboost": "training"},
    # Repositories whose tag names the version of the Neuron SDK.
    "sdk_repositories": ["pytorch-training-neuron", "pytorch-training-neuronx", "huggingface-vllm-inference-neuronx"],
    # Repositories whose tag keeps the version as it was asked for, although it is an alias.
    "alias_repositories": ["huggingface-pytorch-trcomp-training", "huggingface-tensorflow-trcomp-training"],
    # The same, and the tag carries the full version of the base framework where an alias was asked for.
    "full_base_repositories": ["huggingface-pytorch-inference-neuron", "huggingface-pytorch-inference-neuronx"],
    # Frameworks whose caller may append a container version.
    "container_version_frameworks": ["huggingface", "pytorch-smp", "spark"],
    "python_optional": ["spark"],
    # Tags without a trailing `gpu`.
    "without_gpu_suffix": ["sagemaker-tritonserver"],
    # The container version that p4d instances and smdistributed need, by `<framework>-<tag>`.
    "container_versions": {
        "mxnet-1.8-gpu-py37": "cu110-ubuntu16.04-v1",
        "mxnet-1.8.0-gpu-py37": "cu110-ubuntu16.04",
        "pytorch-1.6-gpu-py3": "cu110-ubuntu18.04-v3",
        "pytorch-1.6-gpu-py36": "cu110-ubuntu18.04-v3",
        "pytorch-1.6.0-gpu-py3": "cu110-ubuntu18.04",
        "pytorch-1.6.0-gpu-py36": "cu110-ubuntu18.04",
        "tensorflow-1.15-gpu-py37": "cu110-ubuntu18.04-v8",
        "tensorflow-1.15.4-gpu-py37": "cu110-ubuntu18.04",
        "tensorflow-1.15.5-gpu-py37": "cu110-ubuntu18.04",
        "tensorflow-2.3-gpu-py37": "cu110-ubuntu18.04-v3",
        "tensorflow-2.3.1-gpu-py37": "cu110-ubuntu18.04",
        "tensorflow-2.3.2-gpu-py37": "cu110-ubuntu18.04",
    },
    # From these versions on, p2 instances are refused.
    "without_p2": {"pytorch": [1, 13], "tensorflow": [2, 12]},
}


def lines(directory: pathlib.Path, endpoints: dict) -> list[str]:
    tables: dict[str, str] = {}

    def share(node):
        if not isinstance(node, dict):
            return node
        return {k: table(v) if k == "registries" else share(v) for k, v in node.items()}

    def table(registries: dict) -> str:
        text = json.dumps(registries, sort_keys=True, separators=(",", ":"))
        return tables.setdefault(text, f"{len(tables):02}")

    out = {}
    for path in sorted(directory.glob("*.json")):
        config = json.loads(path.read_text())
        if path.name != "instance_gpu_info.json":
            out["framework/" + path.stem] = share(normal(config))
    regions = {r for text in tables for r in json.loads(text)}
    suffixes = {r: suffix(r, endpoints) for r in sorted(regions)}
    out["suffixes"] = {r: s for r, s in suffixes.items() if s != "amazonaws.com"}
    out["rules"] = RULES
    for text, name in tables.items():
        out["registry/" + name] = json.loads(text)
    return [f"{k}\t{json.dumps(v, separators=(',', ':'))}" for k, v in sorted(out.items())]


def normal(config: dict) -> dict:
    """One layout for both of the SDK's: `scopes` names the scopes, `tables` holds a table per scope or one for all ("")."""
    if "versions" in config:
        body = {k: v for k, v in config.items() if k != "scope"}
        return {"scopes": config.get("scope", []), "tables": {"": body}}
    tables = {k: v for k, v in config.items() if isinstance(v, dict) and "versions" in v}
    return {"scopes": list(tables), "tables": tables}


def suffix(region: str, endpoints: dict) -> str:
    import re
    for partition in endpoints["partitions"]:
        if region in partition["regions"] or re.match(partition["regionRegex"], region):
            return partition["dnsSuffix"]
    return "amazonaws.com"
