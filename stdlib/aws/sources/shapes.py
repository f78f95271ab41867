"""Cuts botocore's service models down to what a request is checked against.

One text per service (see README.md): a header line, one line per operation, one line per shape reachable from them.
"""
from __future__ import annotations

import gzip
import json
import pathlib

from . import patterns

# A model whose patterns mostly carry anchors means "found anywhere" where one does not; the older (Coral) services never
# write anchors and match the whole value.
ANCHORED_SHARE = 0.15
TRIVIAL_PATTERNS = {r"[\s\S]*", r"[\S\s]*", r"[\w\W]*", r"[\W\w]*", r"(?s).*", r"^[\s\S]*$", r"^[\S\s]*$"}


def compact(value) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def load_model(directory: pathlib.Path) -> dict | None:
    """The newest version of a service, or nothing for a directory that holds none."""
    for version in sorted((d for d in directory.iterdir() if d.is_dir()), reverse=True):
        for name, read in (("service-2.json.gz", lambda p: gzip.decompress(p.read_bytes())),
                           ("service-2.json", lambda p: p.read_bytes())):
            if (version / name).exists():
                return json.loads(read(version / name))
    return None


def closure(model: dict) -> list[str]:
    """The shapes reachable from an input or an output. Errors are left out."""
    shapes, seen = model["shapes"], set()
    todo = [o[side]["shape"] for o in model["operations"].values() for side in ("input", "output") if side in o]
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        shape = shapes[name]
        todo += [m["shape"] for m in shape.get("members", {}).values()]
        todo += [shape[k]["shape"] for k in ("member", "key", "value") if k in shape]
    return sorted(seen)


def anchored(pattern: str) -> bool:
    return pattern.lstrip("(").startswith("^") or pattern.rstrip(")").endswith("$")


def closed(pattern: str) -> bool:
    """Anchored at both ends as a whole, so that nothing may stand around the match."""
    try:
        return pattern.startswith("^") and pattern.endswith("$") and not patterns.alternates(pattern)
    except patterns.Untranslatable:
        return False


class Patterns:
    """Translates every pattern once and keeps what went wrong for the manifest."""

    def __init__(self, verdicts):
        self.verdicts = verdicts
        self.unchecked: dict[str, str] = {}
        self.loosened: set[str] = set()

    def regexes(self, pattern: str, whole: bool) -> list[str]:
        """What `entry` may store, to be tried by the regex crate beforehand."""
        try:
            entry = patterns.translate(pattern, whole)
        except patterns.Untranslatable:
            return []
        parts = [entry["p"], *entry.get("and", []), *entry.get("not", [])]
        return parts + [patterns.loosen(part, 50) for part in parts] + ([entry["a"]] if "a" in entry else [])

    def entry(self, pattern: str, whole: bool) -> dict:
        try:
            entry = patterns.translate(pattern, whole)
        except patterns.Untranslatable as reason:
            return self.refuse(pattern, str(reason))
        if self.verdicts[entry["p"]] == "large":
            entry["p"] = patterns.loosen(entry["p"], 50)
            self.loosened.add(pattern)
        if "a" in entry and self.verdicts[entry["a"]] != "ok":
            del entry["a"]
        # A looser "must" lets more through, which is safe; a looser "must not" would refuse good values.
        if any(self.verdicts[part] == "large" for part in entry.get("and", [])):
            entry["and"] = [patterns.loosen(part, 50) for part in entry["and"]]
            self.loosened.add(pattern)
        for part in [entry["p"], *entry.get("and", []), *entry.get("not", [])]:
            if self.verdicts[part] != "ok":
                return self.refuse(pattern, self.verdicts[part])
        return entry

    def refuse(self, pattern: str, reason: str) -> dict:
        self.unchecked[pattern] = reason
        return {"q": pattern}


def whole_values(model: dict) -> bool:
    found = [s["pattern"] for s in model["shapes"].values() if "pattern" in s]
    return sum(map(anchored, found)) < ANCHORED_SHARE * len(found)


def pattern_uses(model: dict) -> list[tuple[str, bool]]:
    whole = whole_values(model)
    return [(s["pattern"], whole or closed(s["pattern"])) for s in (model["shapes"][n] for n in closure(model))
            if wanted_pattern(s)]


def wanted_pattern(shape: dict) -> bool:
    return shape["type"] == "string" and "pattern" in shape and shape["pattern"] not in TRIVIAL_PATTERNS


def member(name: str, entry: dict, shape: dict, required: set[str]) -> str:
    flags = "!" if name in required else ""
    flags += "?" if entry.get("idempotencyToken") else ""
    flags += "~" if entry.get("deprecated") or shape.get("deprecated") else ""
    flags += "@" if entry.get("jsonvalue") else ""
    flags += "*" if entry.get("streaming") or shape.get("streaming") else ""
    target = "" if entry["shape"] == name else ":" + entry["shape"]
    return name + target + flags


def shape_line(name: str, shapes: dict, found: Patterns, whole: bool) -> str:
    shape = shapes[name]
    kind = shape["type"]
    out: dict = {}
    if kind == "structure":
        if shape.get("document"):
            out["t"] = "document"
        else:
            required = set(shape.get("required", []))
            out["s"] = [member(n, m, shapes[m["shape"]], required) for n, m in shape.get("members", {}).items()]
            if shape.get("union"):
                out["u"] = 1
            if shape.get("eventstream"):
                out["ev"] = 1
    elif kind == "list":
        out["l"] = shape["member"]["shape"]
    elif kind == "map":
        out["m"] = [shape["key"]["shape"], shape["value"]["shape"]]
    else:
        out["t"] = kind
        if shape.get("enum"):
            out["e"] = shape["enum"]
        if wanted_pattern(shape):
            out |= found.entry(shape["pattern"], whole or closed(shape["pattern"]))
    for key in ("min", "max"):
        if key in shape:
            out[key] = shape[key]
    if shape.get("sensitive"):
        out["z"] = 1
    return f"{name}\t{compact(out)}"


def service_text(directory: str, model: dict, found: Patterns) -> str:
    meta = model["metadata"]
    whole = whole_values(model)
    header = {
        "service": directory, "version": meta["apiVersion"], "id": meta.get("serviceId", ""),
        "signing": meta.get("signingName") or meta.get("endpointPrefix", ""), "endpoint": meta.get("endpointPrefix", ""),
        "protocol": meta.get("protocol", ""), "operations": len(model["operations"]),
    }
    lines = [compact(header)]
    for name, operation in sorted(model["operations"].items()):
        sides = [operation.get(side, {}).get("shape", "") for side in ("input", "output")]
        lines.append("\t".join([name, *sides, "~" if operation.get("deprecated") else ""]).rstrip("\t"))
    lines += [shape_line(n, model["shapes"], found, whole) for n in closure(model)]
    return "\n".join(lines) + "\n"


def language_name(directory: str) -> str:
    return directory.replace("-", "_")
