"""Secrets in request parameters, messages and tags: are they anywhere in what is stored or shown?"""

from __future__ import annotations

import json
from typing import Any

import pytest

from redress.domain.redaction import REDACTED, redact
from redress.domain.settings import Settings
from redress.domain.sighting import storable
from tests.denials import VERDICT
from tests.security.hostile_notices import finding
from tests.unit.fix import builders
from tests.unit.handlers.test_triage import World, event, record

SECRET = "hunter2-S3cr3t"
PLACES: tuple[Any, ...] = (
    {"password": SECRET},
    {"masterUserPassword": SECRET},
    {"environment": {"variables": {"X": SECRET}}},
    {"containerDefinitions": [{"environment": [{"name": "X", "value": SECRET}]}]},
    {"tagSet": [{"key": "db-password", "value": SECRET}]},
    {"tags": [{"Key": "api_key", "Value": SECRET}]},
    {"parameters": [{"parameterName": "master_password", "parameterValue": SECRET}]},
    {"commands": [f"mysql --password {SECRET}"]},
    {"commands": [f"export TOKEN={SECRET}"]},
    {"document": json.dumps({"password": SECRET})},
    {"document": json.dumps({"inner": json.dumps({"password": SECRET})})},
    {"url": f"https://app:{SECRET}@db.example.com/x"},
    {"header": f"Authorization: Bearer {SECRET}"},
    {"userData": SECRET},
    {"secretString": SECRET},
    {"plaintext": {"blob": SECRET}},
)


@pytest.mark.parametrize("parameters", PLACES, ids=str)
def test_t15_secrets_redacted_from_parameters(parameters: dict[str, Any]) -> None:
    """Neither the finding nor the raw record that may be kept beside it holds the secret."""
    assert SECRET not in json.dumps(redact(parameters))
    world = World(settings=Settings(keep_raw_events=True))
    world.deliver(event(record(requestParameters=parameters)))
    assert SECRET not in repr(world.store.items)


@pytest.mark.parametrize(
    "text", [f"password={SECRET}", f"--password {SECRET}", f"Bearer {SECRET}", f"https://a:{SECRET}@x/"]
)
def test_t15_secrets_redacted_from_messages_and_agents(text: str) -> None:
    """A secret that a program put into its user agent or that a message repeats is not stored."""
    world = World(settings=Settings(keep_raw_events=True))
    made = record(userAgent=text)
    made["errorMessage"] += f" ({text})"
    world.deliver(event(made))
    assert SECRET not in repr(world.store.items)


def test_t15_secrets_redacted_from_tags_of_the_request() -> None:
    """Values of tags that are named for secrets are not kept as evidence."""
    shown = builders.context(**{"aws__RequestTag/db-password": SECRET, "aws__RequestTag/team": "web"})
    kept = storable(builders.verdict("s3:PutObject", None, context=shown)).context
    assert [value.key for value in kept] == ["aws:RequestTag/team"]


def test_t15_secrets_redacted_encoded_messages_are_not_kept() -> None:
    """The encoded message, which whoever may decode it can read, is not stored."""
    assert storable(builders.verdict("s3:PutObject", None, encoded="x" * 100)).encoded is None
    assert VERDICT.encoded is None


def test_t15_secrets_redacted_raw_records_are_off_by_default() -> None:
    """Without the operator's word no record is kept."""
    world = World()
    world.deliver(event(record()))
    assert not [key for key in world.store.items if key.sk.startswith("RAW")]
    assert REDACTED not in repr(finding("x"))
