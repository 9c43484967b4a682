"""A value is a dataclass, whichever way it was made."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from dataclasses import FrozenInstanceError, field, fields, is_dataclass, replace
from inspect import signature
from typing import TYPE_CHECKING, Any

import pytest

from redress.domain import values
from redress.domain.denied_call import DeniedCall
from redress.domain.lifecycle_occurrences import Muted, MuteEnded
from redress.domain.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Theirs:
    """As dataclasses make it."""

    name: str
    size: int = 3
    tags: dict[str, str] = field(default_factory=dict)
    note: str = field(default="", compare=False, repr=False)
    fixed: int = field(default=7, init=False)


@values.dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """The same, made by us."""

    name: str
    size: int = 3
    tags: dict[str, str] = field(default_factory=dict)
    note: str = field(default="", compare=False, repr=False)
    fixed: int = field(default=7, init=False)


@values.dataclass(frozen=True, slots=True, kw_only=True)
class Heir(Ours):
    """One field more."""

    more: str
    size: int = 4


@values.dataclass(frozen=True, slots=True, kw_only=True)
class Empty:
    """No field at all."""


@values.dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """Looks at what it was given, and tells itself in its own words."""

    size: int

    def __post_init__(self) -> None:
        """Refuses what is not positive."""
        if self.size <= 0:
            raise ValueError("size must be positive")

    def __repr__(self) -> str:
        return f"{self.size} pieces"


def test_takes_and_holds_what_a_dataclass_does() -> None:
    """Fields, defaults, signature and text are the same."""
    ours, theirs = Ours(name="x", tags={"a": "b"}), Theirs(name="x", tags={"a": "b"})
    assert [getattr(ours, each.name) for each in fields(Ours)] == [
        getattr(theirs, each.name) for each in fields(Theirs)
    ]
    assert repr(ours) == repr(theirs).replace("Theirs", "Ours")
    assert str(signature(Ours)) == str(signature(Theirs)).replace("-> 'None'", "-> None")
    assert is_dataclass(Ours)
    assert type(ours) is Ours
    assert not hasattr(ours, "__dict__")


@pytest.mark.parametrize("value", [Ours(name="x"), Heir(name="x", more="y"), Empty(), Checked(size=1)])
def test_is_frozen_once_it_is_made(value: Any) -> None:  # noqa: ANN401 - tried with wrong things
    """Nothing can be set, deleted or added."""
    name = next((each.name for each in fields(value)), "nothing")
    with pytest.raises(FrozenInstanceError, match=f"cannot assign to field '{name}'"):
        setattr(value, name, "other")
    with pytest.raises(FrozenInstanceError, match=f"cannot delete field '{name}'"):
        delattr(value, name)
    with pytest.raises(FrozenInstanceError):
        value.other = 1


@pytest.mark.parametrize(
    "value",
    [Ours(name="x", note="n"), Heir(name="x", more="y"), Empty(), Checked(size=1)],
    ids=lambda v: type(v).__name__,
)
@pytest.mark.parametrize("way", [copy.copy, copy.deepcopy, replace, lambda value: pickle.loads(pickle.dumps(value))])  # noqa: S301 - our own
def test_copies_are_equal(value: Any, way: Callable[[Any], Any]) -> None:  # noqa: ANN401 - values of several classes
    """Copies, pickles and replacements are the same value, of the same class, and frozen."""
    other = way(value)
    assert (other, type(other)) == (value, type(value))
    with pytest.raises(FrozenInstanceError):
        other.name = 1


def test_equality_is_that_of_class_and_contents() -> None:
    """What is not compared does not count; another class never is the same; equal values hash alike."""
    one, same = Verdictless(name="x", note="a"), Verdictless(name="x", note="b")
    assert one == same
    assert hash(one) == hash(same)
    assert Ours(name="x") != Ours(name="y")
    theirs: object = Theirs(name="x")
    assert Ours(name="x") != theirs
    assert Heir(name="x", more="y", size=3) != Ours(name="x")
    assert Empty() == Empty()
    assert len({Empty(), Empty()}) == 1
    with pytest.raises(TypeError, match="unhashable type: 'dict'"):
        hash(Ours(name="x"))


@values.dataclass(frozen=True, slots=True, kw_only=True)
class Verdictless:
    """Hashable, with a part that does not count."""

    name: str
    note: str = field(default="", compare=False)


def test_every_value_has_a_default_of_its_own() -> None:
    """A default factory is called for each value; a shared mutable default is refused."""
    assert Ours(name="x").tags is not Ours(name="x").tags
    with pytest.raises(ValueError, match="mutable default"):
        values.dataclass(frozen=True, slots=True, kw_only=True)(
            type("Shared", (), {"__annotations__": {"tags": "dict"}, "tags": {}})
        )


def test_refuses_arguments_that_it_does_not_know() -> None:
    """Missing, unknown and positional arguments are named, as always."""
    make: Any = Ours
    with pytest.raises(TypeError, match="missing 1 required keyword-only argument: 'name'"):
        make()
    with pytest.raises(TypeError, match="unexpected keyword argument 'colour'"):
        make(name="x", colour="red")
    with pytest.raises(TypeError, match="positional argument"):
        make("x")


def test_own_methods_stay() -> None:
    """A class may tell itself in its own words, and look at itself when it is made."""
    assert repr(Checked(size=2)) == "2 pieces"
    with pytest.raises(ValueError, match="size must be positive"):
        Checked(size=0)


def test_heirs_have_the_fields_of_both() -> None:
    """Their own defaults win."""
    heir = Heir(name="x", more="y")
    assert (heir.name, heir.size, heir.more, heir.tags) == ("x", 4, "y", {})
    assert MuteEnded(cause="over").actor == "schedule"


def test_patterns_match_their_fields() -> None:
    """As ``match`` statements of the lifecycle need it."""
    now = "now"
    found: Any = Muted(cause="noise", until=now)  # type: ignore[arg-type]
    match found:
        case Muted(until=until):
            assert until == now
        case _:
            pytest.fail("no match")


def test_other_dataclasses_are_the_standard_library_s() -> None:
    """A class that may change, or takes its fields in order, is made as ever."""

    @values.dataclass(slots=True, kw_only=True)
    class Mutable:
        name: str

    value = Mutable(name="x")
    value.name = "y"
    assert value == Mutable(name="y")


@pytest.mark.parametrize("cls", [DeniedCall, Verdict])
def test_the_values_of_every_denial_are_filled_quickly(cls: Any) -> None:  # noqa: ANN401 - looked into
    """The two large values that each denial needs are not set field by field through a refusing class."""
    assert "_draft" in cls.__init__.__globals__
