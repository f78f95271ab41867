"""CloudFormation resource types: cfn-lint's copies of the resource schemas, without prose, handlers and tests.

One text per service (`AWS::SageMaker::…` in sagemaker): a line per type with its JSON schema. `resources` says which
types there are, and in which regions they are missing.
"""
from __future__ import annotations

import json
import pathlib

from .shapes import Patterns, closed, compact

KEEP = {"type", "properties", "required", "enum", "pattern", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum",
        "exclusiveMaximum", "multipleOf", "minItems", "maxItems", "uniqueItems", "items", "$ref", "definitions",
        "additionalProperties", "oneOf", "anyOf", "allOf", "patternProperties", "readOnlyProperties", "writeOnlyProperties",
        "createOnlyProperties", "conditionalCreateOnlyProperties", "deprecatedProperties", "primaryIdentifier", "const",
        "dependencies", "not", "if", "then", "else", "requiredXor", "requiredOr", "dependentExcluded", "dependentRequired",
        "propertyNames", "minProperties", "maxProperties", "format"}
# Under these the keys are names, not words of JSON schema.
NAMED = {"properties", "definitions", "patternProperties", "dependencies", "dependentExcluded", "dependentRequired"}
FIRST = "us-east-1"


def load(cfn: pathlib.Path) -> tuple[dict[str, dict], dict[str, list[str]]]:
    """(schema per type, regions per type). The schema is that of us-east-1, or of the first region that has the type."""
    schemas = cfn / "data" / "schemas"
    providers = {p.stem: json.loads(p.read_text()) for p in sorted((schemas / "providers").glob("*-*.json"))}
    chosen: dict[str, str] = dict(providers.get(FIRST, {}))
    regions: dict[str, list[str]] = {}
    for region, types in providers.items():
        for name, digest in types.items():
            chosen.setdefault(name, digest)
            regions.setdefault(name, []).append(region)
    return {n: json.loads((schemas / "resources" / f"{d}.json").read_text()) for n, d in sorted(chosen.items())}, regions


def patterns_of(node, named: bool = False):
    """Every pattern in a schema."""
    if isinstance(node, dict):
        for key, value in node.items():
            if not named and key == "pattern" and isinstance(value, str):
                yield value
            elif not named and key == "enum":
                continue
            else:
                yield from patterns_of(value, not named and key in NAMED)
    elif isinstance(node, list):
        for value in node:
            yield from patterns_of(value)


def strip(node, book: Patterns, named: bool = False):
    if isinstance(node, list):
        return [strip(value, book) for value in node]
    if not isinstance(node, dict):
        return node
    out = {}
    for key, value in node.items():
        if named:
            out[key] = strip(value, book)
        elif key == "pattern" and isinstance(value, str):
            entry = book.entry(value, closed(value))
            out[key] = entry["p"] if list(entry) == ["p"] else entry
        elif key in KEEP:
            out[key] = value if key in ("enum", "const", "required") else strip(value, book, key in NAMED)
    return out


def service_of(type_: str) -> str:
    """`sagemaker` of `AWS::SageMaker::Pipeline`; what is not AWS's own keeps its vendor."""
    vendor, service = type_.split("::")[:2]
    return service.lower() if vendor == "AWS" else f"{vendor}_{service}".lower()


def texts(schemas: dict[str, dict], book: Patterns) -> dict[str, str]:
    out: dict[str, list[str]] = {}
    for name, schema in schemas.items():
        out.setdefault(service_of(name), []).append(f"{name}\t{compact(strip(schema, book))}")
    return {service: "\n".join(sorted(lines)) + "\n" for service, lines in out.items()}


def index(regions: dict[str, list[str]]) -> list[str]:
    """A line per type that names the regions without it."""
    every = sorted({r for row in regions.values() for r in row})
    lines = [f"regions\t{compact(every)}"]
    lines += [f"{name}\t{compact([r for r in every if r not in row])}" for name, row in regions.items()]
    return sorted(lines)
