"""How the oracle reads a case where it and AWS's documentation differ: one rewrite per entry of differences.json.

A disagreement is explained if our evaluator agrees with the oracle once the case is rewritten as the oracle reads it.
"""

from __future__ import annotations

import copy
import ipaddress
import re
from typing import TYPE_CHECKING, Any

from redress.domain.conditions import MULTIVALUED
from redress.domain.wildcards import arn_test, from_policy, glob_test, has_wildcard
from tests.differential import universe as u

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Json = dict[str, Any]
ALLOW_ALL: Json = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def rewritten(case: Json, readings: Iterable[str]) -> Json:
    """Returns the case as the oracle reads it, as far as these readings go."""
    changed, chosen = copy.deepcopy(case), set(readings)
    for name, rewrite in READINGS.items():
        if name in chosen:
            rewrite(changed)
    return changed


def _documents(case: Json) -> Iterator[Json]:
    for layer, given in case["policies"].items():
        if layer == "resource":
            yield given
            continue
        for entry in given:
            yield from entry if isinstance(entry, list) else [entry]


def _statements(document: Json) -> list[Json]:
    given = document["Statement"]
    return given if isinstance(given, list) else [given]


def _drop(case: Json, unless: Callable[[Json], bool]) -> None:
    for document in _documents(case):
        document["Statement"] = [statement for statement in _statements(document) if unless(statement)]


def _tests(statement: Json) -> Iterator[tuple[str, str, list[str]]]:
    for operator, keys in statement.get("Condition", {}).items():
        for key, values in keys.items():
            yield operator, key.lower(), values if isinstance(values, list) else [values]


def _context(case: Json) -> dict[str, list[str]]:
    given = case["request"]["context"].items()
    return {key.lower(): value if isinstance(value, list) else [value] for key, value in given}


def root_needs_policies(case: Json) -> None:
    """The oracle gives the root user no more than its policies say."""
    if case["request"]["caller"] == u.ROOT:
        case["request"]["caller"] = f"arn:aws:iam::{u.HOME}:role/nobody"


def federated_needs_no_session_policy(case: Json) -> None:
    """The oracle lets a federated user without session policies do all that its user may."""
    if case["request"]["caller"] == u.FEDERATED:
        case["policies"].setdefault("session", [copy.deepcopy(ALLOW_ALL)])


def no_trust_policy_needed(case: Json) -> None:
    """The oracle lets identity policies alone allow sts:AssumeRole and kms calls where no resource policy is given."""
    if case["request"]["action"].startswith(("kms:", "sts:")) and case["request"]["account"] == u.HOME:
        delegation = {"Effect": "Allow", "Principal": {"AWS": u.HOME}, "Action": "*", "Resource": "*"}
        case["policies"].setdefault("resource", {"Version": "2012-10-17", "Statement": [delegation]})


_VARIABLE = re.compile(r"\$\{\s*([^},\s]+)\s*(,[^}]*)?\}")


def negated_test_of_unset_variable(case: Json) -> None:
    """For the oracle a statement with a variable that has no value never applies, negated or not."""
    context = _context(case)

    def unset(values: list[str]) -> bool:
        found = [match for value in values for match in _VARIABLE.finditer(value)]
        return any(not match[2] and len(context.get(match[1].lower(), [])) != 1 for match in found)

    _drop(case, lambda statement: not any("Not" in op and unset(values) for op, _, values in _tests(statement)))


def variables_in_every_version(case: Json) -> None:
    """The oracle fills in policy variables whatever the policy's version."""
    for document in _documents(case):
        document["Version"] = "2012-10-17"


def multivalued_without_set_operator(case: Json) -> None:
    """For the oracle a plain operator on a multivalued key never holds."""
    context = _context(case)

    def plain(operator: str, key: str) -> bool:
        return key in MULTIVALUED and ":" not in operator and operator != "Null" and key in context

    _drop(case, lambda statement: not any(plain(op, key) for op, key, _ in _tests(statement)))


def _family(text: str) -> int:
    return ipaddress.ip_network(text, strict=False).version


def address_of_other_family(case: Json) -> None:
    """For the oracle NotIpAddress never holds for an address of the other family (IPv4, IPv6) than a range listed."""
    given = _context(case).get("aws:sourceip", [])

    def mixed(operator: str, values: list[str]) -> bool:
        return "NotIpAddress" in operator and any(_family(one) != _family(value) for one in given for value in values)

    _drop(case, lambda statement: not any(mixed(op, values) for op, _, values in _tests(statement)))


def range_of_all_addresses(case: Json) -> None:
    """For the oracle the ranges 0.0.0.0/0 and ::/0 hold no address."""
    for document in _documents(case):
        for statement in _statements(document):
            for operator, key, values in list(_tests(statement)):
                if "IpAddress" in operator:
                    kept = [value for value in values if not value.endswith("/0")]
                    _replace_values(statement, operator, key, kept)


def _replace_values(statement: Json, operator: str, key: str, values: list[str]) -> None:
    block = statement["Condition"][operator]
    name = next(name for name in block if name.lower() == key)
    block[name] = values


def not_principal_without_account(case: Json) -> None:
    """For the oracle a Deny with NotPrincipal spares whoever is listed, whether or not the account is listed too."""
    _drop(case, lambda statement: not ("NotPrincipal" in statement and statement["Effect"] == "Deny"))


_EMPTY = "<empty>"


def empty_value_of_set_operator(case: Json) -> None:
    """The oracle compares an empty string like any other under ForAllValues and ForAnyValue."""
    given = case["request"]["context"]
    empty = {key.lower() for key, value in given.items() if value in ("", [""])}
    given.update({key: _EMPTY for key in given if key.lower() in empty})
    for document in _documents(case):
        for statement in _statements(document):
            for operator, key, values in list(_tests(statement)):
                if key in empty:
                    _replace_values(statement, operator, key, [value or _EMPTY for value in values])


def wildcard_as_resource_type(case: Json) -> None:
    """For the oracle no wildcard stands for a resource type."""
    _keep_resources(case, lambda pattern: not _open_type(pattern))


def _open_type(pattern: str) -> bool:
    fields = pattern.split(":", 5)
    kind = re.match(r"[^/:]*(?=[/:])", fields[-1])
    return len(fields) == 6 and kind is not None and has_wildcard(kind[0]) and fields[2] not in {"s3", "sqs", "sns"}


def wildcard_over_a_colon(case: Json) -> None:
    """For the oracle no wildcard reaches over one of the first five colons of an ARN."""
    resource = case["request"]["resource"]

    def keep(pattern: str) -> bool:
        glob = from_policy(pattern)
        return pattern == "*" or bool(arn_test(glob)(resource)) or not glob_test(glob)(resource)

    _keep_resources(case, keep)


def _keep_resources(case: Json, keep: Callable[[str], bool]) -> None:
    for document in _documents(case):
        for statement in _statements(document):
            for element in ("Resource", "NotResource"):
                if element in statement:
                    statement[element] = [pattern for pattern in _listed(statement, element) if keep(pattern)]


def null_of_an_empty_list(case: Json) -> None:
    """For the oracle a key that is in the context without values is not null."""
    empty = {key for key, values in _context(case).items() if not values}

    def holds(values: list[str]) -> bool:
        return "false" in [value.lower() for value in values]

    def asks(operator: str, key: str) -> bool:
        return operator == "Null" and key in empty

    _drop(case, lambda statement: all(holds(values) for op, key, values in _tests(statement) if asks(op, key)))
    for document in _documents(case):
        for statement in _statements(document):
            block = statement.get("Condition", {}).get("Null", {})
            for name in [name for name in block if name.lower() in empty]:
                del block[name]


def not_resource_with_unset_variable(case: Json) -> None:
    """For the oracle a statement with NotResource and a variable that has no value never applies."""
    unset = _unset_in(case)
    _drop(case, lambda statement: not any(unset(pattern) for pattern in _listed(statement, "NotResource")))


def not_resource_with_unset_variable_elsewhere(case: Json) -> None:
    """The oracle lets it apply if the rest of the pattern rules the resource out anyway."""
    unset = _unset_in(case)
    for document in _documents(case):
        for statement in _statements(document):
            if "NotResource" in statement:
                kept = [pattern for pattern in _listed(statement, "NotResource") if not unset(pattern)]
                statement["NotResource"] = kept


def _unset_in(case: Json) -> Callable[[str], bool]:
    context = _context(case)
    return lambda text: any(not it[2] and not context.get(it[1].lower()) for it in _VARIABLE.finditer(text))


def _listed(statement: Json, element: str) -> list[str]:
    given = statement.get(element, [])
    return given if isinstance(given, list) else [given]


def session_policy_limits_direct_grants(case: Json) -> None:
    """For the oracle a session policy must allow even what a resource policy grants to the session itself."""
    if "session" in case["policies"]:
        # A level of service control policies must allow as well, and has no other effect.
        case["policies"].setdefault("service_control", []).append(case["policies"]["session"])


READINGS: dict[str, Callable[[Json], None]] = {
    reading.__name__.replace("_", "-"): reading
    for reading in (
        root_needs_policies,
        federated_needs_no_session_policy,
        no_trust_policy_needed,
        negated_test_of_unset_variable,
        variables_in_every_version,
        multivalued_without_set_operator,
        range_of_all_addresses,
        address_of_other_family,
        not_principal_without_account,
        empty_value_of_set_operator,
        null_of_an_empty_list,
        wildcard_as_resource_type,
        wildcard_over_a_colon,
        not_resource_with_unset_variable,
        not_resource_with_unset_variable_elsewhere,
        session_policy_limits_direct_grants,
    )
}
"""By the ``id`` of their entry; applied in this order."""
