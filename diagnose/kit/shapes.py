"""Whether a value is what its annotation says, all the way down: for what strangers' code hands over."""

from __future__ import annotations

import math
from dataclasses import fields, is_dataclass
from functools import cached_property
from types import UnionType
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin, get_type_hints

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType


class Shapes:
    """Dataclasses whose annotations are names of `modules`: knows str, int, float, bool, None, Literal, unions, tuple[X, ...]."""

    def __init__(self, modules: Sequence[ModuleType]) -> None:
        self._modules = modules
        self._hints: dict[type, dict[str, Any]] = {}

    @cached_property
    def _names(self) -> dict[str, Any]:
        return {
            name: value for module in self._modules for name, value in vars(module).items() if not name.startswith("_")
        }

    def fits(self, value: object, hint: Any) -> bool:
        """Tell whether `value` is a `hint`. A bool is no number; a float is finite, and may be written as an int."""
        origin = get_origin(hint)
        if origin in (Union, UnionType):
            return any(self.fits(value, each) for each in get_args(hint))
        if origin is Literal:
            return any(type(value) is type(each) and value == each for each in get_args(hint))
        if origin is tuple:
            return type(value) is tuple and all(self.fits(each, get_args(hint)[0]) for each in value)
        if hint is None or hint is type(None):
            return value is None
        return self._is(value, hint)

    def _is(self, value: object, kind: type) -> bool:
        if kind is float:
            return type(value) in (int, float) and math.isfinite(value)  # type: ignore[arg-type]  # a number, as said before
        if type(value) is not kind:
            return False
        if not is_dataclass(kind):
            return True
        hints = self._hints.get(kind)
        if hints is None:
            hints = self._hints[kind] = get_type_hints(kind, localns=self._names)
        return all(self.fits(getattr(value, field.name), hints[field.name]) for field in fields(kind))
