"""Whether a principal's denials look like an intruder who tries doors rather than like work that lacks a key.

Each signal has points; at ``THRESHOLD`` the principal is suspicious. Signals that accuse by themselves have
as many points as that. The circumstantial ones have fewer, so that none of them condemns alone: people
travel, and keys are rotated. docs/guard.md holds the same table.
"""

from __future__ import annotations

from dataclasses import field
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Protocol

from redress.domain.values import dataclass
from redress.domain.words import PrincipalType, State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from redress.domain.finding import Finding
    from redress.domain.settings import Settings

THRESHOLD = 100

ROOT = 100
QUARANTINED = 100
BURST = 100
SLOW_BURST = 100
SWEEP = 100
FIRST_SEEN_ADDRESS = 40
UNKNOWN_KEY = 40
HALF_A_BURST = 30
CONSOLE = 30
ATTACK_TOOL = 60

SWEEP_ACTIONS = 8
"""Distinct List, Describe and Get calls within the window …"""
SWEEP_SERVICES = 5
"""… over as many services: reading one's way around an account."""
SLOW = 12
"""Windows in which twice as many different actions are a burst as well: patience is no alibi."""
HISTORY = 3
"""Earlier denials that a principal must have before an address or a key can be new."""

ENUMERATING = ("List", "Describe", "Get", "Lookup", "Search", "Scan")
TOOLS = (
    "pacu",
    "kali",
    "parrot",
    "pentoo",
    "trufflehog",
    "cloudfox",
    "scoutsuite",
    "prowler",
    "enumerate-iam",
    "weirdaal",
)
"""User agents of tools for trying credentials; GuardDuty's PenTest findings go by the same names.

The operator's own audits carry some of them: 60 points are a hint, not a verdict.
"""


class Denial(Protocol):
    """One thing that a principal was denied."""

    @property
    def at(self) -> datetime:
        """When."""

    @property
    def action(self) -> str | None:
        """The IAM action, or None where it is not known."""

    @property
    def source_ip(self) -> str | None:
        """From where; the name of an AWS service where one called."""

    @property
    def access_key_id(self) -> str | None:
        """With which key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One denial as ``assess`` reads it, for whoever has no record of that shape at hand."""

    at: datetime
    action: str | None = None
    source_ip: str | None = None
    access_key_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """What is known of a principal's denials.

    Attributes:
        denials: Recent and earlier ones, in any order; more history makes fewer false alarms.
        quarantined: Whether AWS attached a quarantine policy, or the finding says so.
        console_session: Whether the newest denial came from the console.
        user_agent: Of the newest denial.

    """

    principal: str
    principal_type: PrincipalType = PrincipalType.UNKNOWN
    denials: tuple[Denial, ...] = ()
    quarantined: bool = False
    console_session: bool = False
    user_agent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One thing that speaks against the principal."""

    name: str
    points: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspicion:
    """The signals, heaviest first, and what they come to."""

    score: int
    signals: tuple[Signal, ...]

    @property
    def reason(self) -> str:
        """Returns all reasons as text."""
        return " ".join(signal.reason for signal in self.signals)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Window:
    """Denials of now and of before."""

    recent: tuple[Denial, ...]
    earlier: tuple[Denial, ...]
    actions: frozenset[str] = field(default=frozenset())
    lately: frozenset[str] = field(default=frozenset())


def assess(activity: Activity, settings: Settings, now: datetime) -> Suspicion | None:
    """Returns what speaks against the principal if that is enough, else None."""
    window = _window(activity.denials, now, timedelta(seconds=settings.suspicious_window_seconds))
    found = [*_by_itself(activity, window, settings), *_circumstances(activity, window, settings)]
    signals = tuple(sorted(found, key=lambda signal: -signal.points))
    score = sum(signal.points for signal in signals)
    return Suspicion(score=score, signals=signals) if score >= THRESHOLD else None


def is_suspected(findings: Iterable[Finding]) -> bool:
    """Returns whether a principal's findings hold a suspicion that nobody has cleared; clearing is for all before it.

    Args:
        findings: All of one principal.

    """
    known = tuple(findings)
    cleared = max((each.cleared_at for each in known if each.cleared_at), default=None)
    suspicious = (each for each in known if each.state is State.SUSPICIOUS)
    return any(cleared is None or each.changed_at > cleared for each in suspicious)


def _window(denials: Iterable[Denial], now: datetime, length: timedelta) -> _Window:
    known = tuple(denials)
    recent = tuple(one for one in known if one.at >= now - length)
    return _Window(
        recent=recent,
        earlier=tuple(one for one in known if one.at < now - length),
        actions=_actions(recent),
        lately=_actions(one for one in known if one.at >= now - SLOW * length),
    )


def _actions(denials: Iterable[Denial]) -> frozenset[str]:
    return frozenset(one.action.lower() for one in denials if one.action)


def _by_itself(activity: Activity, window: _Window, settings: Settings) -> Iterable[Signal]:
    if activity.principal_type is PrincipalType.ROOT:
        yield Signal(name="root", points=ROOT, reason="The root user made the call.")
    if activity.quarantined:
        yield Signal(name="quarantined", points=QUARANTINED, reason="AWS quarantined the principal: its key leaked.")
    distinct, limit = len(window.actions), settings.suspicious_distinct_actions
    minutes = settings.suspicious_window_seconds // 60
    if distinct >= limit:
        reason = f"{distinct} different actions were denied within {minutes} minutes."
        yield Signal(name="burst", points=BURST, reason=reason)
    elif len(window.lately) >= 2 * limit:
        reason = f"{len(window.lately)} different actions were denied within {SLOW * minutes} minutes, few at a time."
        yield Signal(name="slow-burst", points=SLOW_BURST, reason=reason)
    elif distinct * 2 >= limit:
        reason = f"{distinct} different actions were denied within {minutes} minutes, half of what is an alarm."
        yield Signal(name="half-a-burst", points=HALF_A_BURST, reason=reason)
    yield from _sweep(window, minutes)


def _sweep(window: _Window, minutes: int) -> Iterable[Signal]:
    readers = {action for one in window.recent if (action := one.action) and _enumerates(action)}
    services = {action.partition(":")[0].lower() for action in readers}
    if len(readers) >= SWEEP_ACTIONS and len(services) >= SWEEP_SERVICES:
        reason = f"Reads were tried across {len(services)} services within {minutes} minutes."
        yield Signal(name="sweep", points=SWEEP, reason=reason)


def _enumerates(action: str) -> bool:
    return action.partition(":")[2].startswith(ENUMERATING)


def _circumstances(activity: Activity, window: _Window, settings: Settings) -> Iterable[Signal]:
    if len(window.earlier) >= HISTORY:
        yield from _novelties(activity, window, settings)
    agent = (activity.user_agent or "").lower()
    if any(tool in agent for tool in TOOLS):
        reason = "The user agent is one of a tool that tries credentials."
        yield Signal(name="attack-tool", points=ATTACK_TOOL, reason=reason)


def _novelties(activity: Activity, window: _Window, settings: Settings) -> Iterable[Signal]:
    addresses = {one.source_ip for one in window.earlier}
    fresh = {one.source_ip for one in window.recent if one.source_ip and one.source_ip not in addresses}
    if any(_is_stranger(address, settings.trusted_addresses) for address in fresh):
        reason = "A call came from an address that this principal never used before."
        yield Signal(name="first-seen-address", points=FIRST_SEEN_ADDRESS, reason=reason)
        if activity.console_session:
            yield Signal(name="console", points=CONSOLE, reason="That was a person in the console, not software.")
    keys = {one.access_key_id for one in window.earlier if _is_long_term(one.access_key_id)}
    if keys and any(_is_long_term(one.access_key_id) and one.access_key_id not in keys for one in window.recent):
        reason = "A call was signed with an access key that was never seen for this user."
        yield Signal(name="unknown-key", points=UNKNOWN_KEY, reason=reason)


def _is_stranger(address: str, trusted: tuple[str, ...]) -> bool:
    try:
        host = ip_address(address)
    except ValueError:
        return False  # the name of an AWS service
    return not any(_covers(known, host) for known in trusted)


def _covers(known: str, host: IPv4Address | IPv6Address) -> bool:
    try:
        return host in ip_network(known, strict=False)
    except ValueError:
        return False  # synthesis refuses what is no network; were one set by hand, nobody is trusted by it


def _is_long_term(key: str | None) -> bool:
    # Keys of sessions (ASIA…) are new every time.
    return key is not None and key.startswith("AKIA")
