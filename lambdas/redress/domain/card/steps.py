"""What to do where no policy changes, by the reason; where the kind of denial is the reason, it knows better."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redress.domain.card.phrases import OWNER_WORDS
from redress.domain.kinds import KINDS
from redress.domain.words import NoFixReason, Owner

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redress.domain.finding import Finding
    from redress.domain.words import Kind

STEPS: Mapping[NoFixReason, str] = {
    NoFixReason.EXPLICIT_DENY: "Ask the owner of the denying policy whether this call should be an exception.",
    NoFixReason.ORGANIZATION_GUARDRAIL: "Ask the organization's administrators about an exception.",
    NoFixReason.PERMISSIONS_BOUNDARY: "Ask whoever set the boundary whether this action belongs inside it.",
    NoFixReason.SESSION_POLICY: "Change the policy that is passed when the session is started.",
    NoFixReason.RESOURCE_POLICY: "Ask the owner of the resource to let this caller in.",
    NoFixReason.ROLE_TRUST: "Add the caller to the trust policy of the role, if it should be able to assume it.",
    NoFixReason.VPC_ENDPOINT: "Ask the network team to allow this call in the endpoint's policy.",
    NoFixReason.CALLER_MUST_CHANGE: "Change the call: the policy that refused it is right.",
    NoFixReason.NOT_A_PERMISSION_PROBLEM: "Look at the error: no permission is missing.",
    NoFixReason.QUARANTINED_KEY: "Treat the key as stolen: deactivate it and review what it did.",
    NoFixReason.AWS_SERVICE_CALLER: "Allow the service in the resource's own policy, or stop the feature that calls.",
    NoFixReason.ROOT: "Find out who uses the root user, and have them use a role.",
    NoFixReason.SERVICE_LINKED_ROLE: "Look at the service that the role belongs to: only AWS changes such a role.",
    NoFixReason.IDENTITY_CENTER_ROLE: "Change the permission set in Identity Center, if the call is part of the job.",
    NoFixReason.REDRESS_ROLE: "Deploy Redress's stack anew: its roles are not as it made them.",
    NoFixReason.PROTECTED_PRINCIPAL: "Write the change by hand, if it should be made: this principal is protected.",
    NoFixReason.OTHER_ACCOUNT_PRINCIPAL: "Tell the owners of the caller's account; its policies are changed there.",
    NoFixReason.OTHER_PRINCIPAL: "Look at the policies of the role or user that was refused, not at the caller's.",
    NoFixReason.PRINCIPAL_UNKNOWN: "Find out who made the call, from the event and its source address.",
    NoFixReason.PRINCIPAL_GONE: "Nothing is left to change: the role or user that was denied is deleted.",
    NoFixReason.ACTION_UNKNOWN: "Read the event, and write the statement by hand if one is needed.",
    NoFixReason.RESOURCE_UNKNOWN: "Find out which resource was meant; write the statement by hand if one is needed.",
    NoFixReason.UNSAFE_TEXT: "Look at the event: its names hold text that somebody may have planted.",
    NoFixReason.EVIDENCE_TOO_WEAK: "Look at the policies of caller and resource, or repeat the call to see more.",
    NoFixReason.ALREADY_ALLOWED: "Repeat the call. If it is denied again, look at the resource, session and endpoint.",
    NoFixReason.STILL_DENIED: "Ask the owner of the policy that would still deny it; the proof names it.",
    NoFixReason.GUARD_BLOCKED: "Look at what the guard says; if the grant is right all the same, write it by hand.",
    NoFixReason.POLICY_TOO_LARGE: "Commit the patch to the code that makes the principal.",
    NoFixReason.ATTACHMENT_LIMIT: "Detach a policy from the principal, or commit the patch to the code that makes it.",
    NoFixReason.POLICY_CHANGED_BY_OTHERS: "Look at the Redress policy: somebody edited it. Mend or delete it.",
    NoFixReason.SUSPICIOUS: "Look at the principal first; redress clear says that it is no intruder.",
    NoFixReason.HEALTH_EVENT: "Wait until AWS has closed its event, then repeat the call.",
}


def step(finding: Finding) -> str:
    """Returns who can act on a finding without a fix, and what to do."""
    no_fix = finding.no_fix
    if no_fix is None:
        return KINDS[finding.verdict.kind].next_step
    text = what_to_do(finding.verdict.kind, no_fix.reason)
    who = OWNER_WORDS[no_fix.owner]
    if no_fix.owner is Owner.NOBODY or who in text:
        return text
    return f"{who[0].upper()}{who[1:]} can act. {text}"


def what_to_do(kind: Kind, reason: NoFixReason) -> str:
    """Returns the step alone."""
    facts = KINDS[kind]
    return facts.next_step if reason is facts.no_fix else STEPS[reason]
