"""Verdicts a second, as a ratio to reading the same records' JSON, and beside two peers on the same records."""

from __future__ import annotations

import json
import subprocess
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Any

from redress.adapters.iam_catalogue import IamCatalogue
from redress.domain.classify import classify
from redress.domain.denied_call import DeniedCall
from redress.domain.errors import RedressError
from redress.domain.parse import parse_record
from tests.bench import peers
from tests.bench.figures import ROUNDS, Figure, Section, ratios, seconds
from tests.bench.records import origin, texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

AIM = 2.0
PEER_SECONDS = 170
FOLDER = Path(__file__).parent
CATALOGUE = IamCatalogue()


def measure() -> Section:
    """Returns the ratios of this machine."""
    given = texts()
    records = [json.loads(text) for text in given]
    denied = [(text, record) for text, record in zip(given, records, strict=True) if _is_denial(record)]
    _judge(records)  # the catalogue's look-ups are made once, as in a Lambda that lives on
    every = _on_top(given)
    only = _on_top([text for text, _ in denied])
    speed = tuple(len(records) / seconds(lambda: _judge(records)) for _ in range(ROUNDS))
    figures = [
        Figure(name="parse and classify, on top of json.loads of the same", rounds=every, unit="x", aim=AIM),
        Figure(name="the same on the denials alone", rounds=only, unit="x"),
        Figure(name="records judged", rounds=speed, unit="a second"),
    ]
    found, notes = _peers(given)
    about = f"{len(records):,} records of {origin()}, {len(denied):,} of them denials"
    return Section(title="Verdicts", figures=(*figures, *found), notes=(about, *notes))


def _on_top(given: Sequence[str]) -> tuple[float, ...]:
    """Returns what judging takes on top of loading, each record judged as it is loaded, over the loading alone."""
    return tuple(ratio - 1 for ratio in ratios(lambda: _judge(map(json.loads, given)), lambda: _load(given)))


def _is_denial(record: object) -> bool:
    try:
        return isinstance(parse_record(record), DeniedCall)
    except RedressError:
        return False


def _judge(records: Iterable[object]) -> None:
    for record in records:
        try:
            call = parse_record(record)
        except RedressError:
            continue
        if isinstance(call, DeniedCall):
            classify(call, catalogue=CATALOGUE)


def _load(given: Iterable[str]) -> None:
    deque(map(json.loads, given), maxlen=0)


def _peers(given: Iterable[str]) -> tuple[list[Figure], list[str]]:
    lines = "\n".join(given)
    figures, notes = [], []
    for name in peers.NAMES:
        program = FOLDER / f"peer_{name.replace('-', '_')}.py"
        python, why_not = peers.installed(name)
        if python is None:
            notes.append(f"{name}: {why_not}")
            continue
        told = _asked(python, program, lines)
        rounds = tuple(worked / loaded for worked, loaded in zip(told["work"], told["load"], strict=True))
        figures.append(Figure(name=f"{told['what']}, over json.loads of the same", rounds=rounds, unit="x"))
        notes.append(f"{name}: {told['answered']:,} of {told['records']:,} records answered, {told['raised']:,} raised")
    return figures, notes


def _asked(python: Path, program: Path, lines: str) -> dict[str, Any]:
    command = [str(python), "-I", str(program), str(ROUNDS)]
    done = subprocess.run(command, input=lines, capture_output=True, text=True, check=True, timeout=PEER_SECONDS)  # noqa: S603 - our own program
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told
