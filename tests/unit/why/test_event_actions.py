"""From event names to IAM actions."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import botocore.loaders
import pytest

from redress.adapters.iam_catalogue import IamCatalogue
from redress.domain.event_actions import actions_of_event, prefix_of
from redress.domain.event_actions_prefixes import PREFIXES
from redress.domain.event_actions_table import ACTIONS
from tests.unit.why.cases import FOLDER, cases, named

if TYPE_CHECKING:
    from collections.abc import Iterator

CATALOGUE = IamCatalogue()
ALLOWED = FOLDER / "unresolved_events.txt"


@pytest.mark.parametrize("case", cases("events.json"), ids=named)
def test_each_event_has_its_actions(case: dict[str, Any]) -> None:
    """An event gives the actions it may need, as IAM spells them, or none."""
    assert list(actions_of_event(case["source"], case["event"], CATALOGUE)) == case["actions"]


@pytest.mark.parametrize("event", sorted(ACTIONS))
def test_every_row_of_the_table_holds_known_actions(event: str) -> None:
    """No row names an action that the service authorization reference lacks."""
    assert [action for action in ACTIONS[event] if CATALOGUE.proper_case(action) != action] == []


@pytest.mark.parametrize("host", sorted(PREFIXES))
def test_every_prefix_of_the_table_is_a_service(host: str) -> None:
    """No row leads to a service prefix that the service authorization reference lacks."""
    assert CATALOGUE.actions(PREFIXES[host])


def test_every_operation_known_to_botocore_is_resolved_or_on_the_list() -> None:
    """What is unresolved is exactly what the written list says, and every resolved action exists."""
    unresolved = {
        f"{service} {operation}"
        for service, host, operation, _ in operations()
        if not actions_of_event(f"{host}.amazonaws.com", operation, CATALOGUE)
    }
    assert unresolved == set(ALLOWED.read_text(encoding="utf-8").splitlines())


def test_api_gateway_actions_are_the_verbs_of_its_operations() -> None:
    """Each resolved operation of API Gateway's control plane is the HTTP method that its model states."""
    wrong = [
        (operation, verb)
        for service, host, operation, verb in operations()
        if service in {"apigateway", "apigatewayv2"} and not _mentions(host, operation, verb)
    ]
    assert wrong == []


def test_names_are_not_trimmed_of_digits_that_belong_to_them() -> None:
    """Only Lambda's and CloudFront's dates go; ListObjectsV2 keeps its number."""
    names = {operation for _, _, operation, _ in operations() if re.search(r"\d$", operation)}
    assert [name for name in names if re.search(r"20\d{6}(v\d)?$", name)] == []


def _mentions(host: str, operation: str, verb: str) -> bool:
    found = actions_of_event(f"{host}.amazonaws.com", operation, CATALOGUE)
    # Newer operations (portals, routing rules) have actions of their own name.
    return not found or f"apigateway:{verb}" in found or f"apigateway:{operation}" in found


@lru_cache(maxsize=1)
def operations() -> tuple[tuple[str, str, str, str], ...]:
    """Returns service, endpoint prefix, name and HTTP method of each operation in botocore's models."""
    return tuple(_operations())


def _operations() -> Iterator[tuple[str, str, str, str]]:
    loader = botocore.loaders.Loader()
    for service in loader.list_available_services("service-2"):
        model = loader.load_service_model(service, "service-2")
        host = model["metadata"]["endpointPrefix"]
        for name, operation in model["operations"].items():
            yield service, host, name, operation["http"]["method"]


def test_the_prefix_of_an_event_source_is_what_stands_before_the_first_dot() -> None:
    """That is the rule; the table holds the exceptions."""
    sources = ("sqs.amazonaws.com", "monitoring.amazonaws.com", "sqs.amazonaws.com.cn", "odd")
    assert [prefix_of(source) for source in sources] == ["sqs", "cloudwatch", "sqs", "odd"]
