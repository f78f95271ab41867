"""IAM actions with the kinds of resources they apply to, from cfn-lint's copy of the service authorisation data."""
from __future__ import annotations

import json
import pathlib

from .shapes import compact


def operation_names(models: dict[str, dict]) -> dict[str, dict[str, str]]:
    """Per IAM prefix: an action's name in lower case, and as its operation spells it."""
    found: dict[str, dict[str, str]] = {}
    for model in models.values():
        meta = model["metadata"]
        for prefix in {meta.get("signingName"), meta.get("endpointPrefix")} - {None}:
            names = found.setdefault(prefix, {})
            names |= {operation.lower(): operation for operation in sorted(model["operations"])}
    return found


def texts(cfn: pathlib.Path, models: dict[str, dict]) -> dict[str, str]:
    """Per IAM prefix: a line per action (`a/…`, the kinds) and per kind of resource (`r/…`, the ARN formats)."""
    policies = json.loads((cfn / "data" / "AdditionalSpecs" / "Policies.json").read_text())
    spelt = operation_names(models)
    out = {}
    for prefix, entry in policies.items():
        names = spelt.get(prefix, {})
        lines = [f"a/{a}\t{compact([names.get(a, a), *v.get('Resources', [])])}" for a, v in entry.get("Actions", {}).items()]
        lines += [f"r/{r}\t{compact(v.get('ARNFormats', []))}" for r, v in entry.get("Resources", {}).items()]
        out[prefix] = "\n".join(sorted(lines)) + "\n"
    return out
