"""What is said of who acts next agrees with how bad it is, and names what to look at."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from redress.domain.card import renderings
from redress.domain.card.news import sentence
from redress.domain.words import PolicyIs, State
from tests.unit.card.cards import VARIANTS, card_of, moment_of

MOMENTS = [state.value for state in State] + list(VARIANTS)


@pytest.mark.parametrize("moment", MOMENTS)
def test_nobody_worries_about_what_is_nobodys(moment: str) -> None:
    """Where no one has to act, or can, nobody is told to worry."""
    finding, proposal = moment_of(moment)
    card = card_of(finding, proposal)
    nobody = card.next.startswith("Nobody has to act.") or (card.no_fix is not None and card.no_fix.who == "nobody")
    assert card.severity == "LOW" or not nobody


@pytest.mark.parametrize("policy_is", [*PolicyIs, None])
def test_a_failure_names_the_policy_to_look_at(policy_is: PolicyIs | None) -> None:
    """In every rendering; where IAM is as it was before, nothing is to be looked at."""
    finding, proposal = moment_of("failed")
    finding = replace(finding, policy_is=policy_is)
    card = card_of(finding, proposal)
    shown = renderings(card, finding)
    assert proposal
    policy, name = proposal.content["policy"]["arn"], proposal.content["policy"]["name"]
    assert policy.endswith(f":policy/redress/{name}")
    assert f"  Policy      {policy}" in shown.text
    assert f"*Policy of the fix* `{policy}`" in json.loads(shown.chat)["content"]["description"]
    assert f"*Policy of the fix*  `{policy}`" in shown.slack
    assert json.loads(shown.machine)["change"]["policy_arn"] == policy
    assert (name in card.next) is (policy_is is not PolicyIs.BEFORE)


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_proof_is_of_its_time(moment: str) -> None:
    """Once a fix was written, what was denied before it is not called today's."""
    finding, proposal = moment_of(moment)
    change = card_of(finding, proposal).change
    unwritten = finding.state in {State.PROPOSED, State.AWAITING_APPROVAL, State.REJECTED, State.EXPIRED}
    assert change is None or change.proof.startswith("Today denied" if unwritten else "Before the fix denied")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("iam:CreateAccessKey alone can raise privileges", "iam:CreateAccessKey alone can raise privileges."),
        ("arn:aws:iam::111122223333:role/a is protected.", "arn:aws:iam::111122223333:role/a is protected."),
        ("the principal is tagged", "The principal is tagged."),
        ("note: it is tagged", "Note: it is tagged."),
        ("", "."),
    ],
)
def test_names_of_iam_keep_their_letters(text: str, said: str) -> None:
    """A sentence begins with a capital, an action does not."""
    assert sentence(text) == said
