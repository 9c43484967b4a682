"""What a denial costs with a hundred and with a hundred thousand findings in the table: the same batches of triage."""

from __future__ import annotations

import copy
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from redress.adapters.findings_table import FindingsTable
from redress.adapters.iam_catalogue import IamCatalogue
from redress.adapters.table_writes import Key
from redress.domain.settings import Settings
from redress.handlers.messages import Message
from redress.handlers.triage import triage
from redress.handlers.triage_batch import Desk
from tests.bench.figures import Figure, Section
from tests.fakes import FakeDeadLetters, FakeTelemetry
from tests.soak.denials import Size, load
from tests.unit.store.test_growth import CostedStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redress.adapters.table_writes import Item
    from redress.domain.health import HealthEvent

FEW, MANY = 100, 100_000
BATCH = 100
AIM = 1.1
SIZE = Size(denials=2_000, fingerprints=200, repeats=0.1, poison=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What the same batches cost: capacity and calls by kind."""

    units: float
    bytes_read: int
    calls: Counter[str]


class _NoHealth:
    """Nothing of AWS Health."""

    def keep(self, _event: HealthEvent, *, now: datetime) -> bool:
        """Keeps nothing."""
        del now
        return True


def measure() -> Section:
    """Returns the ratios of the dear case to the cheap one; deterministic, so one round is enough."""
    messages = load(SIZE).messages
    few, many = (_cost(messages, others) for others in (FEW, MANY))
    pairs = {
        "write units": (few.units, many.units),
        "bytes read": (few.bytes_read, many.bytes_read),
        "calls": (few.calls.total(), many.calls.total()),
    }
    name = f"{{}}, {MANY:,} findings over {FEW:,}"
    figures = tuple(
        Figure(name=name.format(what), rounds=(after / before,), unit="x", aim=AIM)
        for what, (before, after) in pairs.items()
    )
    told = f"{len(messages):,} messages in batches of {BATCH}, {SIZE.fingerprints} findings of them; calls:"
    return Section(title="Growth", figures=figures, notes=(f"{told} {dict(sorted(many.calls.items()))}",))


def _cost(messages: Sequence[str], others: int) -> Cost:
    store = CostedStore()
    desk = Desk(
        findings=FindingsTable(store),
        health=_NoHealth(),
        dead_letters=FakeDeadLetters(),
        catalogue=IamCatalogue(),
        settings=Settings(),
        telemetry=FakeTelemetry(),
    )
    _handle(messages[:BATCH], desk)
    _fill(store, others)
    store.cost.units, store.cost.bytes_read = 0, 0
    store.calls.clear()
    for start in range(BATCH, len(messages), BATCH):
        _handle(messages[start : start + BATCH], desk)
    return Cost(
        units=store.cost.units,
        bytes_read=store.cost.bytes_read,
        calls=Counter(call for call in store.calls if call != "written"),
    )


def _handle(bodies: Sequence[str], desk: Desk) -> None:
    messages = [Message(message_id=str(number), body=body) for number, body in enumerate(bodies)]
    triage(messages, desk=desk, now=datetime.now(UTC))


def _fill(store: CostedStore, others: int) -> None:
    """Puts so many further findings of other principals into the table, each with its activity, as copies of one."""
    patterns = [item for key, item in store.items.items() if key.sk == "FINDING" or key.sk.startswith("ACTIVITY")][:2]
    for number in range(others):
        for pattern in patterns:
            item: Item = copy.copy(pattern) | {"pk": f"{pattern['pk']}-{number:06d}"}
            store.items[Key(pk=item["pk"], sk=item["sk"])] = item
