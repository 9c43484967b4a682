"""``redress fixes``: every fix that is in force, and whether its principal still needs it."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from rich.table import Table
from rich.text import Text

from redress.adapters.iam_reader import read_target
from redress.adapters.proposals_filed import filed
from redress.domain.codec import iso
from redress.domain.commands import command
from redress.domain.denied_call import Principal
from redress.domain.errors import Refused, Unreadable
from redress.domain.harmless import flagged, harmless
from redress.domain.lifecycle_proposal import FiledProposal
from redress.domain.standing import Need, Standing, standing_of
from redress.domain.words import PrincipalType
from redress_cli import aws
from redress_cli.desk import Desk, unchanged
from redress_cli.findings import LIMIT, show

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from redress.adapters.proposals_table import StoredProposal
    from redress.domain.target import Target

WORDS: Mapping[Need, str] = {
    Need.NEEDED: "needed",
    Need.REDUNDANT: "no longer needed: {by} allows it too",
    Need.CHANGED: "not in force as signed: its policy was changed by others",
    Need.NOT_ATTACHED: "not in force: its policy was detached by others",
    Need.PRINCIPAL_GONE: "the role or user was deleted, or made anew under its name",
    Need.UNKNOWN: "cannot tell: {why}",
}
Applied = tuple[FiledProposal, Mapping[str, Any]]
"""Where a proposal stands, and what was signed."""
TAKEN_BACK = frozenset({Need.REDUNDANT, Need.PRINCIPAL_GONE})
"""Where taking the fix back costs nobody anything, and the restore runbook does it."""


class Proposals(Protocol):
    """The applied proposals."""

    def standing(self, *, skipped: Callable[[Unreadable], None]) -> Iterator[StoredProposal]:
        """Yields them all, those apart that cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """One fix in force.

    Attributes:
        below: The principal's newest fix, where that is another one: it would have to be taken back before.
        can_go: Whether nobody needs it, or any fix above it.

    """

    proposal_id: str
    content: Mapping[str, Any]
    applied_at: datetime
    remove_at: datetime | None
    below: str | None
    can_go: bool
    standing: Standing

    @property
    def next_step(self) -> str:
        """Returns what to do in order to be rid of it, or nothing where somebody would lose by that."""
        return f"restore {self.below or self.proposal_id}" if self.can_go else ""

    @property
    def words(self) -> str:
        """Returns how it stands."""
        said = WORDS[self.standing.need].format(by=" and ".join(self.standing.by), why=self.standing.why)
        stuck = self.standing.need in TAKEN_BACK and not self.can_go
        return f"{said}; but it lies below a fix that has to stay" if stuck else said


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the subcommand's arguments."""
    parser.add_argument("--redundant", action="store_true", help="only those that can be taken back at no loss")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    aws.arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Lists the fixes; returns 0, or 1 if one of them could not be read or judged."""
    desk = Desk(aws.Deployment.of(arguments))
    region = desk.deployment.client("cloudformation").meta.region_name

    def read(principal: Principal) -> Target:
        return read_target(principal, region=region, iam=desk.deployment.client("iam"))

    return listed(desk.proposals, read, arguments, region)


def listed(
    proposals: Proposals, read: Callable[[Principal], Target], arguments: argparse.Namespace, region: str
) -> int:
    """Prints the fixes in force, the oldest first; returns the exit code."""
    skipped: list[Exception] = []
    every = sorted(_fixes(proposals, read, skipped.append), key=lambda fix: fix.applied_at)
    sys.stderr.writelines(f"redress: {harmless(str(error))}\n" for error in skipped)
    found = [fix for fix in every if fix.can_go or not arguments.redundant]
    if arguments.json:
        sys.stdout.writelines(f"{json.dumps(_fields(fix), sort_keys=True)}\n" for fix in found)
    else:
        show(_table(found) if found else "no such fixes")
        for step in dict.fromkeys(fix.next_step for fix in found if fix.can_go):
            sys.stdout.write(f"{command(step, region)}\n")
    return int(bool(skipped) or any(fix.standing.need is Need.UNKNOWN for fix in every))


def _fixes(
    proposals: Proposals, read: Callable[[Principal], Target], skipped: Callable[[Exception], None]
) -> Iterator[Fix]:
    """Yields the fixes in force, each principal read once."""
    by_principal: defaultdict[str, list[Applied]] = defaultdict(list)
    for stored in proposals.standing(skipped=skipped):
        try:
            by_principal[stored.principal].append((filed(unchanged(stored)), stored.proposal.content))
        except (Unreadable, Refused) as error:
            skipped(error)
    for share in by_principal.values():
        yield from _stack(sorted(share, key=_applied_at, reverse=True), read)


def _stack(share: list[Applied], read: Callable[[Principal], Target]) -> Iterator[Fix]:
    """Yields the fixes of one principal, the newest first: they lie on one another as versions of one policy."""
    top, newest = share[0]
    target = read(_principal(newest["principal"]))
    can_go = True
    for each in share:
        proposal, content = each
        standing = standing_of(content, target)
        can_go = can_go and standing.need in TAKEN_BACK
        yield Fix(
            proposal_id=proposal.proposal_id,
            content=content,
            applied_at=_applied_at(each),
            remove_at=proposal.remove_at,
            below=None if proposal is top else top.proposal_id,
            can_go=can_go,
            standing=standing,
        )


def _applied_at(applied: Applied) -> datetime:
    proposal, _ = applied
    return proposal.applied_at or proposal.created_at


def _principal(named: Mapping[str, Any]) -> Principal:
    return Principal(type=PrincipalType(named["type"]), arn=named["arn"], account=named["account"])


def _fields(fix: Fix) -> dict[str, Any]:
    return {
        "proposal_id": fix.proposal_id,
        "finding_ids": fix.content["finding_ids"],
        "principal": fix.content["principal"]["arn"],
        "policy_arn": fix.content["policy"]["arn"],
        "statements": fix.content["statements"],
        "applied_at": iso(fix.applied_at),
        "remove_at": iso(fix.remove_at) if fix.remove_at else None,
        "need": fix.standing.need.value,
        "redundant_by": list(fix.standing.by),
        "why": fix.standing.why,
        "can_go": fix.can_go,
        "below": fix.below,
    }


def _table(found: list[Fix]) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in ("proposal", "applied", "goes by itself", "principal"):
        table.add_column(name, no_wrap=True)
    for name in ("allows", "needed?"):
        table.add_column(name, overflow="fold")
    for fix in found:
        cells = (fix.content["principal"]["arn"].rsplit("/", 1)[-1], "; ".join(_allows(fix)), fix.words)
        goes = f"{fix.remove_at:%Y-%m-%d %H:%M}" if fix.remove_at else "no"
        shown = [Text(flagged(cell, LIMIT)) for cell in cells]
        table.add_row(fix.proposal_id, f"{fix.applied_at:%Y-%m-%d}", goes, *shown)
    return table


def _allows(fix: Fix) -> Iterator[str]:
    for statement in fix.content["statements"]:
        on = statement["Resource"]
        more = f" and {len(on) - 1} more" if isinstance(on, list) and len(on) > 1 else ""
        yield f"{statement['Action']} on {on[0] if isinstance(on, list) else on}{more}"
