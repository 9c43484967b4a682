"""Queues read for Lambda in batches as large as the mapping asks for; MiniStack never takes more than ten messages.

Delivered at once, where AWS may wait for the batching window.
"""

from __future__ import annotations

from typing import Any, Final

from ministack.services import sqs

from sandbox.emulator import LAMBDA

MOST: Final = 10_000
IDLE_SECONDS: Final = 0.005
"""How long the poller rests after it was woken in vain; MiniStack's ten times as long holds up what comes next."""


def _receive(queue_url: str, most: int) -> list[dict[str, Any]]:
    with sqs._queues_lock:  # noqa: SLF001 - MiniStack has no public way
        queue = sqs._get_q(queue_url)  # noqa: SLF001
        hidden = int(queue["attributes"].get("VisibilityTimeout", "30"))
        sqs._expire_retained(queue)  # noqa: SLF001
        sqs._dlq_sweep(queue)  # noqa: SLF001
        taken: list[dict[str, Any]] = sqs._collect_msgs(queue, min(max(most, 1), MOST), hidden)  # noqa: SLF001
        return taken


def install() -> None:
    """Makes MiniStack's poller take such batches, and look again soon."""
    sqs._receive_messages_for_esm = _receive  # noqa: SLF001 - looked up at each poll
    LAMBDA._ESM_IDLE_WAKE_GAP_SECONDS = IDLE_SECONDS  # noqa: SLF001 - looked up at each poll
