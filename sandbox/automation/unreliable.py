"""An event sink that is as good as its word: status-change events are best effort, so they get lost and repeated."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sandbox.automation.ports import EventSink


class Unreliable:
    """Passes each event on as often as it is told: never, once, or several times.

    Args:
        sink: Where events go.
        copies: Asked once per event, in order.

    """

    def __init__(self, sink: EventSink, copies: Callable[[], int]) -> None:
        self._sink = sink
        self._copies = copies

    def emit(self, source: str, detail_type: str, detail: Mapping[str, object], resources: Sequence[str]) -> None:
        """Puts none, one or several copies of an event on the bus."""
        for _ in range(self._copies()):
            self._sink.emit(source, detail_type, detail, resources)
