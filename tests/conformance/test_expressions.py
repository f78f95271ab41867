"""An expression means the same when the file is built and while a machine runs: both are computed, and compared."""

import pytest
from expressions import Maker, both
from machine_execution import Execution
from machine_interpreter import execute
from machine_runner import differing

KINDS = ["int", "float", "string", "bool", "list<int>", "list<string>", "object"]
EXPRESSIONS = 40

# What a machine cannot do while it runs, and says so.
REFUSED = ("A state machine cannot do `for` while it runs.", "A key must be known when the file is built")


@pytest.mark.parametrize("seed", range(1, 9))
def test_known_and_late_values_give_the_same(seed):
    maker = Maker(seed)
    expressions = [maker.of(maker.numbers.choice(KINDS), maker.numbers.choice([1, 2, 3])) for _ in range(EXPRESSIONS)]
    known, later, left, refused = both(maker, expressions)
    strange = [f"{expression}: {said}" for expression, said in refused.values() if not any(one in said for one in REFUSED)]
    assert not strange, "\n".join(strange)
    assert len(left) > EXPRESSIONS / 2

    asked = []

    def answer(_name, arguments, _token):
        asked.append(arguments["Payload"])
        return {"return": {}}

    found = execute(Execution(later, maker.values.all(), answer, {}))
    assert found["status"] == "SUCCEEDED", found
    expected = known["States"]["all"]["Arguments"]["Payload"]
    differences = []
    for at, expression in left.items():
        for told in differing(f"e_{at}", {"_": expected.get(f"e_{at}")}, {"_": asked[0].get(f"e_{at}")}):
            differences.append(f"{expression}\n    {told}")
    assert not differences, "\n".join(differences)
