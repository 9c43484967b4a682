"""The commands on a card: they find the right stack, and whoever pastes one runs that and nothing else."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from redress.domain.card import compose, renderings
from redress.domain.card.content import every_finding
from redress.domain.words import Kind, State
from tests.unit.card.cards import PLACE, VARIANTS, card_of, moment_of, told_of, wide_card

MOMENTS = [state.value for state in State] + list(VARIANTS)
TOLD = re.compile(r"redress [a-z]+ (?:-|[fpc]-)[^`#\n]*")
"""A command with what it is about; where a text only names one (``see redress show``), nothing can be pasted."""


@pytest.mark.parametrize("moment", MOMENTS)
def test_every_command_names_the_region(moment: str) -> None:
    """In mail, both chats and for machines, whatever the state: stacks live in several Regions."""
    finding, proposal = moment_of(moment)
    card = card_of(finding, proposal)
    shown = renderings(card, finding)
    assert all(" --region us-east-1" in each for each in json.loads(shown.machine)["commands"])
    for text in (shown.text, json.loads(shown.chat)["content"]["nextSteps"], json.loads(shown.slack)["blocks"]):
        told = TOLD.findall(text if isinstance(text, str) else json.dumps(text, indent=0))
        assert len(told) >= len(card.commands)
        assert [each for each in told if " --region us-east-1" not in each] == []


def test_the_account_wide_card_names_the_region() -> None:
    """Both of its commands do."""
    card, _ = wide_card()
    assert all(each.text.endswith(" --region us-east-1") for each in card.commands)


@pytest.mark.parametrize("kind", Kind)
def test_no_command_is_cut(kind: Kind) -> None:
    """Each stands whole in both chats."""
    finding, proposal = told_of(kind)
    card = compose(finding, proposal=proposal, place=replace(PLACE, region="ap-southeast-2"))
    shown = renderings(card, finding)
    for each in card.commands:
        assert f"`{each.text}`" in "\n".join(json.loads(shown.chat)["content"]["nextSteps"])
        assert json.dumps(each.text)[1:-1] in shown.slack


@pytest.mark.parametrize(
    ("arn", "is_told"),
    [
        ("arn:aws:iam::111122223333:role/team/orders", True),
        ("arn:aws-cn:iam::111122223333:user/ana@example.com", True),
        ("arn:aws:iam::111122223333:role/$(reboot)", False),
        ("arn:aws:iam::111122223333:role/a b", False),
        ("arn:aws:iam::111122223333:role/a;b", False),
        (f"arn:aws:iam::111122223333:role/{'x' * 300}", False),
        ("", False),
    ],
)
def test_only_a_plain_arn_is_pasted(arn: str, is_told: object) -> None:
    """Nobody's name runs anything in the reader's shell."""
    finding, _ = told_of(Kind.UNKNOWN)
    principal = replace(finding.verdict.principal, arn=arn)
    named = replace(finding, verdict=replace(finding.verdict, principal=principal))
    told = [each.text for each in every_finding(named, PLACE)]
    assert told == ([f"redress findings --principal {arn} --region us-east-1"] if is_told else [])
