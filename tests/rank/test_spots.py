"""Places that no rule captured: of an unknown tool's lines, of a block, of a stack."""

from __future__ import annotations

import pytest

from diagnose.rank.causes import causes_of
from tests.support.reading import reading_of, shipped_reading_of

UNKNOWN_TOOL = """src/a.xyz:3:1: strange thing number one here, expected none
src/b.xyz:7:2: strange thing number two here, expected none
note: two strange things
"""
ROWS = """src/a.xyz
  3:1  error  strange thing one  no-thing
  9:2  error  strange thing two  no-thing

/w/src/b.xyz
  7:2  error  strange thing three  no-thing
"""
STACK = """============================= test session starts ==============================
collected 1 item

tests/test_a.py F                                                        [100%]

=================================== FAILURES ===================================
___________________________________ test_get ___________________________________

    def test_get():
>       assert get("x")

tests/test_a.py:7:
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _
/opt/hostedtoolcache/Python/3.11.7/x64/lib/python3.11/site-packages/lib/a.py:9: in inner
    return outer()

    def get(key):
>       return ITEMS[key]
E       KeyError: 'x'

app/db.py:5: KeyError
=========================== short test summary info ============================
FAILED tests/test_a.py::test_get - KeyError: 'x'
============================== 1 failed in 0.05s ===============================
"""


@pytest.mark.parametrize(
    ("log", "places"),
    [
        (UNKNOWN_TOOL, [("src/a.xyz", 3), ("src/b.xyz", 7)]),
        (ROWS, [("src/a.xyz", 3), ("src/a.xyz", 9), ("/w/src/b.xyz", 7)]),
        (STACK, [("app/db.py", 5), ("tests/test_a.py", 7)]),
    ],
    ids=["a tool that no rule knows", "rows below a file's name", "a stack without the libraries' frames"],
)
def test_places(log: str, places: list[tuple[str, int]]) -> None:
    first = causes_of(shipped_reading_of(log) if log is STACK else reading_of(log))[0]
    assert {(place.file, place.line) for place in first.places} == set(places)
