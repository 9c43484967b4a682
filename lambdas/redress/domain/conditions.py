"""The Condition element: every operator, set operators, IfExists, and keys whose value is not known.

Sources: docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html,
reference_policies_condition-logic-multiple-context-keys-or-values.html,
reference_policies_condition-single-vs-multi-valued-context-keys.html and reference_policies_variables.html.

A test answers True, False, or None: "it depends on a value that we do not know".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from redress.domain.match import Parts, Test, fill, has_variable, template
from redress.domain.operators import OPERATORS, Operator
from redress.domain.policy_error import MalformedPolicy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from redress.domain.request import Request

_ALL = "forallvalues"
_ANY = "foranyvalue"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyTest:
    """One operator applied to one condition key.

    Attributes:
        operator: Row of the operator table.
        key: Condition key in lower case.
        quantifier: Empty, ``forallvalues`` or ``foranyvalue``.
        when_absent: The answer where the request has no such key.
        fixed: Tests made of the policy's values that hold no variable.
        varying: The policy's values that do.

    """

    operator: Operator
    key: str
    quantifier: str
    when_absent: bool
    fixed: tuple[Test, ...]
    varying: tuple[Parts, ...]

    def holds(self, request: Request, missing: list[str]) -> bool | None:
        """Returns whether the request passes; None adds the keys it would need to ``missing``."""
        given = request.values(self.key)
        if given is None:
            missing.append(self.key)
            return None
        if not given:
            return self.when_absent
        if self.operator.presence:
            return not self.when_absent
        if self.quantifier == _ALL:
            return all_of(self._passes(value, request, missing) for value in given)
        if self.quantifier == _ANY or len(given) == 1:
            return any_of(self._passes(value, request, missing) for value in given)
        # A multivalued key without a set operator: AWS says to use one and not what happens without.
        missing.append(self.key)
        return None

    def _passes(self, value: str, request: Request, missing: list[str]) -> bool | None:
        """Returns whether one value passes: it equals any of the policy's, or none where the operator is negated."""
        equal: bool | None = any(test(value) for test in self.fixed)
        if not equal and self.varying:
            equal = any_of(self._equals(parts, value, request, missing) for parts in self.varying)
        if equal is None:
            return None
        return equal is not self.operator.negated

    def _equals(self, parts: Parts, value: str, request: Request, missing: list[str]) -> bool | None:
        glob = fill(parts, request, missing)
        return bool(self.operator.from_glob(glob)(value)) if isinstance(glob, str) else glob


def any_of(answers: Iterator[bool | None]) -> bool | None:
    """Returns True if any answer is, else None if any is unknown, else False."""
    unknown = False
    for answer in answers:
        if answer:
            return True
        unknown = unknown or answer is None
    return None if unknown else False


def all_of(answers: Iterator[bool | None]) -> bool | None:
    """Returns False if any answer is, else None if any is unknown, else True."""
    unknown = False
    for answer in answers:
        if answer is False:
            return False
        unknown = unknown or answer is None
    return None if unknown else True


def parse_conditions(block: object, *, variables: bool, where: str) -> tuple[KeyTest, ...]:
    """Returns the tests of a Condition element; all must hold.

    Args:
        block: The element's JSON.
        variables: Whether the policy's version knows policy variables.
        where: Position of the element, for the error.

    Raises:
        MalformedPolicy: An operator or a value that IAM would not accept.

    """
    return tuple(
        _key_test(name, key, value, variables=variables, where=f"{where}.{name}.{key}")
        for name, keys in _object(block, where).items()
        for key, value in _object(keys, f"{where}.{name}").items()
    )


def _object(value: object, where: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise MalformedPolicy(where, "is no JSON object")
    return value


def _key_test(name: str, key: str, value: object, *, variables: bool, where: str) -> KeyTest:
    quantifier, operator, if_exists = _operator(name, where)
    values = texts(value, where)
    vary = variables and operator.variables
    varying = tuple(template(text) for text in values if vary and has_variable(text))
    fixed = tuple(operator.from_text(text) for text in values if not (vary and has_variable(text)))
    return KeyTest(
        operator=operator,
        key=key.lower(),
        quantifier=quantifier,
        when_absent=_when_absent(operator, quantifier, values, if_exists=if_exists),
        fixed=fixed,
        varying=varying,
    )


def _operator(name: str, where: str) -> tuple[str, Operator, bool]:
    quantifier, _, bare = name.lower().rpartition(":")
    if_exists = bare.endswith("ifexists")
    operator = OPERATORS.get(bare.removesuffix("ifexists"))
    if operator is None or quantifier not in {"", _ALL, _ANY} or (if_exists and operator.presence):
        raise MalformedPolicy(where, f"{name!r} is no condition operator")
    return quantifier, operator, if_exists


def _when_absent(operator: Operator, quantifier: str, values: tuple[str, ...], *, if_exists: bool) -> bool:
    if operator.presence:
        return "true" in {value.lower() for value in values}
    if quantifier == _ANY:
        return False
    return if_exists or operator.negated or quantifier == _ALL


def texts(value: object, where: str) -> tuple[str, ...]:
    """Returns a JSON string, number or boolean, or a list of them, as strings.

    Raises:
        MalformedPolicy: It is something else.

    """
    items = value if isinstance(value, list) else [value]
    return tuple(_text(item, where) for item in items)


def _text(item: object, where: str) -> str:
    if isinstance(item, bool):
        return "true" if item else "false"
    if isinstance(item, str | int | float):
        return str(item)
    raise MalformedPolicy(where, "holds something that is no string, number or boolean")
