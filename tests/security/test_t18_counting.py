"""The same denial many times, many denials as one, and findings that should run together."""

from __future__ import annotations

import itertools

import pytest

from redress.domain.denied_call import Principal
from redress.domain.finding import finding_id
from redress.domain.fingerprint import principal_key
from redress.domain.words import PrincipalType
from tests.unit.handlers.test_triage import World, event, record


def test_t18_counting_a_replayed_event_counts_once() -> None:
    """However often an event comes, in one batch or over many, it counts once."""
    world = World()
    for _ in range(5):
        world.deliver(*[event(record("e-1"))] * 10)
    assert world.finding.count == 1


def test_t18_counting_copies_for_two_accounts_are_one_denial() -> None:
    """Two copies that share an id are one call."""
    world = World()
    world.deliver(*(event(record(f"e-{number}", sharedEventID="s-1")) for number in range(2)))
    assert world.finding.count == 1


def test_t18_counting_different_events_are_not_one() -> None:
    """Ids that look alike are different."""
    world = World()
    ids = ["e-1", "e-1 ", "E-1", "e-\u0661", "e-1\u200b", "e-1\n", "e-" + "1" * 300, "e-" + "1" * 301]
    world.deliver(*(event(record(each)) for each in ids))
    assert world.finding.count == len(ids)


@pytest.mark.parametrize("separator", ["\x1f", "\x00", "|", "#", "/", "\n"])
def test_t18_counting_fingerprints_cannot_be_shifted(separator: str) -> None:
    """No way of moving text between the parts of a fingerprint makes two findings one, separators of names included."""
    parts = ["arn:aws:iam::111122223333:role/a", "s3:putobject", "arn:aws:s3:::b/k", "UNKNOWN"]
    made = {finding_id(principal=parts[0], action=parts[1], resource_template=parts[2], layer=parts[3])}
    for one, other in itertools.pairwise(range(4)):
        shifted = list(parts)
        shifted[one], shifted[other] = parts[one] + separator + parts[other][:3], parts[other][3:]
        made.add(finding_id(principal=shifted[0], action=shifted[1], resource_template=shifted[2], layer=shifted[3]))
    assert len(made) == 4


def test_t18_counting_callers_without_an_arn_do_not_meet() -> None:
    """Principals whom the record does not name fully are kept apart by whatever it does say."""
    kinds = (PrincipalType.AWS_SERVICE, PrincipalType.UNKNOWN)
    made = [
        Principal(type=kind, account=account, unique_id=unique)
        for kind in kinds
        for account in (None, "111122223333", "444455556666")
        for unique in (None, "AROAX", "AROAY")
    ]
    assert len({principal_key(each) for each in made}) == len(made)


def test_t18_counting_sessions_of_a_role_are_one_principal() -> None:
    """A new session name is no new finding."""
    world = World()
    for number in range(5):
        made = record(f"e-{number}")
        made["userIdentity"]["arn"] += f"-{number}"
        world.deliver(event(made))
    assert world.finding.count == 5
