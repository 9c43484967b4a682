"""Logs and metrics that nobody reads, or that a test looks at."""

from __future__ import annotations


class Quiet:
    """Keeps what it is told.

    Attributes:
        counts: Metric names with their sums.
        warnings: Messages of warnings.

    """

    def __init__(self) -> None:
        self.counts: dict[str, float] = {}
        self.warnings: list[str] = []

    def count(self, name: str, value: float = 1, **dimensions: str) -> None:
        """Adds to a metric."""
        del dimensions
        self.counts[name] = self.counts.get(name, 0) + value

    def info(self, message: str, **fields: object) -> None:
        """Forgets the line."""

    def warning(self, message: str, **fields: object) -> None:
        """Keeps the message."""
        self.warnings.append(f"{message} {fields}")
