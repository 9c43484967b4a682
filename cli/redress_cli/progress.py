"""A progress display on standard error, for long input and a terminal only."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from redress_cli.reading import Item

EVERY = 200


@contextmanager
def progress(*, quiet: bool) -> Iterator[Callable[[Item], None]]:
    """Yields a function to call with each piece of input."""
    console = Console(stderr=True)
    if quiet or not sys.stderr.isatty():
        yield lambda _item: None
        return
    columns = (SpinnerColumn(), TextColumn("{task.completed:,} records"), TextColumn("{task.description}"))
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as display:
        task = display.add_task("", total=None)
        seen = 0

        def step(item: Item) -> None:
            nonlocal seen
            seen += 1
            if seen % EVERY == 0:
                display.update(task, completed=seen, description=item.source[-60:])

        yield step
