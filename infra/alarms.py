"""Every alarm as data: what it means, where to look first, what to do next. docs/operating.md has the same rows.

``<Function>`` and ``<KIND>`` stand for one alarm each; their names end in that function's or kind's name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from infra.names import ALARM_PREFIX


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmFacts:
    """What the person who is woken needs to know.

    Attributes:
        name: Without the prefix ``Redress-``.
        meaning: What has happened.
        first_look: Where to look.
        next_step: What to do.

    """

    name: str
    meaning: str
    first_look: str
    next_step: str

    @property
    def full_name(self) -> str:
        """Returns the name in CloudWatch."""
        return f"{ALARM_PREFIX}{self.name}"

    def description(self, full_name: str) -> str:
        """Returns the text that the alarm's notice carries."""
        return f"{self.meaning} First look: {self.first_look} Next step: {self.next_step} [{full_name}]"


ALARMS: Final = (
    AlarmFacts(
        name="DenialsDeadLetters",
        meaning="Denied calls could not be processed and wait on the dead-letter queue; they are in no finding yet.",
        first_look="`redress dlq` lists each message with its reason.",
        next_step="Malformed ones: report the form. Others: mend the cause, then `redress dlq replay`.",
    ),
    AlarmFacts(
        name="RuleDeadLetters",
        meaning="EventBridge could not hand events to the queue or to a function.",
        first_look="The messages' attributes ERROR_CODE and ERROR_MESSAGE (`redress dlq --queue rules`).",
        next_step="Usually a queue policy or key policy was changed: `make deploy DEPLOY=--mend`, then replay.",
    ),
    AlarmFacts(
        name="FunctionDeadLetters",
        meaning="A function gave up on changes of the table or on an event: a notice or a proposal may be missing.",
        first_look="The function's log group, at the time stated in the message.",
        next_step="Mend the cause; the next reconcile or the next change of the finding catches up.",
    ),
    AlarmFacts(
        name="DenialsQueueAge",
        meaning="Denials wait more than 15 minutes for triage.",
        first_look="Triage's throttles and errors on the dashboard, and the number of messages.",
        next_step="A flood: raise `triage_max_concurrency`. Errors: see the alarm Errors-Triage.",
    ),
    AlarmFacts(
        name="Errors-<Function>",
        meaning="The function fails again and again; its work is retried and then put aside.",
        first_look="The last lines of level ERROR in its log group.",
        next_step="If Redress itself is denied, a role or boundary was changed: `make deploy DEPLOY=--mend`.",
    ),
    AlarmFacts(
        name="Throttles-Triage",
        meaning="Lambda refuses to run triage as often as needed.",
        first_look="The account's concurrency in the Lambda console.",
        next_step="Reserve some for triage (`reserved_concurrency`), or ask AWS for a higher quota.",
    ),
    AlarmFacts(
        name="StreamAge-<Function>",
        meaning="The function is more than 15 minutes behind the table's changes.",
        first_look="Its errors and duration on the dashboard.",
        next_step="One item that fails again and again holds up the others until it is put aside: find it in the log.",
    ),
    AlarmFacts(
        name="TrackSilent",
        meaning="λ track has not run for 15 minutes: findings no longer follow their runbooks, time-boxed fixes stay.",
        first_look="The rule `Reconcile` in EventBridge: is it enabled?",
        next_step="Enable it, or `make deploy DEPLOY=--mend`.",
    ),
    AlarmFacts(
        name="OldestApproval",
        meaning="A fix has waited for a signature for longer than `alarm_approval_hours`; somebody is blocked.",
        first_look="`redress findings --state AWAITING_APPROVAL`.",
        next_step="Ask an approver to sign or reject; both are answers.",
    ),
    AlarmFacts(
        name="FixSurge",
        meaning="More fixes in an hour than `alarm_fixes_per_hour`: an automation that fixes much is an incident.",
        first_look="`redress findings --state FIXED`: the same principal, the same approver?",
        next_step="If it was not planned: set `auto_start` to false, and take the fixes back with `redress restore`.",
    ),
    AlarmFacts(
        name="FixFailed",
        meaning="A runbook failed after it was signed; what it had written was put back, or the finding says that not.",
        first_look="`redress show` of the finding: its cause, and what IAM looks like now.",
        next_step="Do what its card says under Next: it names the policy to look at, if any.",
    ),
    AlarmFacts(
        name="DenialsAnomaly-<KIND>",
        meaning="Far more denials of one kind than is usual for this hour and day.",
        first_look="The digest's noisiest principals, and `redress findings --state SUSPICIOUS`.",
        next_step="One principal: a broken release or an intruder. Many: a changed SCP, boundary or endpoint policy.",
    ),
)
BY_NAME: Final = {facts.name: facts for facts in ALARMS}


def facts_of(full_name: str) -> AlarmFacts:
    """Returns the row of one alarm by its name in CloudWatch.

    Raises:
        KeyError: It has none.

    """
    name = full_name.removeprefix(ALARM_PREFIX)
    if name in BY_NAME:
        return BY_NAME[name]
    family, _, _ = name.partition("-")
    return BY_NAME[next(each for each in BY_NAME if each.startswith(f"{family}-<"))]
