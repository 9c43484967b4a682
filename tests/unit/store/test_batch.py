"""A batch is gathered by finding: each event once, the best evidence, the newest sighting, few resources."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from redress.domain.batch import EPOCH, RESOURCE_LIMIT, RESOURCES_LENGTH, gather, newest_resources
from redress.domain.counting import mark
from redress.domain.words import Evidence
from tests.denials import NOON, VERDICT, denial, group


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
    """A record with a time from before all clouds is counted under the earliest possible one."""
    gathered = group(replace(denial("x"), call=replace(denial("x").call, event_time=datetime.min.replace(tzinfo=UTC))))
    assert gathered.seen == {mark("x"): EPOCH}


def test_resources_are_bounded() -> None:
    """A finding keeps its newest resources, a limited number and length of them."""
    assert newest_resources(["a", "b"], ["c", "a"]) == ("b", "c", "a")
    many = newest_resources([], [f"r-{number}" for number in range(50)])
    assert (len(many), many[-1]) == (RESOURCE_LIMIT, "r-49")
    long = newest_resources([], [str(number) * 500 for number in range(9)])
    assert sum(map(len, long)) <= RESOURCES_LENGTH
    assert newest_resources([], ["x" * 5_000, "y"]) == ("y",)
