"""Expressions of the language made at random, with values whose types they fit: the same text for values that are known when
the file is built, and for values that an execution gives. It must not know what an expression means.
"""

import json
import random
import re
import subprocess
import tempfile
from pathlib import Path

from check import ROOT, compiler

WORDS = ["", "a", "b", "ab c", "Zürich", "it's", 'say "so"', "north", " pad ", "x\\y", "3", "tab\there"]
PLACE = re.compile(r"main\.mlflow:(\d+):")


class Values:
    """Names by type, with the value that each has."""

    def __init__(self, numbers):
        whole = lambda: numbers.choice([0, 1, 2, 3, 7, 10, -1, -4, 100])  # noqa: E731
        real = lambda: numbers.choice([0.5, 2.5, -1.5, 0.1, 3.25, -0.25, 10.75])  # noqa: E731
        lists = [[], [whole()], [whole() for _ in range(3)], [whole() for _ in range(5)]]
        texts = [[], [numbers.choice(WORDS)], numbers.sample(WORDS, 3), ["b", "a", "b"]]
        self.of = {
            "int": {f"int_{at}": whole() for at in range(4)},
            "float": {f"float_{at}": real() for at in range(3)},
            "string": {f"text_{at}": numbers.choice(WORDS) for at in range(4)},
            "bool": {"yes": True, "no": False},
            "list<int>": {f"numbers_{at}": value for at, value in enumerate(lists)},
            "list<string>": {f"texts_{at}": value for at, value in enumerate(texts)},
        }

    def all(self):
        return {name: value for names in self.of.values() for name, value in names.items()}


class Maker:
    """Makes expressions of a type."""

    def __init__(self, seed):
        self.numbers = random.Random(seed)
        self.values = Values(self.numbers)
        self.bound = []

    def pick(self, *ways):
        return self.numbers.choice(ways)()

    def name(self, kind):
        own = [name for name, type_ in self.bound if type_ == kind]
        if own and self.numbers.random() < 0.6:
            return self.numbers.choice(own)
        return self.numbers.choice(sorted(self.values.of[kind]))

    def of(self, kind, depth):
        if depth <= 0:
            return self.leaf(kind)
        return {
            "int": self.integer, "float": self.real, "string": self.text, "bool": self.truth,
            "list<int>": lambda depth: self.listed("int", depth), "list<string>": lambda depth: self.listed("string", depth),
            "object": self.object,
        }[kind](depth - 1)  # fmt: skip

    def leaf(self, kind):
        if kind == "object":
            return "{ a = 1 }"
        if self.numbers.random() < 0.7:
            return self.name(kind)
        return {
            "int": lambda: str(self.numbers.choice([0, 1, 2, 5, 12])), "float": lambda: self.numbers.choice(["0.5", "1.25", "3.0"]),
            "string": lambda: literal(self.numbers.choice(WORDS)), "bool": lambda: self.numbers.choice(["true", "false"]),
            "list<int>": lambda: "[1, 2]", "list<string>": lambda: '["a", "b"]',
        }[kind]()  # fmt: skip

    def choice(self, kind, depth):
        return f"(if {self.of('bool', depth)} then {self.of(kind, depth)} else {self.of(kind, depth)})"

    def element(self, kind):
        filled = {name: value for name, value in self.values.of[f"list<{kind}>"].items() if value}
        name = self.numbers.choice(sorted(filled))
        size = len(filled[name])
        return f"{name}[{self.numbers.choice([0, size - 1, -1, -size])}]"

    def integer(self, depth):
        one, other = (lambda: self.of("int", depth)), (lambda: self.of("int", depth))
        return self.pick(
            lambda: f"({one()} {self.numbers.choice('+-*')} {other()})",
            lambda: f"({one()} {self.numbers.choice('+-*')} {other()})",
            lambda: f"mod({one()}, {self.numbers.choice([2, 3, 7])})",
            lambda: f"length({self.of('string', depth)})",
            lambda: f"length({self.of(self.numbers.choice(['list<int>', 'list<string>']), depth)})",
            lambda: self.choice("int", depth),
            lambda: f"{self.numbers.choice(['min', 'max'])}({one()}, {other()})",
            lambda: f"abs({one()})",
            lambda: f"-{self.of('int', 0)}",
            lambda: f"{self.numbers.choice(['round', 'floor', 'ceil', 'int'])}({self.of('float', depth)})",
            lambda: self.element("int"),
            lambda: self.leaf("int"),
        )

    def real(self, depth):
        one, other = (lambda: self.of("float", depth)), (lambda: self.of("float", depth))
        return self.pick(
            lambda: f"({one()} {self.numbers.choice('+-*')} {other()})",
            lambda: f"({one()} / {self.numbers.choice(['2.0', '0.5', '4'])})",
            lambda: f"({one()} * {self.of('int', depth)})",
            lambda: self.choice("float", depth),
            lambda: f"round({one()}, {self.numbers.choice([0, 1, 2])})",
            lambda: f"{self.numbers.choice(['min', 'max'])}({one()}, {other()})",
            lambda: f"float({self.of('int', depth)})",
            lambda: self.leaf("float"),
        )

    def truth(self, depth):
        kind = self.numbers.choice(["int", "float"])
        compare = self.numbers.choice(["==", "!=", "<", "<=", ">", ">="])
        return self.pick(
            lambda: f"({self.of(kind, depth)} {compare} {self.of(kind, depth)})",
            lambda: f"({self.of('string', depth)} {self.numbers.choice(['==', '!='])} {self.of('string', depth)})",
            lambda: f"({self.of('bool', depth)} {self.numbers.choice(['and', 'or'])} {self.of('bool', depth)})",
            lambda: f"(not {self.of('bool', depth)})",
            lambda: f"({self.of('int', depth)} in {self.of('list<int>', depth)})",
            lambda: f"({self.of('string', depth)} in {self.of('list<string>', depth)})",
            lambda: f"({self.of('string', depth)} in {self.of('string', depth)})",
            lambda: f"{self.numbers.choice(['starts_with', 'ends_with', 'contains'])}({self.of('string', depth)}, {self.of('string', 0)})",
            lambda: self.leaf("bool"),
        )

    def text(self, depth):
        part = self.numbers.choice(["int", "string", "bool"])
        return self.pick(
            lambda: f'"${{{self.of(part, depth)}}}-${{{self.of("string", depth)}}}"',
            lambda: f"({self.of('string', depth)} + {self.of('string', depth)})",
            lambda: f"{self.numbers.choice(['upper', 'lower', 'trim'])}({self.of('string', depth)})",
            lambda: f"replace({self.of('string', depth)}, {literal(self.numbers.choice(['a', 'b', ' ', '.']))}, {self.of('string', 0)})",
            lambda: f"join({literal(self.numbers.choice(['-', ', ', '']))}, {self.of('list<string>', depth)})",
            lambda: f"string({self.of(self.numbers.choice(['int', 'bool']), depth)})",
            lambda: self.choice("string", depth),
            lambda: self.element("string"),
            lambda: self.leaf("string"),
        )

    def listed(self, kind, depth):
        whole = f"list<{kind}>"
        return self.pick(
            lambda: f"[{self.of(kind, depth)}, {self.of(kind, depth)}]",
            lambda: f"[{self.of(kind, depth)}]",
            lambda: f"[...{self.of(whole, depth)}, {self.of(kind, depth)}]",
            lambda: self.comprehension(kind, depth),
            lambda: self.comprehension(kind, depth),
            lambda: f"({self.of(whole, depth)} + {self.of(whole, depth)})",
            lambda: f"{self.numbers.choice(['sort', 'unique'])}({self.of(whole, depth)})",
            lambda: self.choice(whole, depth),
            lambda: f"range({self.numbers.choice([0, 1, 3])})" if kind == "int" else f"split({self.of('string', depth)}, \" \")",
            lambda: self.leaf(whole),
        )

    def comprehension(self, kind, depth):
        source = self.numbers.choice(["int", "string"])
        name = f"each_{len(self.bound)}"
        over = self.of(f"list<{source}>", depth)
        self.bound.append((name, source))
        condition = f" if {self.of('bool', depth)}" if self.numbers.random() < 0.5 else ""
        body = self.of(kind, depth)
        self.bound.pop()
        return f"[for {name} in {over}{condition}: {body}]"

    def object(self, depth):
        kinds = ["int", "string", "list<int>", "list<string>", "bool"]
        entry = lambda: self.of(self.numbers.choice(kinds), depth)  # noqa: E731
        return self.pick(
            lambda: f"{{ a = {entry()}, b = {{ c = {entry()} }} }}",
            lambda: f"{{ [{self.of('string', 0)}] = {entry()} }}",
            lambda: f"[for each in {self.of('list<int>', depth)}: {{ at = each, one = {entry()} }}]",
            lambda: f"{{for each in {self.name('list<string>')}: [each] = {entry()}}}",
        )


def literal(text):
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t").replace("${", "\\${")
    return f'"{escaped}"'


def written(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(map(written, value))}]"
    return literal(value) if isinstance(value, str) else str(value)


HEAD = 'project cases { region = "eu-west-1", bucket = "acme-ml", role = "arn:aws:iam::111122223333:role/ml" }\n'
FIRST_EXPRESSION = "    Payload = {\n"


def source(values, expressions, late):
    """A workflow of one step that computes all expressions, each on a line of its own."""
    lines = [HEAD, "workflow all {\n", '  engine = "machine"\n']
    for kind, names in values.of.items():
        for name, value in names.items():
            lines.append(f"  param {name}: {kind}\n" if late else f"  let {name} = {written(value)}\n")
    lines += ["  step all = aws.lambda.Invoke {\n", '    FunctionName = "f"\n', FIRST_EXPRESSION]
    lines += [f"      e_{at} = {expression}\n" for at, expression in expressions.items()]
    return "".join([*lines, "    }\n  }\n}\n"])


def build(text):
    """The machine, or the findings by line."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "main.mlflow"
        path.write_text(text)
        command = [*compiler(), "build", str(path), "--output", str(Path(folder) / "out")]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return json.loads(next(Path(folder, "out").rglob("*.asl.json")).read_text()), {}
        said = done.stdout + done.stderr
        lines = text.splitlines()
        refused = {}
        for part in re.split(r"^(?=error|warning)", said, flags=re.MULTILINE):
            place = PLACE.search(part)
            if place and part.startswith("error"):
                found = re.match(r" +e_(\d+) = ", lines[int(place.group(1)) - 1])
                if not found:
                    raise AssertionError(said)
                refused[int(found.group(1))] = part.splitlines()[0]
        if not refused:
            raise AssertionError(f"exit {done.returncode}: {said}")
        return None, refused


def both(maker, expressions):
    """The machines for known values and for values of an execution, what was computed, and what was refused, by number."""
    refused = {}
    left = dict(enumerate(expressions))
    while left:
        known, one = build(source(maker.values, left, late=False))
        later, other = build(source(maker.values, left, late=True))
        refused |= {at: (left[at], said) for at, said in {**other, **one}.items()}
        if known and later:
            return known, later, left, refused
        left = {at: expression for at, expression in left.items() if at not in one and at not in other}
    return None, None, {}, refused
