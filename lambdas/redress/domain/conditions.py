"""The Condition element: every operator, set operators, IfExists, and keys whose value is not known.

Sources: docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html,
reference_policies_condition-logic-multiple-context-keys-or-values.html,
reference_policies_condition-single-vs-multi-valued-context-keys.html and reference_policies_variables.html.

A test answers True, False, or None: "it depends on a value that we do not know".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from redress.domain.operators import OPERATORS, Operator
from redress.domain.policy_error import MalformedPolicy
from redress.domain.values import dataclass
from redress.domain.variables import Parts, fill, has_variable, template
from redress.domain.wildcards import Test

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from redress.domain.request import Request

_ALL = "forallvalues"
_ANY = "foranyvalue"
_NULL = ("",)
"""What AWS calls "a null dataset, such as an empty string"."""

MULTIVALUED = frozenset(
    {
        "aws:calledvia",
        "aws:principalorgpaths",
        "aws:principalservicenameslist",
        "aws:resourceorgpaths",
        "aws:sourceorgpaths",
        "aws:tagkeys",
        "dynamodb:attributes",
        "dynamodb:leadingkeys",
        "kms:encryptioncontextkeys",
        "kms:grantoperations",
        "kms:resourcealiases",
    }
)
"""Keys that need a set operator even when one value is in the request (reference_policies_condition-keys.html)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyTest:
    """One operator applied to one condition key.

    Attributes:
        operator: Row of the operator table.
        key: Condition key in lower case.
        quantifier: Empty, ``forallvalues`` or ``foranyvalue``.
        when_absent: The answer where the request has no such key.
        when_present: The answer of an operator that only asks if the key is there.
        doubtful: Whether a value of the policy is none that the operator can make sense of.
        fixed: Tests made of the policy's values that hold no variable.
        varying: The policy's values that do.

    """

    operator: Operator
    key: str
    quantifier: str
    when_absent: bool
    when_present: bool
    doubtful: bool
    fixed: tuple[Test, ...]
    varying: tuple[Parts, ...]

    def holds(self, request: Request, missing: list[str]) -> bool | None:
        """Returns whether the request passes; None adds the keys it would need to ``missing``."""
        given = request.values(self.key)
        if given is None:
            missing.append(self.key)
            return None
        if self.key in request.empty and not self.quantifier:
            return None  # AWS does not say whether a key without values is null, nor what it is compared with
        if not given:
            return self.when_absent
        if self.operator.presence:
            return self.when_present
        found = self._compare(given, request, missing)
        if given == _NULL and self.quantifier and found is not self.when_absent:
            return None  # a set operator may take it for no value at all, or compare it
        return found

    def _compare(self, given: tuple[str, ...], request: Request, missing: list[str]) -> bool | None:
        if self.quantifier == _ALL:
            return all_of(self._passes(value, request, missing) for value in given)
        if self.quantifier == _ANY or (len(given) == 1 and self.key not in MULTIVALUED):
            return any_of(self._passes(value, request, missing) for value in given)
        # A multivalued key without a set operator: AWS says to use one, and not what happens without.
        return None

    def _passes(self, value: str, request: Request, missing: list[str]) -> bool | None:
        """Returns whether one value passes: it equals any of the policy's, or none where the operator is negated."""
        if self.operator.reads_value and not self.operator.reads_value(value):
            return None
        equal: bool | None = any(test(value) for test in self.fixed) or (None if self.doubtful else False)
        if not equal and self.varying:
            equal = any_of((equal, *(self._equals(parts, value, request, missing) for parts in self.varying)))
        if equal is None:
            return None
        return equal is not self.operator.negated

    def _equals(self, parts: Parts, value: str, request: Request, missing: list[str]) -> bool | None:
        glob = fill(parts, request, missing)
        return bool(self.operator.from_glob(glob)(value)) if isinstance(glob, str) else glob


def any_of(answers: Iterable[bool | None]) -> bool | None:
    """Returns True if any answer is, else None if any is unknown, else False."""
    unknown = False
    for answer in answers:
        if answer:
            return True
        unknown = unknown or answer is None
    return None if unknown else False


def all_of(answers: Iterable[bool | None]) -> bool | None:
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
    if operator.presence:
        values = tuple(text.lower() for text in values)
    vary = variables and operator.variables
    varying = tuple(template(text) for text in values if vary and has_variable(text))
    fixed = tuple(operator.from_text(text) for text in values if not (vary and has_variable(text)))
    return KeyTest(
        operator=operator,
        key=key.lower(),
        quantifier=quantifier,
        when_absent=_when_absent(operator, quantifier, values, if_exists=if_exists),
        when_present="false" in values,
        doubtful=any(operator.reads_text is not None and not operator.reads_text(text) for text in values),
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
        return "true" in values
    if quantifier == _ANY:
        return False
    return if_exists or operator.negated or quantifier == _ALL


def texts(value: object, where: str) -> tuple[str, ...]:
    """Returns a JSON string, number or boolean, or a list of them, as strings.

    Raises:
        MalformedPolicy: It is something else.

    """
    if isinstance(value, str):
        return (value,)
    items = value if isinstance(value, list) else [value]
    return tuple([item if isinstance(item, str) else _text(item, where) for item in items])


def _text(item: object, where: str) -> str:
    if isinstance(item, bool):
        return "true" if item else "false"
    if isinstance(item, int | float):
        return str(item)
    raise MalformedPolicy(where, "holds something that is no string, number or boolean")
