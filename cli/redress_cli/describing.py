"""What a person reads of a proposal at the command line before signing it, or its taking back."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from redress.domain.harmless import harmless
from redress.domain.proof_words import DECISIONS, checked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from redress.adapters.proposals_table import StoredProposal

LIMIT = 1_200
_WHY = "Why: "


def describe(
    stored: StoredProposal, caller: str, *, takes_back: bool = False, deadline: datetime | None = None
) -> None:
    """Prints the change, its risk, its proof and the digest that the signature is for.

    Args:
        stored: The proposal, its seal checked.
        caller: Who reads it.
        takes_back: Whether what is signed takes it back.
        deadline: Until when it can be signed; None where nobody is asked yet.

    """
    content = stored.proposal.content
    lines = [*(_lost(content) if takes_back else _gained(content))]
    until = ("Sign before", deadline) if deadline else ("Expires", stored.expires_at)
    lines += [_row(until[0], f"{until[1]:%Y-%m-%d %H:%M} UTC"), _row("Status", stored.status)]
    lines += [_row("Digest", stored.proposal.digest), _row("You are", harmless(caller, LIMIT))]
    sys.stdout.write("\n".join([*lines, "", ""]))


def _gained(content: dict[str, Any]) -> Iterator[str]:
    yield f"{harmless(content['principal']['arn'], LIMIT)} would be allowed:"
    yield from _statements(content)
    yield _row("Why", why(content["summary"]))
    yield _row("Policy", harmless(content["policy"]["arn"], LIMIT))
    yield _row("Guard", harmless(content["guard"]["verdict"]))
    for hit in content["guard"]["hits"]:
        yield _row("", f"- {harmless(hit['verdict'])}: {harmless(hit['reason'], LIMIT)}")
    yield from _proof(content["proof"])
    if content.get("owned_by"):
        owner = content["owned_by"]
        yield _row("Owner", harmless(f"{owner['tool']} {owner.get('name') or ''}: commit it there too".strip(), LIMIT))
    if content.get("likely_next"):
        yield _row("Next", f"likely to be denied: {harmless(', '.join(content['likely_next']), LIMIT)}")
    if content.get("remove_after_hours"):
        yield _row("Lifetime", f"taken back by itself {content['remove_after_hours']} hours after it was applied")


def _lost(content: dict[str, Any]) -> Iterator[str]:
    before = content["pre_image"]
    after = f"version {harmless(before['version_id'])} is the default again" if before["exists"] else "it is deleted"
    yield "This TAKES BACK the following change."
    yield ""
    yield f"{harmless(content['principal']['arn'], LIMIT)} would lose:"
    yield from _statements(content)
    yield _row("Policy", harmless(content["policy"]["arn"], LIMIT))
    yield _row("After", after + ("" if before["attached"] or not before["exists"] else ", and it is not attached"))


def _statements(content: dict[str, Any]) -> Iterator[str]:
    yield from (json.dumps(statement, indent=2) for statement in content["statements"])
    yield ""


def _proof(proof: dict[str, Any]) -> Iterator[str]:
    before, after = (DECISIONS.get(proof[when], harmless(proof[when])) for when in ("before", "after"))
    yield _row("Proof", f"Today {before}; with this fix {after}.")
    scope = checked(complete=proof["complete"], unknown=proof.get("unknown_layers") or ())
    yield _row("", harmless(scope, LIMIT))
    yield from (_row("", f"- {harmless(note, LIMIT)}") for note in proof.get("notes", ()))


def why(summary: str) -> str:
    """Returns the summary's own line of it; the rest stands in lines of its own. All of one that has no such line."""
    said = next((line.removeprefix(_WHY) for line in summary.splitlines() if line.startswith(_WHY)), None)
    return harmless(said or summary, LIMIT)


def _row(name: str, text: str) -> str:
    return f"{name + ':' if name else '':13}{text}"
