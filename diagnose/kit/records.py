"""Dataclasses that are cheap to import: no code is written for a class, and its list of fields is made when it is asked for.

`from diagnose.kit.records import dataclass` gives what `dataclasses.dataclass` gives, with slots; a type checker sees nothing
else. There are no keyword-only fields, no class variables among annotations and no fields of a parent. Measured: 0.4 ms a
class there, since six methods are written as text and compiled; 0.02 ms here. An object takes up to a
microsecond, there half of one: what is made by the hundred thousand is a NamedTuple.
"""

from __future__ import annotations

import dataclasses
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

__all__ = ["dataclass"]

if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import dataclass
else:

    def dataclass(*, slots: bool, frozen: bool = False, repr: bool = True) -> Callable[[type], type]:  # noqa: A002 - as there
        """Make a record of a class. slots: always, and said where the class is written."""
        if not slots:
            raise TypeError("a record has slots")
        return lambda plain: _record(plain, frozen=frozen, shown=repr)


class _Part(NamedTuple):
    """A field, and what it is where it is not given."""

    name: str
    default: Any
    factory: Any


def _record(plain: type, *, frozen: bool, shown: bool) -> type:
    """Make the class anew, with slots: they cannot be added to one that is there."""
    names = tuple(plain.__annotations__)
    body = {key: value for key, value in vars(plain).items() if key not in (*names, "__dict__", "__weakref__")}
    body |= {"__slots__": names, "__match_args__": names, **_comparison(plain, names, hashed=frozen)}
    if frozen:
        body |= {"__setattr__": _refuse, "__delattr__": _refuse, "__getstate__": _state, "__setstate__": _restore}
    if shown:
        body["__repr__"] = _shown
    made = type(plain)(plain.__name__, plain.__bases__, body)
    made.__qualname__ = plain.__qualname__
    made.__init__ = _constructor(made, [_part(plain, name) for name in names])  # type: ignore[misc]
    made.__dataclass_fields__ = _Fields(made, plain)  # type: ignore[attr-defined]
    return made


def _part(plain: type, name: str) -> _Part:
    default = vars(plain).get(name, dataclasses.MISSING)
    if isinstance(default, dataclasses.Field):
        return _Part(name, default.default, default.default_factory)
    return _Part(name, default, dataclasses.MISSING)


def _constructor(made: type, parts: list[_Part]) -> Callable[..., None]:
    places = [vars(made)[part.name].__set__ for part in parts]
    usual = _usual(parts)
    looks = hasattr(made, "__post_init__")

    def __init__(self: Any, *values: Any, **named: Any) -> None:  # noqa: N807 - its name in a traceback
        rest = None if named else usual.get(len(values))
        values = _filled(made, parts, values, named) if rest is None else values + rest
        for put, value in zip(places, values):  # noqa: B905 - as many, by now; strict would cost a third more
            put(self, value)
        if looks:
            self.__post_init__()

    return __init__


def _usual(parts: list[_Part]) -> dict[int, tuple[Any, ...]]:
    """For each number of values that may be given without names, the defaults of the rest; without those that must be made anew."""
    out: dict[int, tuple[Any, ...]] = {len(parts): ()}
    for count in reversed(range(len(parts))):
        if parts[count].default is dataclasses.MISSING:
            break
        out[count] = (parts[count].default, *out[count + 1])
    return out


def _filled(made: type, parts: list[_Part], values: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
    """Give all values in order: those without a name, those with one, what is not given."""
    out = list(values)
    for part in parts[len(values) :]:
        if part.name in named:
            out.append(named.pop(part.name))
        elif part.factory is not dataclasses.MISSING:
            out.append(part.factory())
        elif part.default is not dataclasses.MISSING:
            out.append(part.default)
        else:
            raise TypeError(f"{made.__qualname__}: {part.name} is not given")
    if named:
        raise TypeError(f"{made.__qualname__}: {', '.join(named)}: given twice, or no field")
    if len(out) > len(parts):
        raise TypeError(f"{made.__qualname__}: {len(out)} values for {len(parts)} fields")
    return tuple(out)


def _comparison(plain: type, names: tuple[str, ...], *, hashed: bool) -> dict[str, Any]:
    """Compare two of the same class by their fields; what can change has no hash."""
    compared = [name for name in names if getattr(vars(plain).get(name), "compare", True)]
    values: Callable[[object], Any] = attrgetter(*compared) if compared else lambda _: ()

    def same(self: object, other: object) -> bool:
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    def digest(self: object) -> int:
        return hash(values(self))

    return {"__eq__": same, "__hash__": digest if hashed else None}


class _Fields:
    """Where `dataclasses.fields` looks: the first look lets dataclasses make the list. Threads that come at once make the same twice."""

    def __init__(self, made: type, plain: type) -> None:
        self._made, self._plain = made, plain

    def __get__(self, _: object, __: type) -> Any:
        twin = type(self._plain.__name__, (), {**vars(self._plain), "__slots__": ()})
        done: Any = dataclasses.dataclass(init=False, repr=False, eq=False)(twin)
        self._made.__dataclass_fields__ = done.__dataclass_fields__  # type: ignore[attr-defined]
        return done.__dataclass_fields__


def _refuse(self: object, name: str, *_: object) -> None:
    raise dataclasses.FrozenInstanceError(
        f"{type(self).__name__}.{name} is not changed: dataclasses.replace makes another"
    )


def _state(self: Any) -> list[Any]:
    return [getattr(self, name) for name in self.__slots__]


def _restore(self: Any, state: list[Any]) -> None:
    for name, value in zip(self.__slots__, state, strict=True):
        object.__setattr__(self, name, value)


def _shown(self: Any) -> str:
    fields = (field for field in dataclasses.fields(self) if field.repr)
    return f"{type(self).__qualname__}({', '.join(f'{field.name}={getattr(self, field.name)!r}' for field in fields)})"
