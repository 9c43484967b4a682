"""The closed list of kinds: what each means, what happens next, and who can take that step.

docs/reasons.md has a row for each, with the evidence that leads to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from redress.domain.values import dataclass
from redress.domain.words import Effect, Kind, Layer, NoFixReason, Owner

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redress.domain.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class KindFacts:
    """What follows from a kind.

    Attributes:
        meaning: One sentence for the person who reads it.
        next_step: What to do, in the imperative.
        owner: Who can do it.
        no_fix: Why no identity policy is changed; None where a fix may be proposed
            (``is_fixable`` says whether this verdict's evidence is strong enough).

    """

    meaning: str
    next_step: str
    owner: Owner
    no_fix: NoFixReason | None = None


KINDS: Mapping[Kind, KindFacts] = {
    Kind.MISSING_PERMISSION: KindFacts(
        meaning="The role or user lacks this permission; nothing forbids the call by name.",
        next_step="Review the proposed statement, and approve it if this call is part of the job.",
        owner=Owner.APPROVER,
    ),
    Kind.EXPLICIT_DENY: KindFacts(
        meaning="Somebody wrote a Deny that covers this call; an added Allow would change nothing.",
        next_step="Ask the denying policy's owner whether this call should be an exception; never work around it.",
        owner=Owner.IAM_ADMIN,
        no_fix=NoFixReason.EXPLICIT_DENY,
    ),
    Kind.ORGANIZATION_GUARDRAIL: KindFacts(
        meaning="A guardrail of the organization stops this call for the whole account or resource.",
        next_step="Ask the organization's administrators; only the management account can change the guardrail.",
        owner=Owner.ORGANIZATION_ADMIN,
        no_fix=NoFixReason.ORGANIZATION_GUARDRAIL,
    ),
    Kind.PERMISSIONS_BOUNDARY: KindFacts(
        meaning="The permissions boundary caps this role or user below the call, whatever its other policies allow.",
        next_step="Ask whoever set the boundary whether this action belongs inside it.",
        owner=Owner.IAM_ADMIN,
        no_fix=NoFixReason.PERMISSIONS_BOUNDARY,
    ),
    Kind.SESSION_POLICY: KindFacts(
        meaning="The session was started with a policy of its own that leaves this call out.",
        next_step="Change the policy that is passed when the session is started (AssumeRole, federation, broker).",
        owner=Owner.CALLER,
        no_fix=NoFixReason.SESSION_POLICY,
    ),
    Kind.RESOURCE_POLICY: KindFacts(
        meaning="The policy on the resource itself (bucket, key, queue, API) does not let this caller in.",
        next_step="Ask the owner of the resource to allow this caller in the resource's own policy.",
        owner=Owner.RESOURCE_OWNER,
        no_fix=NoFixReason.RESOURCE_POLICY,
    ),
    Kind.ROLE_TRUST: KindFacts(
        meaning="The trust policy of the role does not let whoever asks for it assume it: the caller, or a service.",
        next_step="Add the caller (or the service) to the trust policy of the role, if it should be able to assume it.",
        owner=Owner.IAM_ADMIN,
        no_fix=NoFixReason.ROLE_TRUST,
    ),
    Kind.VPC_ENDPOINT: KindFacts(
        meaning="The policy of the VPC endpoint that the call went through does not let it pass.",
        next_step="Ask the network team to allow this call in the endpoint's policy.",
        owner=Owner.NETWORK_TEAM,
        no_fix=NoFixReason.VPC_ENDPOINT,
    ),
    Kind.IMDSV2_REQUIRED: KindFacts(
        meaning="A rule lets only instances that require IMDSv2 be launched, and this request does not require it.",
        next_step=(
            "Set MetadataOptions.HttpTokens to required in the call, the launch template or the account's defaults."
        ),
        owner=Owner.CALLER,
        no_fix=NoFixReason.CALLER_MUST_CHANGE,
    ),
    Kind.EC2_ROLE_DELIVERY: KindFacts(
        meaning="The instance's credentials were fetched over IMDSv1, and a rule may refuse every call made with such.",
        next_step=(
            "Move the software on the instance to an SDK that uses IMDSv2, then set HttpTokens to required on it."
        ),
        owner=Owner.CALLER,
        no_fix=NoFixReason.CALLER_MUST_CHANGE,
    ),
    Kind.DLM_ROLE: KindFacts(
        meaning=(
            "The role of a Data Lifecycle Manager policy lacks permissions, so its snapshots or images are not made."
        ),
        next_step=(
            "Attach AWS's managed policy for lifecycle roles to that role; if volumes are encrypted, "
            "grant it the KMS key too."
        ),
        owner=Owner.IAM_ADMIN,
    ),
    Kind.FLEET_TERMINATE: KindFacts(
        meaning="Deleting the fleet also terminates its instances, and the caller may not terminate instances.",
        next_step="Delete the fleet without its instances, or allow ec2:TerminateInstances for this fleet only.",
        owner=Owner.APPROVER,
    ),
    Kind.SPOT_TAGS: KindFacts(
        meaning="The request tags a Spot request or what it starts, and the caller may not set tags while creating it.",
        next_step="Leave the tags out, or allow tags on what this call creates, and only while it creates it.",
        owner=Owner.APPROVER,
    ),
    Kind.MFA_MISSING: KindFacts(
        meaning="A rule demands multi-factor authentication, and this session was started without it.",
        next_step="Sign in again with MFA (for access keys: sts:GetSessionToken with the code), then repeat the call.",
        owner=Owner.CALLER,
        no_fix=NoFixReason.CALLER_MUST_CHANGE,
    ),
    Kind.QUARANTINED_KEY: KindFacts(
        meaning="AWS found this access key in public and put a quarantine policy on its user.",
        next_step="Treat the key as stolen: deactivate it, review what it did, and follow AWS's case in the account.",
        owner=Owner.SECURITY_TEAM,
        no_fix=NoFixReason.QUARANTINED_KEY,
    ),
    Kind.CREDENTIALS: KindFacts(
        meaning="The credentials were expired, unknown or wrongly signed; no permission was looked at.",
        next_step="Renew the credentials, and check the clock of the machine that signed the call.",
        owner=Owner.CALLER,
        no_fix=NoFixReason.NOT_A_PERMISSION_PROBLEM,
    ),
    Kind.QUOTA: KindFacts(
        meaning="The account has reached a quota; no permission is missing.",
        next_step="Free some of what is in use, or ask for a higher quota in Service Quotas.",
        owner=Owner.CALLER,
        no_fix=NoFixReason.NOT_A_PERMISSION_PROBLEM,
    ),
    Kind.THROTTLED: KindFacts(
        meaning="The service turned the call away because there were too many; no permission is missing.",
        next_step="Retry with back-off, or spread the calls.",
        owner=Owner.CALLER,
        no_fix=NoFixReason.NOT_A_PERMISSION_PROBLEM,
    ),
    Kind.CAPACITY: KindFacts(
        meaning="AWS had no capacity of the kind that was asked for; no permission is missing.",
        next_step="Retry later, or ask for another instance type or Availability Zone.",
        owner=Owner.CALLER,
        no_fix=NoFixReason.NOT_A_PERMISSION_PROBLEM,
    ),
    Kind.SERVICE_NOT_ENABLED: KindFacts(
        meaning="The service or feature is not switched on in this account or Region; no permission is missing.",
        next_step="Enable or subscribe to it, if the account should use it.",
        owner=Owner.CALLER,
        no_fix=NoFixReason.NOT_A_PERMISSION_PROBLEM,
    ),
    Kind.SERVICE_SETTING: KindFacts(
        meaning=(
            "A setting of the service itself refuses this call (account switch, Block Public Access, its own grants)."
        ),
        next_step="Change the setting where it lives, if it should change; no IAM policy can.",
        owner=Owner.RESOURCE_OWNER,
        no_fix=NoFixReason.NOT_A_PERMISSION_PROBLEM,
    ),
    Kind.PROPAGATION: KindFacts(
        meaning=(
            "The credentials were less than a minute old, and changes in IAM take that long to be known everywhere."
        ),
        next_step="Repeat the call after a minute; if it fails again, it will show up here as another kind.",
        owner=Owner.NOBODY,
        no_fix=NoFixReason.NOT_A_PERMISSION_PROBLEM,
    ),
    Kind.AWS_SERVICE_CALLER: KindFacts(
        meaning="An AWS service made this call for itself, so there is no role or user of yours to change.",
        next_step="Allow the service in the policy of the resource, or stop the feature that keeps calling.",
        owner=Owner.RESOURCE_OWNER,
        no_fix=NoFixReason.AWS_SERVICE_CALLER,
    ),
    Kind.OTHER_PRINCIPAL: KindFacts(
        meaning="Not the caller was refused but another role or user, such as the one that a function runs with.",
        next_step="Look at the policies of the role or user that the message names; the caller's own are not at fault.",
        owner=Owner.IAM_ADMIN,
        no_fix=NoFixReason.OTHER_PRINCIPAL,
    ),
    Kind.UNKNOWN: KindFacts(
        meaning="The record does not say which policy refused the call, and Redress does not guess.",
        next_step=(
            "Look at the policies of the caller and of the resource, or repeat the call from a shell to see more."
        ),
        owner=Owner.IAM_ADMIN,
        no_fix=NoFixReason.EVIDENCE_TOO_WEAK,
    ),
}


def is_fixable(verdict: Verdict) -> bool:
    """Returns whether the evidence says that an identity policy lacks an Allow, the only thing a fix can mend."""
    return (
        KINDS[verdict.kind].no_fix is None
        and verdict.layer is Layer.IDENTITY_BASED_POLICY
        and verdict.effect is Effect.IMPLICIT_DENY
    )
