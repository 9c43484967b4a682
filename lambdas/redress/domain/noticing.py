"""Which changes of a finding are worth a notice, and where it goes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from redress.domain.words import Kind, State

if TYPE_CHECKING:
    from redress.domain.finding import Finding


class Route(StrEnum):
    """Which topic a notice goes to."""

    FINDINGS = "FINDINGS"
    SECURITY = "SECURITY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """Why a notice goes out.

    Attributes:
        key: Unique for the finding; the ledger lets each key out once.

    """

    key: str
    route: Route


# States that pass by within seconds and ask nothing of anyone.
SILENT = {State.APPLYING}


def occasion(old: Finding | None, new: Finding) -> Occasion | None:
    """Returns why this change deserves a notice, or None."""
    if old is not None and old.state_version == new.state_version:
        return None
    if new.state in SILENT:
        return None
    return Occasion(key=f"STATE#{new.state_version:06d}", route=_route(new))


def _route(finding: Finding) -> Route:
    grave = finding.state is State.SUSPICIOUS or finding.verdict.kind is Kind.QUARANTINED_KEY
    return Route.SECURITY if grave else Route.FINDINGS
