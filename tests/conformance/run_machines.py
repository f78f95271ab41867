"""Runs machines as their cases say: `run_machines.py [FILE or FOLDER …] [--only WORD]`.

Without arguments it runs all cases of the tests. It prints each run, and where one differs from what is expected.
"""

import sys
from pathlib import Path

from machine_execution import Unforeseen
from machine_runner import files, load, run, states

TESTS = Path(__file__).resolve().parent.parent


def check(runs, only="", show=print):
    """Runs the cases of a file; how many went as expected, and how many did not."""
    try:
        definition, document = load(runs)
    except Unforeseen as fault:
        show(f"FAIL {fault}")
        return 0, 1
    passed = failed = 0
    entered = set()
    name = runs.name.removesuffix(".runs.yaml")
    for title, case in document["runs"].items():
        if only not in title:
            continue
        execution, differences = run(definition, case)
        if execution is not None:
            entered |= {state for _, state in execution.path}
        passed, failed = (passed, failed + 1) if differences else (passed + 1, failed)
        show(f"{'FAIL' if differences else 'ok  '} {name}: {title}")
        for difference in differences:
            show(f"     {difference}")
    if not only:
        left = set(states(definition)) - entered
        said = set(document.get("not_entered", []))
        for state in sorted(left ^ said):
            failed += 1
            show(f"FAIL {name}: no run enters `{state}`" if state in left else f"FAIL {name}: `{state}` is entered after all")
    return passed, failed


def main(arguments):
    only = ""
    if "--only" in arguments:
        at = arguments.index("--only")
        only = arguments[at + 1]
        del arguments[at : at + 2]
    places = [Path(argument) for argument in arguments] or [TESTS / "cases", TESTS / "conformance"]
    found = [file for place in places for file in ([place] if place.is_file() else files(place))]
    results = [check(file, only) for file in found]
    passed, failed = (sum(counts) for counts in zip(*results)) if results else (0, 0)
    print(f"{passed} runs as expected, {failed} not")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
