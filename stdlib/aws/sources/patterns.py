"""Translates the patterns of API models (Java and ECMAScript) to what Rust's `regex` crate accepts.

A pattern becomes `{"p": regex}` and, where look-around stood at its start or end, `"and"` / `"not"` lists of further
regexes that must / must not match. Every regex matches the WHOLE string (the compiler puts `\\A(?:…)\\z` around it).
What cannot be translated raises `Untranslatable`; the caller stores it as unchecked and lists it in the manifest.
"""
from __future__ import annotations

import re

# Java's (and ECMAScript's) \d \w \s are ASCII; Rust's are Unicode, and slow to compile.
CLASS_ITEMS = {"d": "0-9", "w": "0-9A-Za-z_", "s": r" \t\n\x0B\f\r", "h": r" \t\xA0", "v": r"\x0B"}
POSIX = {
    "Alnum": "0-9A-Za-z", "Alpha": "A-Za-z", "Digit": "0-9", "Upper": "A-Z", "Lower": "a-z", "XDigit": "0-9A-Fa-f",
    "ASCII": r"\x00-\x7F", "Print": r"\x20-\x7E", "Graph": r"\x21-\x7E", "Cntrl": r"\x00-\x1F\x7F",
    "Blank": r" \t", "Space": r" \t\n\x0B\f\r", "Punct": r"\x21-\x2F\x3A-\x40\x5B-\x60\x7B-\x7E", "all": r"\x{0}-\x{10FFFF}",
}
UNICODE = {"IsAlphabetic": "Alphabetic", "IsWhitespace": "White_Space", "IsLetter": "L", "IsDigit": "Nd", "LD": None}
# What Unicode properties come down to for ASCII text.
ASCII_PROPERTIES = {
    "L": "A-Za-z", "Lu": "A-Z", "Ll": "a-z", "Alphabetic": "A-Za-z", "M": "", "N": "0-9", "Nd": "0-9", "Nl": "", "No": "",
    "Z": " ", "Zs": " ", "P": r"!-\#%-\*,-/:;\?@\[-\]_\{\}", "Pc": "_", "Pd": r"\-", "S": r"\$\+<->\^`\|\~",
    "C": r"\x00-\x1F\x7F", "Cc": r"\x00-\x1F\x7F", "Cf": "", "White_Space": r" \t\n\x0B\f\r",
}
CONTROL = {"n": r"\n", "t": r"\t", "r": r"\r", "f": r"\f", "a": r"\x07", "e": r"\x1B", "0": r"\x00"}
ANY = "(?s:.*)"
# Look-around inside a pattern, spelt without it. Each pair matches the same strings.
REWRITES = [
    (r"([a-zA-Z0-9]([a-zA-Z0-9-]){0,62})(?<!-)", r"([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)"),
    (r"(?!-)[A-Za-z0-9-]{0,62}[A-Za-z0-9]", r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"),
    (r"(?!-)[A-Za-z0-9-]{1,62}[A-Za-z0-9]", r"[A-Za-z0-9][A-Za-z0-9-]{0,61}[A-Za-z0-9]"),
    (r"(?![\s\S])", r"\z"),
]


class Untranslatable(Exception):
    """Says why a pattern cannot be expressed."""


class Look(Untranslatable):
    """Look-around away from the ends."""


def literal(char: str) -> str:
    if char in r"\.+*?()|[]{}^$#&-~":
        return "\\" + char
    if ord(char) < 0x20 or ord(char) == 0x7F:
        return f"\\x{ord(char):02X}"
    return char


def code_point(value: int) -> str:
    return literal(chr(value)) if 0x20 <= value < 0x7F else f"\\x{{{value:X}}}"


class Translator:
    def __init__(self, text: str, ascii_only: bool = False):
        self.text, self.at, self.out, self.ascii_only = text, 0, [], ascii_only

    def peek(self, n: int = 1) -> str:
        return self.text[self.at:self.at + n]

    def run(self) -> str:
        while self.at < len(self.text):
            self.step()
        return "".join(self.out)

    def step(self) -> None:
        char = self.peek()
        if char == "\\":
            self.out.append(self.escape(in_class=False)[1])
        elif char == "[":
            self.out.append(self.bracket())
        elif char == "(":
            self.group()
        elif char in "*+?":
            self.at += 1
            self.out.append(char)
            self.lazy()
        elif char == "{":
            self.braces()
        elif char in "|)^$.":
            self.at += 1
            self.out.append(char)
        else:
            self.at += 1
            self.out.append(literal(char))

    def lazy(self) -> None:
        """`*?` means the same in a match of the whole string; `*+` (possessive) may not."""
        if self.peek() == "?":
            self.at += 1
        elif self.peek() == "+":
            if re.search(r"\{\d+\}$", "".join(self.out)):  # a fixed count gives nothing back anyway
                self.at += 1
                return
            raise Untranslatable("possessive quantifier")

    def braces(self) -> None:
        found = re.match(r"\{(\d*)(,?)(\d*)\}", self.text[self.at:])
        if not found or not (found[1] or found[3]):
            self.at += 1
            self.out.append(r"\{")
            return
        self.at += len(found[0])
        low, comma, high = found[1] or "0", found[2], found[3]
        self.out.append("{" + low + comma + high + "}")
        self.lazy()

    def group(self) -> None:
        rest = self.text[self.at:]
        if rest.startswith(("(?=", "(?!", "(?<=", "(?<!")):
            raise Look("look-around")
        flags = re.match(r"\(\?([ismxu]+)(:|\))", rest)
        named = re.match(r"\(\?P?<\w+>", rest)
        if flags:
            if "x" in flags[1]:
                raise Untranslatable("free-spacing flag")
            kept = flags[1].replace("u", "")
            self.at += len(flags[0])
            self.out.append(f"(?{kept}{flags[2]}" if kept else ("(?:" if flags[2] == ":" else ""))
        elif named:
            self.at += len(named[0])
            self.out.append("(?:")
        elif rest.startswith("(?:"):
            self.at += 3
            self.out.append("(?:")
        elif rest.startswith("(?"):
            raise Untranslatable("group " + rest[:4])
        else:
            self.at += 1
            self.out.append("(?:")

    def hexadecimal(self) -> int | None:
        """The value of an escape `\\xHH`, `\\x{H…}` or `\\uHHHH` at the cursor; joins surrogate pairs."""
        found = re.match(r"\\(?:x([0-9A-Fa-f]{2})|[xu]\{([0-9A-Fa-f]+)\}|u([0-9A-Fa-f]{4}))", self.text[self.at:])
        if not found:
            return None
        value = int(found[1] or found[2] or found[3], 16)
        self.at += len(found[0])
        if 0xD800 <= value < 0xDC00:
            low = re.match(r"\\u([dD][c-fC-F][0-9A-Fa-f]{2})", self.text[self.at:])
            if low:
                self.at += len(low[0])
                return 0x10000 + ((value - 0xD800) << 10) + int(low[1], 16) - 0xDC00
        if 0xD800 <= value < 0xE000:
            raise Untranslatable("lone surrogate")
        return value

    def escape(self, in_class: bool) -> tuple[int | None, str]:
        """(code point, or none for a class; text for inside a class or outside)."""
        value = self.hexadecimal()
        if value is not None:
            return value, code_point(value)
        char = self.text[self.at + 1:self.at + 2]
        self.at += 2
        if char in ("d", "w", "s", "h", "v"):
            return None, CLASS_ITEMS[char] if in_class else f"[{CLASS_ITEMS[char]}]"
        if char in ("D", "W", "S"):
            return None, f"[^{CLASS_ITEMS[char.lower()]}]"
        if char in ("p", "P"):
            return None, self.prop(char == "P", in_class)
        octal = re.compile(r"[0-7]{1,3}").match(self.text, self.at) if char == "0" else None
        if octal:
            self.at = octal.end()
            return int(octal[0], 8), code_point(int(octal[0], 8))
        if char in CONTROL:
            return ord(CONTROL[char].encode().decode("unicode_escape")), CONTROL[char]
        if char == "b" and not in_class:
            return None, r"(?-u:\b)"
        if char in ("A", "z", "Z") and not in_class:
            return None, {"A": r"\A", "z": r"\z", "Z": r"\z"}[char]
        if char.isdigit():
            raise Untranslatable("back reference")
        if char == "" or char.isalpha():
            raise Untranslatable("escape \\" + char)
        return ord(char), literal(char)

    def prop(self, negated: bool, in_class: bool) -> str:
        found = re.match(r"\{\^?([^}]*)\}|([A-Z])", self.text[self.at:])
        if not found:
            raise Untranslatable("property")
        self.at += len(found[0])
        name = found[1] or found[2]
        if name in POSIX:
            if negated:
                return f"[^{POSIX[name]}]"
            return POSIX[name] if in_class else f"[{POSIX[name]}]"
        if name in UNICODE:
            name = UNICODE[name]
            if name is None:
                if self.ascii_only:
                    raise Untranslatable("no ASCII form")
                return r"\p{L}\p{Nd}" if in_class and not negated else (r"[^\p{L}\p{Nd}]" if negated else r"[\p{L}\p{Nd}]")
        if self.ascii_only:
            if name not in ASCII_PROPERTIES:
                raise Untranslatable("no ASCII form")
            items = ASCII_PROPERTIES[name]
            if not items and (negated or not in_class):
                raise Untranslatable("no ASCII form")
            return f"[^{items}]" if negated else items if in_class else f"[{items}]"
        return ("\\P{" if negated else "\\p{") + name + "}"

    def bracket(self) -> str:
        self.at += 1
        out = ["["]
        if self.peek() == "^":
            self.at += 1
            out.append("^")
        surrogates = self.surrogate_range()
        first = True
        while True:
            char = self.peek()
            if char == "":
                raise Untranslatable("unclosed class")
            if char == "]" and not first:
                self.at += 1
                break
            first = False
            if self.peek(3) == "&&[":
                self.at += 2
                out.append("&&" + self.bracket())
                continue
            surrogate = surrogates()
            if surrogate is not None:
                out.append(surrogate)
                continue
            value, text = self.item()
            if value is not None and self.peek() == "-" and self.text[self.at + 1:self.at + 2] not in ("]", ""):
                here = self.at
                self.at += 1
                end, end_text = self.item()
                if end is None:
                    self.at = here
                elif end < value:
                    raise Untranslatable("range out of order")
                else:
                    text = f"{text}-{end_text}"
            out.append(text)
        if out == ["["] or out == ["[", "^"]:
            raise Untranslatable("empty class")
        return "".join(out) + "]"

    def surrogate_range(self):
        """Ways in which models write "all supplementary characters" in UTF-16 units."""
        spelt = re.compile(r"\\u[dD]800\\u[dD][cC]00-\\u[dD][bB][fF][fF]\\u[dD][fF][fF][fF]"
                           r"|\\u[dD]800-\\u[dD][bB][fF][fF]\\u[dD][cC]00-\\u[dD][fF][fF][fF]"
                           r"|\\u[dD]800\\u[dD][bB][fF][fF]-\\u[dD][cC]00\\u[dD][fF][fF][fF]"
                           r"|\\u[dD]800\\u[dD][cC]00-\\u[dD][bB][fF][fF]\\u[dD][fF][fF][dDfF]")

        def take() -> str | None:
            found = spelt.match(self.text, self.at)
            if not found:
                return None
            self.at = found.end()
            return r"\x{10000}-\x{10FFFF}"
        return take

    def item(self) -> tuple[int | None, str]:
        if self.peek() == "\\":
            if self.peek(2) == r"\b":
                self.at += 2
                return 8, r"\x08"
            return self.escape(in_class=True)
        char = self.peek()
        self.at += 1
        return ord(char), literal(char)


def closing(text: str, at: int) -> int:
    """The index behind the group that opens at `at`."""
    depth, in_class = 0, False
    while at < len(text):
        char = text[at]
        if char == "\\":
            at += 1
        elif in_class:
            in_class = char != "]"
        elif char == "[":
            in_class = True
            at += 1 if text[at + 1:at + 2] in ("]", "^") else 0
        elif char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
            if depth == 0:
                return at + 1
        at += 1
    raise Untranslatable("unbalanced")


def alternates(text: str) -> bool:
    """Whether `|` stands outside every group."""
    at = 0
    while at < len(text):
        if text[at] == "\\":
            at += 2
        elif text[at] == "[":
            end = at + 1
            while end < len(text) and text[end] != "]":
                end += 2 if text[end] == "\\" else 1
            at = end + 1
        elif text[at] == "(":
            at = closing(text, at)
        elif text[at] == "|":
            return True
        else:
            at += 1
    return False


def split_look(text: str) -> tuple[str, list[str], list[str]]:
    """Takes look-around off both ends: (rest, must match, must not match), all in source syntax except `ANY`."""
    must, must_not = [], []
    if text.startswith("(") and not text.startswith("(?") and closing(text, 0) == len(text):
        text = text[1:-1]
    if alternates(text):
        raise Look("look-around beside an alternative")
    progress = True
    while progress:
        progress = False
        bare = text[1:] if text.startswith("^") else text
        for mark, target in (("(?=", must), ("(?!", must_not)):
            if bare.startswith(mark):
                end = closing(bare, 0)
                target.append(Translator("(" + bare[len(mark):end - 1] + ")").run() + ANY)
                text, progress = bare[end:], True
                break
    progress = True
    while progress:
        progress = False
        bare = text[:-1] if text.endswith("$") and not text.endswith("\\$") else text
        for mark, target in (("(?<=", must), ("(?<!", must_not)):
            start = bare.rfind(mark)
            if start >= 0 and closing(bare, start) == len(bare):
                target.append(ANY + Translator("(" + bare[start + len(mark):-1] + ")").run())
                text, progress = bare[:start], True
                break
    return text, must, must_not


def translate(pattern: str, whole: bool) -> dict:
    """`whole`: the service matches the whole value although the pattern may carry no anchors."""
    must: list[str] = []
    must_not: list[str] = []
    for source, equal in REWRITES:
        pattern = pattern.replace(source, equal)
    try:
        text = Translator(pattern).run()
    except Look:
        if not whole:
            raise Untranslatable("look-around where a match may stand anywhere") from None
        rest, must, must_not = split_look(pattern)
        text = Translator(rest).run()
    rest = pattern if not must and not must_not else None
    if not whole:
        text = search(text)
    entry: dict = {"p": text}
    if rest is not None and re.search(r"\\[pP][{A-Z]", rest):
        entry |= ascii_form(rest, whole)
    if must:
        entry["and"] = must
    if must_not:
        entry["not"] = must_not
    return entry


def ascii_form(pattern: str, whole: bool) -> dict:
    """The same for ASCII values, without Unicode properties: they take most of the time to compile."""
    try:
        text = Translator(pattern, ascii_only=True).run()
    except Untranslatable:
        return {}
    return {"a": text if whole else search(text)}


def search(text: str) -> str:
    """A pattern that may match anywhere, written so that it matches the whole string."""
    return f"{ANY}(?:{text}){ANY}"


def loosen(text: str, least: int) -> str:
    """Writes `{n,m}` as `{n,}` where m is large: the length limits beside the pattern hold it anyway, mostly."""
    def shorten(found: re.Match) -> str:
        low, high = int(found[1]), int(found[2] or found[1])
        if high < least:
            return found[0]
        return "*" if low == 0 else "+" if low == 1 else "{%d,}" % min(low, least)
    return re.sub(r"(?<!\\x)\{(\d+)(?:,(\d+))?\}", shorten, text)
