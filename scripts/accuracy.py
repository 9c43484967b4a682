"""Prints how right the classifier is on a corpus of CloudTrail records, per source; exits 1 if a bar is missed.

Usage: scripts/accuracy.py [FOLDER]   (default: ../shared/corpus beside the checkout; exit 2 if there is none)
"""

from __future__ import annotations

import gzip
import json
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "lambdas"))

from redress.adapters.iam_catalogue import IamCatalogue  # noqa: E402 - the path is set above
from redress.domain.classify import classify  # noqa: E402
from redress.domain.denied_call import DeniedCall  # noqa: E402
from redress.domain.envelopes import records_in  # noqa: E402
from redress.domain.errors import RedressError  # noqa: E402
from redress.domain.explain import explain  # noqa: E402
from redress.domain.message import read_message  # noqa: E402
from redress.domain.parse import parse_record  # noqa: E402
from redress.domain.words import Effect, Layer  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redress.domain.verdict import Verdict

CORPUS = ROOT.parent / "shared" / "corpus"
NOT_DENIALS = ("near_misses", "success")
NOTED_LAYERS = {
    "identity-based policy": Layer.IDENTITY_BASED_POLICY,
    "permissions boundary": Layer.PERMISSIONS_BOUNDARY,
    "session policy": Layer.SESSION_POLICY,
    "resource-based policy": Layer.RESOURCE_BASED_POLICY,
    "role trust policy": Layer.RESOURCE_BASED_POLICY,
    "SCP": Layer.SERVICE_CONTROL_POLICY,
    "RCP": Layer.RESOURCE_CONTROL_POLICY,
    "VPC endpoint policy": Layer.VPC_ENDPOINT_POLICY,
}
NOTED_EFFECTS = {"implicit": Effect.IMPLICIT_DENY, "explicit": Effect.EXPLICIT_DENY}
CATALOGUE = IamCatalogue()


@dataclass(slots=True, kw_only=True)
class Tally:
    """What was counted in one source.

    Attributes:
        stated: Facts that labels or collectors' notes state (principal, action, resource, layer, effect, policy).
        wrong: Those of them that the verdict has otherwise; the first is kept in ``example``.
        mistaken: Near misses and successes called denials, and denials called none.

    """

    source: str
    records: int = 0
    denials: int = 0
    with_layer: int = 0
    stated: int = 0
    wrong: int = 0
    mistaken: int = 0
    exceptions: int = 0
    example: str = ""

    @property
    def missed(self) -> bool:
        """Returns whether the bar is missed: any exception, any wrong fact, any mistaken record."""
        return bool(self.wrong or self.mistaken or self.exceptions)

    def blame(self, example: object) -> None:
        """Keeps the first example."""
        self.example = self.example or str(example)[:300]


class Labels:
    """Stated facts by source and event id, each to be taken once: sample records share ids like "1"."""

    def __init__(self, corpus: Path) -> None:
        self._facts: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        for line in lines(corpus / "labels.jsonl"):
            self._facts[(line["source"], line["eventID"])].append(line)

    def take(self, line: dict[str, Any]) -> dict[str, Any]:
        """Returns the label of a line of records, or nothing; the line's source has its commit behind an @."""
        source = line["source"].rpartition("@")[0] or line["source"]
        labels = self._facts.get((source, line["record"].get("eventID")))
        return labels.pop(0) if labels else {}

    def left(self) -> int:
        """Returns how many labels no record has taken."""
        return sum(len(labels) for labels in self._facts.values())


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yields the JSON objects of a file of JSON lines, compressed or not."""
    raw = path.read_bytes()
    text = gzip.decompress(raw) if path.suffix == ".gz" else raw
    for line in text.decode("utf-8").split("\n"):
        if line:
            yield json.loads(line)


def measure(corpus: Path) -> list[Tally]:
    """Returns one tally for each source of the corpus."""
    labels = Labels(corpus)
    records = [of_records(path, labels) for path in sorted((corpus / "records").glob("*.jsonl*"))]
    unused = Tally(source="labels without a record", mistaken=labels.left())
    envelopes = [of_envelopes(path) for path in sorted((corpus / "envelopes").glob("*.jsonl"))]
    return [*records, *envelopes, unused, of_messages(corpus / "messages.jsonl")]


def of_records(path: Path, labels: Labels) -> Tally:
    """Returns the tally of one file of records."""
    tally = Tally(source=path.name.removesuffix(".gz").removesuffix(".jsonl"))
    for line in lines(path):
        verdict = _verdict(line["record"], tally)
        expected = not tally.source.startswith(NOT_DENIALS)
        if (verdict is not None) != expected:
            tally.mistaken += 1
            tally.blame(line["record"].get("errorCode"))
        if verdict is not None:
            _compare(labels.take(line), verdict, tally)
    return tally


def of_envelopes(path: Path) -> Tally:
    """Returns the tally of one file of envelopes."""
    tally = Tally(source=f"envelopes/{path.stem}")
    for line in lines(path):
        for record in records_in(line["envelope"]):
            _verdict(record, tally)
    return tally


def of_messages(path: Path) -> Tally:
    """Returns the tally of collected messages, against the notes beside them."""
    tally = Tally(source=path.stem)
    for line in lines(path):
        tally.records += 1
        parts = read_message(line["message"])
        tally.with_layer += parts.layer is not Layer.UNKNOWN
        effect, layers = _noted(line.get("note") or "")
        for stated, found in ((effect, parts.effect), *((layer, parts.layer) for layer in layers[:1])):
            tally.stated += 1
            if stated is not found:
                tally.wrong += 1
                tally.blame(line["message"])
    return tally


def _verdict(record: object, tally: Tally) -> Verdict | None:
    tally.records += 1
    try:
        call = parse_record(record)
        if not isinstance(call, DeniedCall):
            return None
        verdict = classify(call, catalogue=CATALOGUE)
        explain(verdict)
    except RedressError as error:
        tally.exceptions += 1
        tally.blame(error)
        return None
    tally.denials += 1
    tally.with_layer += verdict.layer is not Layer.UNKNOWN
    return verdict


def _compare(label: dict[str, Any], verdict: Verdict, tally: Tally) -> None:
    found = {
        "principal": verdict.principal.arn,
        "action": verdict.action,
        "resource": verdict.resource,
        "layer": verdict.layer,
        "effect": verdict.effect,
        "policy_arn": verdict.policy_arn,
    }
    for name in found.keys() & label.keys():
        tally.stated += 1
        if label[name] != found[name]:
            tally.wrong += 1
            tally.blame(f"{name}: {label[name]} is stated, {found[name]} was found")


def _noted(note: str) -> tuple[Effect, list[Layer]]:
    words = [word.strip() for word in note.partition("|")[0].partition(";")[0].split("+")]
    return NOTED_EFFECTS.get(words[0], Effect.UNKNOWN), [
        NOTED_LAYERS[word] for word in words[1:] if word in NOTED_LAYERS
    ]


def _printed(tallies: list[Tally]) -> Table:
    table = Table(title="Accuracy of the classifier, by source")
    table.add_column("source", overflow="fold")
    for column in ("records", "denials", "layer known", "facts stated", "wrong", "mistaken", "exceptions"):
        table.add_column(column, justify="right")
    for tally in tallies:
        cells = (
            tally.records,
            tally.denials,
            tally.with_layer,
            tally.stated,
            tally.wrong,
            tally.mistaken,
            tally.exceptions,
        )
        table.add_row(tally.source, *(f"{cell:,}" for cell in cells), style="red" if tally.missed else None)
    totals = [sum(getattr(tally, name) for tally in tallies) for name in _SUMMED]
    table.add_section()
    table.add_row("all", *(f"{total:,}" for total in totals))
    return table


_SUMMED = ("records", "denials", "with_layer", "stated", "wrong", "mistaken", "exceptions")


def main(arguments: list[str]) -> int:
    """Returns 0 if every bar is met, 1 if one is missed, 2 if there is no corpus."""
    corpus = Path(arguments[0]) if arguments else CORPUS
    console = Console(width=None if sys.stdout.isatty() else 130)
    if not (corpus / "labels.jsonl").is_file():
        console.print(f"no corpus of CloudTrail records at {corpus}; name its folder", style="red")
        return 2
    with console.status("reading the corpus"):
        tallies = measure(corpus)
    console.print(_printed(tallies))
    for tally in tallies:
        if tally.example:
            console.print(f"{tally.source}: {tally.example}", style="red", markup=False)
    return int(any(tally.missed for tally in tallies))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
