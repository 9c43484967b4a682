"""A progress display on standard error, for long input and a terminal only."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from redress.domain.harmless import harmless

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from redress_cli.inputs import Inputs
    from redress_cli.reading import Item

EVERY = 200
LONG_AFTER = 0.5  # seconds; shorter runs show nothing


@contextmanager
def progress(inputs: Inputs, *, quiet: bool) -> Iterator[Callable[[Item], None]]:
    """Yields a function to call with each piece of input; the bar counts bytes, where their number is known."""
    if quiet or not sys.stderr.isatty():
        yield lambda _item: None
        return
    begun = time.monotonic()
    columns = (
        SpinnerColumn(),
        BarColumn(),
        TextColumn("{task.fields[records]:,} records"),
        TextColumn("{task.fields[file]}"),
    )
    display = Progress(
        *columns, TimeElapsedColumn(), TimeRemainingColumn(), console=Console(stderr=True), transient=True
    )
    task = display.add_task("", total=inputs.total, records=0, file="")
    seen = 0

    def step(item: Item) -> None:
        nonlocal seen
        seen += 1
        if seen % EVERY == 0 and time.monotonic() - begun > LONG_AFTER:
            display.start()
            display.update(task, completed=inputs.position, records=seen, file=escape(harmless(item.source[-40:])))

    try:
        yield step
    finally:
        display.stop()
