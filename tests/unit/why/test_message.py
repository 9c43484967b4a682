"""Reading the message of a denial."""

from __future__ import annotations

from typing import Any

import pytest

from redress.domain.message import read_message
from redress.domain.words import Effect, Layer
from tests.unit.why import corpus
from tests.unit.why.cases import cases, named

NOTED = {
    "identity-based policy": Layer.IDENTITY_BASED_POLICY,
    "permissions boundary": Layer.PERMISSIONS_BOUNDARY,
    "session policy": Layer.SESSION_POLICY,
    "resource-based policy": Layer.RESOURCE_BASED_POLICY,
    "role trust policy": Layer.RESOURCE_BASED_POLICY,
    "SCP": Layer.SERVICE_CONTROL_POLICY,
    "RCP": Layer.RESOURCE_CONTROL_POLICY,
    "VPC endpoint policy": Layer.VPC_ENDPOINT_POLICY,
}
EFFECTS = {"implicit": Effect.IMPLICIT_DENY, "explicit": Effect.EXPLICIT_DENY}


@pytest.mark.parametrize("case", cases("messages.json"), ids=named)
def test_each_form_of_message_is_read(case: dict[str, Any]) -> None:
    """Every documented and every seen form of message gives its parts, and nothing that it does not say."""
    parts = read_message(case["message"])
    assert {name: getattr(parts, name) for name in case["expected"]} == case["expected"]


def test_messages_of_other_projects_have_the_layer_that_their_collectors_noted() -> None:
    """Layer and effect agree with the note beside each collected message."""
    wrong = []
    for line in corpus.lines("messages.jsonl"):
        effect, layers = _noted(line.get("note") or "")
        parts = read_message(line["message"])
        if parts.effect is not effect or (layers and parts.layer is not layers[0]):
            wrong.append((line["message"][:300], effect, layers, parts.effect, parts.layer))
    assert wrong == []


def test_no_action_of_a_collected_message_is_overlooked() -> None:
    """An action is found in every collected message that says "to perform" and a name with a colon."""
    silent = [
        line["message"]
        for line in corpus.lines("messages.jsonl")
        if "not authorized to perform: " in line["message"] and read_message(line["message"]).action is None
    ]
    assert silent == []


def _noted(note: str) -> tuple[Effect, list[Layer]]:
    words = [word.strip() for word in note.partition("|")[0].partition(";")[0].split("+")]
    return EFFECTS.get(words[0], Effect.UNKNOWN), [NOTED[word] for word in words[1:] if word in NOTED]
