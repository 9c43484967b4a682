"""A batch is gathered by finding: each event once, the best evidence, the newest sighting, few resources."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from redress.domain.batch import RESOURCE_LIMIT, RESOURCES_LENGTH, gather, newest_resources
from redress.domain.sighting import EARLIEST, bounded, storable
from redress.domain.verdict import ContextValue
from redress.domain.words import Evidence
from tests.denials import NOON, PRINCIPAL, VERDICT, call, denial, group


def test_one_group_for_each_finding() -> None:
    """Denials of two findings make two groups, in the order in which they came."""
    groups = gather([denial("a", finding_id="f-2"), denial("b", finding_id="f-1"), denial("c", finding_id="f-2")])
    assert [(each.finding_id, len(each.seen)) for each in groups] == [("f-2", 2), ("f-1", 1)]


def test_newest_sighting() -> None:
    """The last sighting is the newest by its own time, whatever the order of delivery."""
    gathered = group(denial("new", seconds=60), denial("old", seconds=1))
    assert (gathered.last.event_id, gathered.first_seen) == ("new", NOON + timedelta(seconds=1))


def test_strongest_evidence() -> None:
    """The verdict is the one with the strongest evidence, though others are newer."""
    weak = denial("weak", seconds=9)
    strong = replace(denial("strong"), verdict=replace(VERDICT, evidence=Evidence.VERIFIED))
    assert group(strong, weak).call.event_id == "strong"


def test_whole_messages_are_preferred() -> None:
    """Of equals, the one whose encoded message is whole is chosen: it can still be made stronger."""
    whole = replace(denial("whole"), verdict=replace(VERDICT, encoded="blob"))
    assert group(whole, denial("cut", seconds=5)).call.event_id == "whole"


def test_impossible_times() -> None:
    """A record with a time from before all clouds gets the earliest possible one."""
    assert bounded(call(event_time=datetime.min.replace(tzinfo=UTC))).event_time == EARLIEST


def test_overlong_names() -> None:
    """A principal whose ARN is longer than any ARN is nobody known; cut short it would be somebody else."""
    stranger = replace(PRINCIPAL, arn=PRINCIPAL.arn + "x" * 3_000 if PRINCIPAL.arn else None)
    assert bounded(call(principal=stranger)).principal == replace(PRINCIPAL, arn=None)
    assert bounded(call()) == call()


def test_stored_verdicts() -> None:
    """A stored verdict has no encoded message, and nothing in it is longer than AWS's own names."""
    long = replace(
        VERDICT,
        encoded="blob",
        resource="arn:aws:s3:::" + "x" * 3_000,
        notes=("n" * 3_000,) * 50,
        context=(ContextValue(key="k", values=("v",) * 99),) * 99,
    )
    kept = storable(long)
    assert (kept.encoded, kept.resource, kept.action) == (None, None, "s3:PutObject")
    assert sum(map(len, kept.notes)) < 10_000
    assert sum(len(value.values) for value in kept.context) < 2_000


def test_resources_are_bounded() -> None:
    """A finding keeps its newest resources, a limited number and length of them."""
    assert newest_resources(["a", "b"], ["c", "a"]) == ("b", "c", "a")
    many = newest_resources([], [f"r-{number}" for number in range(50)])
    assert (len(many), many[-1]) == (RESOURCE_LIMIT, "r-49")
    long = newest_resources([], [str(number) * 500 for number in range(9)])
    assert sum(map(len, long)) <= RESOURCES_LENGTH
    assert newest_resources([], ["x" * 5_000, "y"]) == ("y",)
