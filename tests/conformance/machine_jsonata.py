"""JSONata as state machines use it, evaluated by `jsonata-python`, and nothing of our own but what the States Language adds.

It must not know states: what an expression may read is given to it.
"""

import hashlib
import json
import random

from jsonata import timebox
from jsonata.jexception import JException
from jsonata.jsonata import Jsonata
from jsonata.parser import Parser
from jsonata.utils import Utils

LARGEST_INTEGER = 2**53


class Fault(Exception):
    """An expression that has no value."""


class Clock:
    """The time of the machine: it stands still until somebody waits."""

    START = 1_767_225_600  # 2026-01-01T00:00:00Z

    def __init__(self):
        self.seconds = 0

    def milliseconds(self):
        return round((self.START + self.seconds) * 1000)


class Chance:
    """What is random in the world, and here the same in each run."""

    def __init__(self):
        self.numbers = random.Random(1)
        self.identifiers = 0

    def identifier(self):
        self.identifiers += 1
        return f"00000000-0000-4000-8000-{self.identifiers:012}"


def is_expression(value):
    return isinstance(value, str) and value.startswith("{%") and value.endswith("%}")


def evaluate(expression, variables, clock, chance):
    """The value of an expression without its delimiters. `variables` are all that it may read, by name."""
    try:
        compiled = Jsonata(expression)
        unknown = free(compiled.ast) - set(variables) - FUNCTIONS
        if unknown:
            raise Fault(f"`{expression}` reads what is not assigned: {', '.join(sorted(unknown))}")
        compiled.set_output_convert_nulls(False)
        bound = {name: inward(value) for name, value in variables.items()}
        for name, function in extra(chance).items():
            bound.setdefault(name, function)
        real, timebox.Timebox.current_milli_time = timebox.Timebox.current_milli_time, staticmethod(clock.milliseconds)
        try:
            value = compiled.evaluate(None, bound)
        finally:
            timebox.Timebox.current_milli_time = real
    except JException as fault:
        raise Fault(f"`{expression}`: {fault}") from fault
    except (RecursionError, TypeError, ValueError, ArithmeticError, AttributeError, KeyError, IndexError) as fault:
        raise Fault(f"`{expression}`: {type(fault).__name__}: {fault}") from fault
    if value is None:
        raise Fault(f"`{expression}` returned nothing (undefined)")
    return outward(expression, value)


def template(value, evaluate_one):
    """A template with every expression in it replaced by its value."""
    if is_expression(value):
        return evaluate_one(value[2:-2].strip())
    if isinstance(value, dict):
        return {key: template(inner, evaluate_one) for key, inner in value.items()}
    if isinstance(value, list):
        return [template(inner, evaluate_one) for inner in value]
    return value


def free(tree):
    """The variables that an expression reads and does not bind. A name that is bound anywhere in it counts as bound."""
    read, bound = set(), set()
    seen = set()
    open_nodes = [tree]
    while open_nodes:
        node = open_nodes.pop()
        if isinstance(node, list):
            open_nodes.extend(node)
            continue
        if not isinstance(node, Parser.Symbol) or id(node) in seen:
            continue
        seen.add(id(node))
        if node.type == "variable" and node.value:
            read.add(node.value)
        if node.type == "bind":
            bound.add(node.lhs.value)
        if node.type == "lambda":
            bound.update(argument.value for argument in node.arguments or [])
        for name in ("focus", "index"):
            if isinstance(getattr(node, name, None), str):
                bound.add(getattr(node, name))
        open_nodes.extend(inner for name, inner in vars(node).items() if name != "_outer_instance")
    return read - bound - {"$"}


def inward(value):
    if value is None:
        return Utils.NULL_VALUE
    if isinstance(value, dict):
        return {key: inward(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [inward(inner) for inner in value]
    return value


def outward(expression, value):
    if value is Utils.NULL_VALUE or value is None:
        return None
    if isinstance(value, dict):
        return {key: outward(expression, inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple, range)):
        return [outward(expression, inner) for inner in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < LARGEST_INTEGER:
        return int(value)
    if isinstance(value, (bool, int, float, str)):
        return value
    raise Fault(f"`{expression}` gives something that is no JSON: {type(value).__name__}")


def plain(value):
    return outward("", value)


def forbidden(*_):
    raise Fault("$eval is not there in a state machine")


def extra(chance):
    """The functions that the States Language adds. What is random is the same in each run."""

    def partition(array, size):
        return [inward(plain(array)[at : at + size]) for at in range(0, len(array), size)]

    def numbers_between(first, last, step):
        if step == 0:
            raise Fault("$range: the step is 0")
        last_included = last + (1 if step > 0 else -1)
        return list(range(first, last_included, step))

    def digest(text, algorithm="SHA-256"):
        names = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}
        if algorithm not in names:
            raise Fault(f"$hash: there is no `{algorithm}`")
        data = text if isinstance(text, str) else json.dumps(plain(text), separators=(",", ":"))
        return hashlib.new(names[algorithm], data.encode()).hexdigest()

    def number(seed=None):
        return (random.Random(seed) if seed is not None else chance.numbers).random()

    def parse(text):
        return inward(json.loads(text))

    functions = {
        "partition": partition, "range": numbers_between, "hash": digest, "random": number, "uuid": chance.identifier,
        "parse": parse, "eval": forbidden,
    }
    return {name: Jsonata.JLambda(function) for name, function in functions.items()}


def builtin():
    """The names of all functions that every expression may call."""
    frame = Jsonata("1").environment
    names = set()
    while frame is not None:
        names.update(frame.bindings)
        frame = frame.parent
    return names


FUNCTIONS = builtin() | set(extra(Chance()))
