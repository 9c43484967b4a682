"""The stages of the demo: a progress display, times, and the name of the one that failed."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from rich.console import Console
from rich.status import Status
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import RenderableType

T = TypeVar("T")
POLL_SECONDS = 0.2


class StageFailed(Exception):  # noqa: N818 - names what happened to the stage
    """A stage did not reach its goal; the text says what was expected and what was seen."""


@dataclass(slots=True)
class Stage:
    """One running stage."""

    console: Console
    status: Status

    def note(self, text: str) -> None:
        """Prints one line below the stage."""
        self.console.print(f"    {text}", style="dim", markup=False)

    def show(self, renderable: RenderableType) -> None:
        """Prints something larger: a card, a notice, a policy."""
        self.console.print(renderable)

    def wait(self, what: str, look: Callable[[], T | None], *, seconds: float = 30.0) -> T:
        """Returns the first thing that ``look`` finds.

        Raises:
            StageFailed: Nothing was found in time.

        """
        self.status.update(f"waiting for {what}")
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = look()
            if found is not None:
                return found
            time.sleep(POLL_SECONDS)
        raise StageFailed(f"no {what} within {seconds:.0f} s")


class Stages:
    """Runs stages in order and remembers how long each took."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.current = ""
        self._times: list[tuple[str, float]] = []

    @contextmanager
    def stage(self, name: str) -> Iterator[Stage]:
        """Runs one stage under a spinner; prints its time at the end."""
        self.current = name
        begun = time.monotonic()
        with self.console.status(f"[bold]{name}[/]") as status:
            yield Stage(self.console, status)
        took = time.monotonic() - begun
        self._times.append((name, took))
        self.console.print(f"[green]✓[/] {name} [dim]{took:.1f} s[/]")

    def act(self, title: str) -> None:
        """Prints the title of an act."""
        self.console.print()
        self.console.rule(f"[bold]{title}[/]", align="left")

    def summary(self) -> None:
        """Prints how long each stage took."""
        table = Table("stage", "seconds", title="How long it took", title_justify="left", box=None, pad_edge=False)
        table.columns[1].justify = "right"
        for name, took in self._times:
            table.add_row(name, f"{took:.1f}")
        table.add_row("[bold]together[/]", f"[bold]{sum(took for _, took in self._times):.1f}[/]")
        self.console.print()
        self.console.print(table)
