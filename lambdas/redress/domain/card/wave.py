"""The account-wide card: one cause, many principals. It is the card of one of the findings, told of all of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from redress.domain.card.content import AccountWide, Command
from redress.domain.card.facts import Fact
from redress.domain.card.news import moment
from redress.domain.card.phrases import KIND_TITLES, OWNER_WORDS, TITLE_LIMIT
from redress.domain.card.safe_text import LONG, named, told
from redress.domain.commands import command
from redress.domain.explain_words import LAYER_WORDS, quoted
from redress.domain.kinds import KINDS, is_fixable
from redress.domain.noticing_wave import next_told
from redress.domain.severity import severity_of_many
from redress.domain.words import Effect, Layer, NoFixReason, Owner

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from redress.domain.card.content import Card, Place
    from redress.domain.finding import Finding
    from redress.domain.noticing_wave import Wave
    from redress.domain.verdict import Verdict

SHARED = ("Account", "Region", "Denied by", "Policy", "Statement", "Kind", "Evidence")
"""Facts of the one finding that hold for all."""
EVENT_LINKS = ("CloudTrail event", "What this kind means")
PROBABLY: Mapping[Layer, str] = {
    Layer.IDENTITY_BASED_POLICY: "a policy with a Deny was attached to all of them, or changed",
    Layer.RESOURCE_BASED_POLICY: "the policy of a resource that they all use was changed",
    Layer.PERMISSIONS_BOUNDARY: "a permissions boundary that they share was set or changed",
    Layer.SESSION_POLICY: "whatever starts their sessions passes another session policy than before",
    Layer.SERVICE_CONTROL_POLICY: "a service control policy was attached to the account, or changed",
    Layer.RESOURCE_CONTROL_POLICY: "a resource control policy was attached, or changed",
    Layer.VPC_ENDPOINT_POLICY: "the policy of a VPC endpoint that they all call through was changed",
    Layer.UNKNOWN: "something that they share was changed; the evidence does not say what",
}
NOTHING_ALLOWS = (
    "a policy that allowed it to all of them was detached or changed, or a release makes a call that none was allowed"
)


def account_wide(card: Card, finding: Finding, cause: str, wave: Wave, place: Place) -> Card:
    """Returns the card of all findings of a wave, from the card of the one that made it due."""
    severity, reason = severity_of_many(card.severity, card.severity_reason, wave.principals)
    return replace(
        card,
        title=_title(finding, wave),
        severity=severity,
        severity_reason=reason,
        what=_what(finding, wave),
        now=_now(wave),
        next=_next(finding, wave),
        cause="",
        seen=f"{wave.principals:,} principals since {moment(wave.since)}, last {moment(wave.last)}",
        why=f"{card.why} Probably {probably(finding.verdict)}.",
        facts=tuple(_facts(card, finding, cause, wave)),
        commands=(
            Command(text=command(f"findings --cause {cause}", place.region), purpose="all of them"),
            Command(text=card.show, purpose="one of them as an example"),
        ),
        links=tuple(link for link in card.links if link.label in EVENT_LINKS),
        wide=AccountWide(cause=cause, wave=wave),
    )


def probably(verdict: Verdict) -> str:
    """Returns what has probably happened, where so many are denied at once."""
    if KINDS[verdict.kind].no_fix is NoFixReason.NOT_A_PERMISSION_PROBLEM:
        return "it is one and the same trouble, and no permission"
    if verdict.layer is Layer.IDENTITY_BASED_POLICY and verdict.effect is Effect.IMPLICIT_DENY:
        return NOTHING_ALLOWS
    return PROBABLY[verdict.layer]


def _title(finding: Finding, wave: Wave) -> str:
    matter = KIND_TITLES[finding.verdict.kind]
    what = "" if finding.verdict.policy_arn else f": {_action(finding)}"
    rest = ", at rest now" if wave.is_told_out else ""
    return told(f"{wave.principals:,} principals, one cause{rest}. {matter}{what}", TITLE_LIMIT)


def _what(finding: Finding, wave: Wave) -> str:
    verdict = finding.verdict
    account = verdict.principal.account or finding.last.account
    where = f" of account {told(account)}" if account else ""
    if verdict.policy_arn:
        by = f"by the same {LAYER_WORDS[verdict.layer]}, {quoted(verdict.policy_arn, 400)}"
    else:
        by = f"the same action, {_action(finding)}"
    return told(f"{wave.principals:,} roles or users{where} were denied {by}.", LONG)


def _now(wave: Wave) -> str:
    gets = "gets no notice of its own" if wave.held == 1 else "get no notice of their own"
    return f"{wave.held:,} of their {wave.findings:,} new findings {gets}. None is lost: each is counted and answered."


def _next(finding: Finding, wave: Wave) -> str:
    if wave.is_told_out:
        end = "No other principal for 10 minutes, which need not mean that it is mended. This is its last card."
    else:
        end = f"This card comes again at {next_told(wave.principals):,} principals."
    return told(f"{_who_acts(finding, wave)} {end}", LONG)


def _who_acts(finding: Finding, wave: Wave) -> str:
    facts, is_mended = KINDS[finding.verdict.kind], is_fixable(finding.verdict)
    step = "Each finding gets its own fix to sign all the same." if is_mended else facts.next_step
    owner = Owner.IAM_ADMIN if is_mended else facts.owner
    if owner is Owner.NOBODY:
        return step
    who = OWNER_WORDS[owner]
    can = "" if who in step else f"{who[0].upper()}{who[1:]} can act. "
    return f"{can}Look first at what was changed shortly before {moment(wave.since)}. {step}"


def _facts(card: Card, finding: Finding, cause: str, wave: Wave) -> Iterator[Fact]:
    example = " (for example)" if finding.verdict.policy_arn else ""
    yield from (fact for fact in card.facts if fact.label in SHARED)
    yield Fact(label="Action", value=f"{named(_action(finding))}{example}")
    yield Fact(label="Newest", value=named(", ".join(reversed(wave.named)) or "not known"))
    yield Fact(label="Cause", value=cause)


def _action(finding: Finding) -> str:
    return told(finding.verdict.action or f"{finding.last.event_source} {finding.last.event_name}")
