"""λ triage: from denied calls on the queue to findings in the table, each call counted once."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from redress.adapters.findings_table import FindingsTable
from redress.adapters.iam_catalogue import IamCatalogue
from redress.adapters.sessions import client
from redress.adapters.table_client import DynamoStore
from redress.handlers.messages import failed, messages_of
from redress.handlers.observability import Observed
from redress.handlers.settings import environment
from redress.handlers.triage_batch import Batch, Desk
from redress.handlers.triage_intake import Reader, carried_by
from redress.handlers.triage_late import LateDeadLetters, LateDecoder, LateDetailsReader, LateHealthTable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from redress.handlers.messages import Message


def triage(messages: Iterable[Message], *, desk: Desk, now: datetime) -> dict[str, Any]:
    """Counts the denied calls of a batch on their findings, one write for each finding.

    Returns:
        ``batchItemFailures``: the messages that could not be handled now.

    """
    reader = Reader(
        catalogue=desk.catalogue, health=desk.health, dead_letters=desk.dead_letters, telemetry=desk.telemetry
    )
    intake = reader.read(messages, now)
    waiting = Batch(desk=desk, intake=intake, now=now).count() if intake.denials else ()
    return failed([*intake.failed, *carried_by(intake, waiting)])


@cache
def _desk_parts() -> dict[str, Any]:
    given = environment()
    given.need("table_name", "dead_letter_queue_url")
    store = DynamoStore(client("dynamodb"), given.table_name)
    return {
        "findings": FindingsTable(store),
        "health": LateHealthTable(store),
        "dead_letters": LateDeadLetters(given.dead_letter_queue_url),
        "catalogue": IamCatalogue(),
        "settings": given.settings,
        "decoder": LateDecoder(),
        "reader": LateDetailsReader() if given.settings.fetch_authorization_details else None,
    }


def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Lambda entry point."""
    with Observed() as telemetry:
        desk = Desk(**_desk_parts(), telemetry=telemetry)
        return triage(messages_of(event), desk=desk, now=datetime.now(UTC))
