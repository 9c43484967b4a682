"""Cards for people: one per distinct denial, worst first, and a line on the rest."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from redress.domain.card.phrases import OWNER_WORDS
from redress.domain.explain import explain
from redress.domain.harmless import flagged, harmless
from redress.domain.kinds import KINDS
from redress.domain.parse_codes import REASON_KINDS
from redress.domain.proof_words import checked
from redress.domain.words import Owner
from redress_cli.advice import next_step

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from redress.domain.denied_call import Principal
    from redress.domain.verdict import Verdict
    from redress_cli.groups import Group, Groups
    from redress_cli.proposing import Proposing

LIMIT = 400
STYLES = {"BLOCK": "red", "TWO_APPROVERS": "yellow", "NOTE": "cyan", "CLEAN": "green"}


def print_cards(groups: Groups, proposing: Proposing | None) -> None:
    """Prints a card per distinct denial, the most frequent first."""
    console = Console()
    denials = sorted(groups.denials(), key=lambda group: -group.count)
    for group in denials:
        console.print(_card(group, proposing))
    console.print(Text(_closing(groups, len(denials)), style="dim"))
    for reason in groups.no_denials:
        kind = REASON_KINDS.get(reason)
        if kind is not None:
            console.print(Text(f"{reason}: {KINDS[kind].meaning} {KINDS[kind].next_step}"))


def _closing(groups: Groups, distinct: int) -> str:
    denied = sum(group.count for group in groups.denials())
    rest = ", ".join(f"{count:,} {reason}" for reason, count in groups.no_denials.most_common())
    line = f"{groups.records:,} records: {denied:,} denials, {distinct:,} distinct"
    return f"{line}; not denials: {rest}" if rest else line


def _card(group: Group, proposing: Proposing | None) -> Panel:
    verdict = group.first.verdict
    assert verdict is not None  # noqa: S101 - groups hold denials only
    words = explain(verdict)
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold")
    fields = proposing.fields(group.answers) if proposing else {}
    for label, value in (*_rows(group), *_advice_rows(verdict, fields), *_fix_rows(fields)):
        grid.add_row(label, Text(value))
    sentences = Text(harmless(f"{words.what} {words.why} {words.meaning}", 4 * LIMIT))
    body = Table.grid()
    body.add_row(sentences)
    body.add_row("")
    body.add_row(grid)
    title = flagged(f"{verdict.kind} x{group.count:,}", LIMIT)
    return Panel(body, title=title, title_align="left", border_style="cyan")


def _rows(group: Group) -> Iterator[tuple[str, str]]:
    verdict = group.first.verdict
    assert verdict is not None  # noqa: S101 - groups hold denials only
    first, last = group.times()
    named = f": {verdict.policy_arn}" if verdict.policy_arn else ""
    yield "principal", flagged(_principal(verdict.principal), LIMIT)
    yield "action", flagged(verdict.action or "unknown", LIMIT)
    yield "resource", flagged(verdict.resource or "unknown", LIMIT)
    yield "denied by", flagged(f"{verdict.layer} ({verdict.effect}){named}", LIMIT)
    yield "evidence", verdict.evidence.value
    if first and last:
        yield "seen", first if first == last else f"{first} to {last}"
    for number, sentence in enumerate(group.first.decoded):
        yield "" if number else "decoded", harmless(sentence, 2 * LIMIT)
    for note in verdict.notes:
        yield "note", harmless(note, LIMIT)


def _advice_rows(verdict: Verdict, fields: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yields what to do and who can: for the fix, for its absence, or for the kind alone where no fix was asked for."""
    yield "next step", harmless(fields.get("next_step") or next_step(verdict), LIMIT)
    yield "who can act", OWNER_WORDS[Owner(fields.get("owner") or KINDS[verdict.kind].owner)]


def _principal(principal: Principal) -> str:
    return principal.arn or principal.session_arn or principal.invoked_by or "unknown"


def _fix_rows(fields: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if no_fix := fields.get("no_fix"):
        yield "no fix", harmless(f"{no_fix['reason']}: {no_fix['detail']}", LIMIT)
        yield from _patch_rows(no_fix["patches"])
    elif fields.get("proposal"):
        yield from _proposal_rows(fields["proposal"])


def _proposal_rows(proposal: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for statement in proposal["statements"]:
        yield "fix", json.dumps(statement, indent=2)
    guard, proof = proposal["guard"], proposal["proof"]
    yield "guard", guard
    for reason in proposal["reasons"]:
        yield "", f"- {harmless(reason, LIMIT)}"
    yield "proof", f"before: {proof['before']}; with the fix: {proof['after']}"
    yield "", harmless(checked(complete=proof["complete"], unknown=proof.get("unknown_layers") or ()), LIMIT)
    if proof.get("still_denied_by"):
        yield "", f"still denied by {harmless(proof['still_denied_by'], LIMIT)}"
    for note in proof.get("notes", []):
        yield "", f"- {harmless(note, LIMIT)}"
    if proposal["likely_next"]:
        yield "likely next", ", ".join(proposal["likely_next"])
    yield from _patch_rows(proposal["patches"])


def _patch_rows(patches: dict[str, str]) -> Iterator[tuple[str, str]]:
    yield from ((f"as {name}", text) for name, text in sorted(patches.items()))
