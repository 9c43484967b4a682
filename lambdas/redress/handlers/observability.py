"""Logs and metrics: structured lines by Powertools, made when first written to and never at import."""

from __future__ import annotations

import os
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger

NAMESPACE = "Redress"
SERVICE = "redress"
SECONDS = "Seconds"


class Telemetry(Protocol):
    """What the handlers' logic tells the people who operate it."""

    def count(self, name: str, value: float = 1, **dimensions: str) -> None:
        """Adds to a metric; calls with the same name and dimensions are added up until the end of the batch."""

    def info(self, message: str, **fields: object) -> None:
        """Writes a line that tells what was done; ``finding_id`` is the field to search by."""

    def warning(self, message: str, **fields: object) -> None:
        """Writes a line on something that a person may have to look at."""


class _LazyLogger:
    """Powertools' logger, made at the first line."""

    def info(self, message: str, **fields: object) -> None:
        """Writes a line that tells what was done."""
        _logger().info(message, extra=fields)

    def warning(self, message: str, **fields: object) -> None:
        """Writes a line on something that a person may have to look at."""
        _logger().warning(message, extra=fields)

    def error(self, message: str, **fields: object) -> None:
        """Writes a line on something that went wrong and needs a person."""
        _logger().error(message, extra=fields)


logger = _LazyLogger()


class Observed:
    """Logs at once, and writes the metrics of a batch when it ends, also when it ends with an exception.

    Each combination of name and dimensions becomes one line in CloudWatch's embedded metric format;
    times (``…Seconds``) are not added up but written one by one.
    """

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, tuple[tuple[str, str], ...]]] = Counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.flush()

    def count(self, name: str, value: float = 1, **dimensions: str) -> None:
        """Adds to a metric, or writes a time."""
        if name.endswith(SECONDS):
            _emit(name, value, dimensions)
        else:
            self._counts[name, tuple(sorted(dimensions.items()))] += int(value)

    def info(self, message: str, **fields: object) -> None:
        """Writes a line that tells what was done."""
        logger.info(message, **fields)

    def warning(self, message: str, **fields: object) -> None:
        """Writes a line on something that a person may have to look at."""
        logger.warning(message, **fields)

    def flush(self) -> None:
        """Writes the metrics counted so far."""
        for (name, dimensions), value in self._counts.items():
            _emit(name, value, dict(dimensions))
        self._counts.clear()


def _emit(name: str, value: float, dimensions: dict[str, str]) -> None:
    from aws_lambda_powertools.metrics import MetricUnit, single_metric  # noqa: PLC0415 - reads the environment

    unit = MetricUnit.Seconds if name.endswith(SECONDS) else MetricUnit.Count
    service = os.environ.get("POWERTOOLS_SERVICE_NAME", SERVICE)
    with single_metric(name=name, unit=unit, value=value, namespace=NAMESPACE) as metric:
        for dimension, content in {"service": service, **dimensions}.items():
            metric.add_dimension(name=dimension, value=content)


@cache
def _logger() -> Logger:
    from aws_lambda_powertools import Logger  # noqa: PLC0415 - reads the environment when it is imported

    return Logger()
