"""Dataclasses whose methods are made when the first object is: of those that are imported for a log, half are never filled.

`from diagnose.kit.records import dataclass` gives what `dataclasses.dataclass` gives, with slots; a type checker sees nothing
else. There are no keyword-only fields and no class variables among annotations. Measured: 0.5 ms a class there, of them 0.3 for
comparison and the rest in code that is written and compiled anew for each class; 0.02 ms here, and 0.3 with the first object.
"""

from __future__ import annotations

import dataclasses
from operator import attrgetter
from typing import TYPE_CHECKING, Any

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

    def first(self: object, *values: Any, **named: Any) -> None:
        _complete(made, plain, frozen=frozen)
        self.__init__(*values, **named)  # type: ignore[misc]

    made.__init__ = first  # type: ignore[misc]
    made.__dataclass_fields__ = _Fields(made, plain, frozen=frozen)  # type: ignore[attr-defined]
    return made


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
    """Where `dataclasses.fields` looks: the first look completes the class."""

    def __init__(self, made: type, plain: type, *, frozen: bool) -> None:
        self._made, self._plain, self._frozen = made, plain, frozen

    def __get__(self, _: object, __: type) -> Any:
        _complete(self._made, self._plain, frozen=self._frozen)
        return self._made.__dataclass_fields__  # type: ignore[attr-defined]


def _complete(made: type, plain: type, *, frozen: bool) -> None:
    """Let dataclasses write the constructor and the list of fields. Threads that come here at once write the same twice."""
    done: Any = dataclasses.dataclass(frozen=frozen, repr=False, eq=False)(type(plain.__name__, (), dict(vars(plain))))
    made.__init__ = done.__init__  # type: ignore[misc]
    made.__dataclass_params__ = done.__dataclass_params__  # type: ignore[attr-defined]
    made.__dataclass_fields__ = done.__dataclass_fields__  # type: ignore[attr-defined]


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
