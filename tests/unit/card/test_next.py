"""What is said of who acts next agrees with how bad it is, and names what to look at."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from redress.domain.card import compose, renderings
from redress.domain.card.news import sentence
from redress.domain.words import PolicyIs, State
from tests.unit.card.cards import PLACE, VARIANTS, card_of, joint_proposal, moment_of

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


@pytest.mark.parametrize("moment", ["joint", "joint-proposed"])
def test_a_joint_fix_says_what_it_covers(moment: str) -> None:
    """The card is headed with one denial, but a signature is for all: how many, and which."""
    finding, proposal = moment_of(moment)
    card = card_of(finding, proposal)
    shown = renderings(card, finding)
    covers = f"3 findings of this principal: f-{1:020x}, f-{2:020x}, {finding.finding_id}"
    assert card.now.startswith("A fix for this and 2 other findings of the principal is ")
    assert f"Covers {covers}" in " ".join(shown.text.split())
    assert f"*Covers* {covers}" in json.loads(shown.chat)["content"]["description"]
    assert f"*Covers*  {covers}" in shown.slack
    assert len(json.loads(shown.machine)["change"]["finding_ids"]) == 3


def test_a_fix_for_one_finding_covers_nothing_else() -> None:
    """No row, and no other findings."""
    card = card_of(*moment_of("awaiting-approval"))
    assert card.now == "A fix is ready and waits for a signature."
    assert card.change
    assert card.change.covers == ""


def test_what_a_large_fix_covers_is_bounded() -> None:
    """Ten findings are listed, the others counted; machines get all."""
    finding, _ = moment_of("joint")
    card = card_of(finding, joint_proposal(11))
    shown = renderings(card, finding)
    assert card.change
    assert card.change.covers.startswith("12 findings of this principal: ")
    assert card.change.covers.endswith(" and 2 more")
    assert card.change.covers.count("f-") == 10
    assert card.change.covers in json.loads(shown.chat)["content"]["description"]
    assert card.change.covers in shown.slack
    assert len(json.loads(shown.machine)["change"]["finding_ids"]) == 12


def test_whoever_leaves_a_fix_is_told_what_becomes_of_it() -> None:
    """One that a person has to start expires with its proposal."""
    card = card_of(*moment_of("proposed"))
    assert card.next == (
        "Someone on call decides: start its runbook, which then asks for a signature; or leave it, and it expires on "
        "2026-11-23 02:00 UTC and changes nothing."
    )


def test_suspicion_begins_with_what_the_principal_was_denied() -> None:
    """Whoever judges it looks at all of that before anything else."""
    finding, proposal = moment_of("suspicious")
    first, *_ = card_of(finding, proposal).commands
    arn = finding.verdict.principal.arn
    assert first.text == f"redress findings --principal {arn} --region us-east-1"


@pytest.mark.parametrize("docs_url", ["docs/reasons.md", ""])
def test_a_mail_lists_no_path_of_the_repository(docs_url: str) -> None:
    """Where the pages have no address, nothing leads there; a card without any link has no list of them."""
    finding, proposal = moment_of("no-fix")
    card = compose(finding, proposal=proposal, place=replace(PLACE, docs_url=docs_url))
    assert "What this kind means" not in renderings(card, finding).text
    unlinked = replace(card, links=())
    assert "LINKS" not in renderings(unlinked, finding).text
