from __future__ import annotations

import ast
import copy
import dataclasses
import pickle
from dataclasses import field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, Generic, TypeVar, get_type_hints

import pytest

from diagnose.kit.records import dataclass

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file."""

    file: str
    line: int = 1
    notes: tuple[str, ...] = ()
    hits: dict[str, int] = field(default_factory=dict, compare=False, repr=False)

    @property
    def named(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(slots=True)
class Count:
    """How many, so far."""

    seen: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Checked(Generic[T]):
    """What is looked at when it is made."""

    value: T

    def __post_init__(self) -> None:
        if self.value is None:
            raise ValueError("no value")


@dataclass(frozen=True, slots=True, repr=False)
class Quiet:
    """Hides its value."""

    value: str


def fresh() -> Any:
    """A record that nobody has filled."""

    @dataclass(frozen=True, slots=True)
    class Fresh:
        """New."""

        one: int
        two: str = "b"

    return Fresh


def test_no_code_is_written_for_a_class_nor_for_its_objects(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dataclasses, "dataclass", None)
    kind = fresh()
    assert [kind(1), kind(2)] == [kind(one=1), kind(2, two="b")]


def test_a_default_is_one_for_all_and_what_a_factory_makes_is_each_objects_own() -> None:
    first, second = Count(), Count()
    first.seen.append(1)
    assert (first.seen, second.seen) == ([1], [])
    assert Place("a").notes is Place("b").notes


@pytest.mark.parametrize(
    "look",
    [fields, is_dataclass, lambda kind: [each.name for each in fields(kind)]],
)
def test_its_fields_are_known_before_the_first_object(look: Any) -> None:
    assert look(fresh())


def test_it_is_made_like_a_dataclass() -> None:
    place = Place("a.py", notes=("x",))
    assert (place.file, place.line, place.notes, place.hits, place.named) == ("a.py", 1, ("x",), {}, "a.py:1")
    assert place.hits is not Place("a.py").hits
    assert get_type_hints(Place)["line"] is int
    assert (Place.__name__, Place.__qualname__, Place.__module__, Place.__doc__) == (
        "Place",
        "Place",
        __name__,
        "A place in a file.",
    )


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ((), {}),
        ((), {"line": 1}),
        (("a", 1, (), {}, 5), {}),
        (("a", 1, (), {}, 5), {"line": 1}),
        (("a",), {"colour": 1}),
        (("a",), {"file": "b"}),
    ],
)
def test_what_does_not_fit_is_refused(values: Any, named: Any) -> None:
    with pytest.raises(TypeError):
        Place(*values, **named)


def test_equal_by_the_fields_that_are_compared() -> None:
    assert Place("a", hits={"x": 1}) == Place("a")
    assert hash(Place("a", hits={"x": 1})) == hash(Place("a"))
    assert Place("a") != Place("b")
    assert Place("a") != Quiet("a")  # type: ignore[comparison-overlap]  # that is the point
    assert Quiet("a") != ("a",)  # type: ignore[comparison-overlap]
    assert len({Quiet("a"), Quiet("a"), Quiet("b")}) == 2


def test_what_is_frozen_stays_and_has_no_other_names() -> None:
    place = Place("a")
    for name in ("line", "colour"):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(place, name, 2)
    with pytest.raises(dataclasses.FrozenInstanceError):
        del place.line
    assert place.line == 1
    assert not hasattr(place, "__dict__")
    assert replace(place, line=2) == Place("a", 2)


def test_what_is_not_frozen_changes_and_has_no_hash() -> None:
    count = Count()
    count.seen = [1]
    assert count == Count([1])
    with pytest.raises(AttributeError):
        setattr(count, "colour", 1)  # noqa: B010 - a type checker refuses the plain form
    with pytest.raises(TypeError, match="unhashable"):
        hash(count)


def test_what_is_looked_at_when_made_is_refused() -> None:
    assert Checked(1).value == 1
    with pytest.raises(ValueError, match="no value"):
        Checked(None)
    with pytest.raises(ValueError, match="no value"):
        replace(Checked[int | None](1), value=None)


def test_it_shows_its_fields_unless_told_otherwise() -> None:
    assert repr(Place("a", hits={"x": 1})) == "Place(file='a', line=1, notes=())"
    assert "secret" not in repr(Quiet("secret"))


def test_matched_by_position() -> None:
    match Place("a", 3):
        case Place(file, line):
            assert (file, line) == ("a", 3)


@pytest.mark.parametrize("value", [Place("a", 2, ("n",)), Checked("x"), Quiet("y"), Count([1])])
def test_copies_are_equal(value: object) -> None:
    assert copy.copy(value) == value
    assert copy.deepcopy(value) == value
    assert pickle.loads(pickle.dumps(value)) == value  # noqa: S301 - our own


def test_a_record_without_slots_is_refused() -> None:
    with pytest.raises(TypeError, match="slots"):
        dataclass(slots=False)


def test_every_dataclass_with_slots_is_a_record() -> None:
    root = Path(__file__).parents[2]
    plain = {
        path.relative_to(root).as_posix()
        for folder in ("diagnose", "agents")
        for path in (root / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
        and node.module == "dataclasses"
        and "dataclass" in {name.name for name in node.names}
    }
    # the record's own face for the type checker; and what keeps what it worked out, which slots forbid
    assert plain == {"diagnose/kit/records.py", "diagnose/scan/rulebase.py"}
