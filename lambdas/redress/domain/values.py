"""``dataclass`` as the standard library has it, for programs that start often and make many values.

``dataclasses`` compiles six methods for each frozen class, which would be a third of what importing Redress costs,
and its frozen ``__init__`` sets every field through ``object.__setattr__``, which for a denied call would cost
half as much as reading the record's JSON. Here one method is compiled, and a new value is filled while it is of a
class that has the same slots and refuses nothing. What comes out is a dataclass like any other: ``fields``,
``replace``, equality, hashes, copies, pickles and patterns do what they do elsewhere
(docs/decisions/0009-values.md).
"""

from __future__ import annotations

import dataclasses
from dataclasses import MISSING, FrozenInstanceError, fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import dataclass
else:

    def dataclass(*, frozen: bool = False, slots: bool = False, kw_only: bool = False) -> Callable[[type], type]:
        """Returns the decorator that makes a dataclass: quickly, where it is frozen, has slots and takes keywords."""
        if frozen and slots and kw_only:
            return _value
        return dataclasses.dataclass(frozen=frozen, slots=slots, kw_only=kw_only)


__all__ = ["dataclass"]


class _Absent:
    def __repr__(self) -> str:
        return "<factory>"


_ABSENT = _Absent()


def _value(cls: type) -> Any:  # noqa: ANN401 - a class made at run time
    own = set(cls.__dict__)
    made: Any = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True, kw_only=True)(cls)
    for name, method in (*_methods_of(made).items(), ("__init__", _init_of(made))):
        if name not in own:
            setattr(made, name, method)
    return made


def _methods_of(cls: Any) -> dict[str, Callable[..., Any]]:  # noqa: ANN401 - a class made at run time
    """Returns what a frozen dataclass with slots has, but ``__init__``."""
    names = [field.name for field in fields(cls)]
    shown = [field.name for field in fields(cls) if field.repr]
    contents = _contents_of([field.name for field in fields(cls) if field.compare])

    def text(self: object) -> str:
        return f"{type(self).__qualname__}({', '.join([f'{name}={getattr(self, name)!r}' for name in shown])})"

    def equal(self: object, other: object) -> bool:
        return contents(self) == contents(other) if other.__class__ is self.__class__ else NotImplemented

    def state(self: object) -> list[Any]:
        return [getattr(self, name) for name in names]

    def restore(self: object, saved: list[Any]) -> None:
        for name, value in zip(names, saved, strict=True):
            object.__setattr__(self, name, value)

    return {
        "__repr__": text,
        "__eq__": equal,
        "__hash__": lambda self: hash(contents(self)),
        "__setattr__": _refuse_setting,
        "__delattr__": _refuse_deleting,
        "__getstate__": state,
        "__setstate__": restore,
    }


def _contents_of(names: list[str]) -> Callable[[object], Any]:
    return attrgetter(*names) if names else lambda _: ()


def _refuse_setting(_: object, name: str, __: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_deleting(_: object, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _init_of(cls: Any) -> Callable[..., None]:  # noqa: ANN401 - a class made at run time
    """Returns the one method that is compiled for the class."""
    known: dict[str, Any] = {"_absent": _ABSENT, "_set": object.__setattr__, "_class": cls}
    given: list[str] = []
    filled = {field.name: _filled(field, given, known) for field in fields(cls)}
    if cls.__bases__ == (object,):
        known["_draft"] = type(cls.__name__, (), {"__slots__": cls.__slots__})
        lines = [f"self.{name} = {value}" for name, value in filled.items() if value]
        lines = ["_set(self, '__class__', _draft)", *lines, "self.__class__ = _class"]
    else:  # an heir is laid out in memory otherwise than a class that declares all slots itself
        lines = [f"_set(self, {name!r}, {value})" for name, value in filled.items() if value]
    if hasattr(cls, "__post_init__"):
        lines.append("self.__post_init__()")
    head = ", ".join(["self", *(["*", *given] if given else [])])
    body = "\n ".join(lines or ["pass"])
    made: dict[str, Any] = {}
    exec(f"def __init__({head}):\n {body}", known, made)  # noqa: S102 - made of field names alone, as dataclasses does it
    init: Callable[..., None] = made["__init__"]
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    init.__annotations__ = {field.name: field.type for field in fields(cls) if field.init} | {"return": None}
    return init


def _filled(field: dataclasses.Field[Any], given: list[str], known: dict[str, Any]) -> str:
    """Returns the expression of a field's value, empty where it has none; adds its parameter to ``given``."""
    name, default = field.name, f"_{field.name}_default"
    is_made = field.default_factory is not MISSING
    if is_made or field.default is not MISSING:
        known[default] = field.default_factory if is_made else field.default
    if not field.init:
        return f"{default}()" if is_made else default if default in known else ""
    if is_made:
        given.append(f"{name}=_absent")
        return f"{default}() if {name} is _absent else {name}"
    given.append(f"{name}={default}" if default in known else name)
    return name
