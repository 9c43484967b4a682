"""The runbooks as they are shipped, run by the sandbox's Automation engine over IAM and the table in memory.

Nothing here waits: the clock stands still until a test moves it, or a script sleeps.
"""

from __future__ import annotations

import itertools
import json
import traceback
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Self

from botocore import xform_name
from botocore.exceptions import ClientError

from infra.runbooks import FOLDER, fill_in, load
from redress.adapters.automation import Automations
from redress.adapters.findings_items import item_of, key_of
from redress.adapters.findings_table import FindingsTable
from redress.adapters.proposals_table import ProposalsTable
from redress.adapters.table_writes import Key
from redress.domain.finding import Finding, Sighting
from redress.domain.lifecycle import advance
from redress.domain.lifecycle_occurrences import Occurrence, Proposed
from redress.domain.proposal import Proposal, canonical_json, seal, sha256
from redress.domain.settings import Settings
from redress.domain.words import ProposalStatus, State
from sandbox.automation import contents, document_operations, launching
from sandbox.automation.caller import Caller
from sandbox.automation.documents import Documents
from sandbox.automation.engine import Engine
from sandbox.automation.execution import Place
from sandbox.automation.happenings import AskApprovers, CallApi, Failed, Outcome, Perform, RunScript, Succeeded
from sandbox.automation.launching import Limits
from sandbox.automation.ports import Credentials
from sandbox.automation.runners import Stepped
from sandbox.automation.service import AutomationService
from tests.denials import VERDICT
from tests.fakes import FakeStore
from tests.fakes_boto_table import FakeBotoTable
from tests.fakes_iam import FakeIam, fault

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import CodeType

    from redress.adapters.table_writes import Item

# Tests make thousands of accounts with the same two documents, which take long to validate.
setattr(document_operations, "read_content", cache(contents.read_content))  # noqa: B010 - mypy minds the other way
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
ACCOUNT = "111122223333"
APPLY, RESTORE = "Redress-ApplyPolicyFix", "Redress-RestorePolicy"
ANA = f"arn:aws:iam::{ACCOUNT}:user/ana"
BEN = f"arn:aws:iam::{ACCOUNT}:user/people/ben"
SIGNERS = f"arn:aws:iam::{ACCOUNT}:role/ops/signers"
FINDING = "f-0123456789abcdef0123"
START_ROLE = f"arn:aws:sts::{ACCOUNT}:assumed-role/redress-start/start"
VALUES: Mapping[str, object] = {
    "Approvers": [ANA, BEN, SIGNERS],
    "SecondApprovers": [ANA, BEN],
    "MinApprovals": 1,
    "ApprovalTimeoutSeconds": 86_400,
    "AutomationRoleArn": f"arn:aws:iam::{ACCOUNT}:role/redress/system/automation",
    "TableName": "redress",
    "ApprovalsTopicArn": f"arn:aws:sns:us-east-1:{ACCOUNT}:AutomationRedressApprovals",
    "ChangeCalendars": [],
    "Partition": "aws",
}


class HandClock:
    """A clock that tests, and sleeping scripts, move by hand."""

    def __init__(self) -> None:
        self.time = NOON

    def now(self) -> datetime:
        """Returns the time."""
        return self.time

    def move(self, **parts: float) -> None:
        """Moves on."""
        self.time += timedelta(**parts)

    def sleep(self, seconds: float) -> None:
        """Lets the seconds pass at once."""
        self.move(seconds=seconds)

    def monotonic(self) -> float:
        """Returns seconds since some moment."""
        return self.time.timestamp()


class _Datetime(datetime):
    """What a script knows as ``datetime``; ``clock`` is set per world."""

    clock: HandClock

    @classmethod
    def now(cls, tz: Any = None) -> Self:  # noqa: ANN401 - as in the standard library
        """Returns the world's time."""
        return cls.fromtimestamp(cls.clock.now().timestamp(), tz)


class FakeSsm:
    """A boto3 SSM client whose other end is the sandbox's Automation service; ``before`` and ``after`` may raise."""

    def __init__(self, service: AutomationService, caller: str) -> None:
        self._service = service
        self._caller = Caller(arn=caller, account=ACCOUNT)
        self.before: Callable[[str], None] = lambda _: None
        self.after: Callable[[str], None] = lambda _: None

    def __getattr__(self, operation: str) -> Callable[..., dict[str, Any]]:
        if operation.startswith("_"):
            raise AttributeError(operation)
        return lambda **payload: self._call(operation, payload)

    def _call(self, operation: str, payload: dict[str, Any]) -> dict[str, Any]:
        self.before(operation)
        name = "".join(part.capitalize() for part in operation.split("_"))
        status, answer = self._service.handle(name, payload, self._caller)
        if status != 200:
            raise fault(str(answer["__type"]), str(answer["message"]))
        self.after(operation)
        return json.loads(json.dumps(answer))  # type: ignore[no-any-return]


class World:
    """One account: IAM, the table, SSM, and people who sign.

    Attributes:
        fails: Says of an act whether it fails instead of taking effect (``before``) or although it did (``after``).
        calendar: State of every change calendar.
        events: Status-change events that were announced.
        asked: Approval requests that were published.

    """

    def __init__(self, **values: object) -> None:
        self.clock = HandClock()
        self.numbers = itertools.count()
        setattr(launching, "uuid", self)  # noqa: B010 - the same ids in every run
        self.items: dict[Key, Item] = {}
        self.store = FakeStore(items=self.items)
        self.table = FakeBotoTable(self.items)
        self.iam = FakeIam(ACCOUNT)
        self.iam_calls: list[str] = []
        self.runner = Stepped()
        self.events: list[Mapping[str, object]] = []
        self.asked: list[AskApprovers] = []
        self.fails: Callable[[Perform], str] = lambda _: ""
        self.calendar = "OPEN"
        self.values = {**VALUES, **values}
        self.service = self._service()
        self.ssm = FakeSsm(self.service, START_ROLE)
        self.automations = Automations(self.ssm)
        self.findings = FindingsTable(self.store)
        self.proposals = ProposalsTable(self.store)
        self.settings = Settings(approvers=(ANA, BEN))
        for name in (APPLY, RESTORE):
            self.ssm.create_document(
                Name=name,
                DocumentType="Automation",
                DocumentFormat="JSON",
                Content=runbook_text(name, json.dumps(self.values)),
            )

    def _service(self) -> AutomationService:
        place = Place(account=ACCOUNT)
        engine = Engine(performer=self, clock=self.clock, sink=self, runner=self.runner)
        documents, limits = Documents(clock=self.clock), Limits(burst=1_000)
        return AutomationService(documents=documents, engine=engine, credentials=self, place=place, limits=limits)

    def uuid4(self) -> uuid.UUID:
        """Returns the next execution id."""
        return uuid.UUID(int=next(self.numbers) + 1, version=4)

    # --- what the engine asks for --------------------------------------------------------------------------

    def assume_as_service(self, role_arn: str, session_name: str, service: str) -> Credentials:
        """Returns credentials of any role."""
        del role_arn, session_name, service
        return Credentials(access_key_id="A", secret_access_key="S", session_token="T")

    def emit(self, source: str, detail_type: str, detail: Mapping[str, object], resources: Sequence[str]) -> None:
        """Keeps the event."""
        del resources
        self.events.append({"source": source, "detail-type": detail_type, "detail": detail})

    def perform(self, order: Perform) -> Outcome:
        """Performs an act, unless the test wants it to fail before or after its effect."""
        when = self.fails(order)
        if when == "before":
            return Failed(message=f"injected before {order.step}")
        outcome = self._do(order)
        return Failed(message=f"injected after {order.step}") if when == "after" else outcome

    def _do(self, order: Perform) -> Outcome:
        match order.act:
            case CallApi(service="iam", api=api, arguments=arguments):
                self.iam_calls.append(api)
                return self._called(lambda: self.iam.call(xform_name(api), dict(arguments)))
            case CallApi(api="GetCalendarState"):
                return Succeeded(result={"State": self.calendar})
            case RunScript() as act:
                return self._ran(act)
            case AskApprovers() as act:
                self.asked.append(act)
                return Succeeded()
            case act:
                return Failed(message=f"nobody does {act}")

    def _called(self, call: Callable[[], object]) -> Outcome:
        try:
            return Succeeded(result=call())
        except ClientError as error:
            return Failed(message=str(error))

    def _ran(self, act: RunScript) -> Outcome:
        names: dict[str, Any] = {"__name__": "__automation__"}
        exec(compiled(act.script), names)  # noqa: S102 - the runbook's own script
        _Datetime.clock = self.clock
        names.update(boto3=self, time=self.clock, datetime=_Datetime)
        try:
            returned = names[act.handler](json.loads(json.dumps(act.payload)), {})
        except Exception:  # noqa: BLE001 - whatever the script raises is its answer
            return Failed(message=traceback.format_exc())
        return Succeeded(result={"Payload": json.loads(json.dumps(returned))})

    def interrupt(self, execution_id: str, ticket: int) -> None:
        """Interrupts nothing: acts here take no time."""

    # --- what scripts know as boto3 ------------------------------------------------------------------------

    def client(self, service: str) -> object:
        """Returns the client."""
        return {"iam": self.iam, "ssm": self.ssm}[service]

    def resource(self, _service: str) -> World:
        """Returns DynamoDB."""
        return self

    def Table(self, _name: str) -> FakeBotoTable:  # noqa: N802 - boto3's name
        """Returns the table."""
        return self.table

    # --- what people do ------------------------------------------------------------------------------------

    def start(self, proposal: Proposal, document: str = APPLY, token: str | None = None) -> str:
        """Returns the id of a new execution."""
        payload = {
            "DocumentName": document,
            "Parameters": {"ProposalId": [proposal.proposal_id], "Digest": [proposal.digest]},
        }
        answer = self.ssm.start_automation_execution(**payload, **({"ClientToken": token} if token else {}))
        return str(answer["AutomationExecutionId"])

    def run(self) -> None:
        """Lets all executions go on until they wait or have ended."""
        self.runner.run()

    def sign(self, execution_id: str, who: str = ANA, *, reject: bool = False, comment: str = "") -> None:
        """Sends a signature."""
        payload = {
            "AutomationExecutionId": execution_id,
            "SignalType": "Reject" if reject else "Approve",
            "Payload": {"Comment": [comment]} if comment else {},
        }
        FakeSsm(self.service, who).send_automation_signal(**payload)

    def forge_decision(self, execution_id: str, who: str) -> None:
        """Makes SSM's approval step succeed by somebody whom SSM should not have taken."""
        engine = self.service.engine
        execution = engine._executions[execution_id]
        step = execution.document.steps["approve"]
        changed = replace(step, inputs={**step.inputs, "Approvers": [who]})
        run = replace(execution.steps["approve"], inputs={**execution.steps["approve"].inputs, "Approvers": [who]})
        document = replace(execution.document, steps={**execution.document.steps, "approve": changed})
        steps = {**execution.steps, "approve": run}
        engine._executions[execution_id] = replace(execution, document=document, steps=steps)
        signer = who if ":user/" in who else f"arn:aws:sts::{ACCOUNT}:assumed-role/{who.rsplit('/', 1)[-1]}/x"
        self.sign(execution_id, signer)

    def stop(self, execution_id: str) -> None:
        """Cancels the execution; nothing happens if it is over."""
        self.automations.stop(execution_id)

    def status(self, execution_id: str) -> str:
        """Returns the execution's status in SSM's words."""
        return str(self.execution(execution_id)["AutomationExecutionStatus"])

    def execution(self, execution_id: str) -> dict[str, Any]:
        """Returns what GetAutomationExecution says."""
        answer = self.ssm.get_automation_execution(AutomationExecutionId=execution_id)
        found: dict[str, Any] = answer["AutomationExecution"]
        return found

    def failure(self, execution_id: str) -> str:
        """Returns why the execution failed."""
        return str(self.execution(execution_id).get("FailureMessage", ""))

    def applied(self, proposal: Proposal) -> str:
        """Returns the id of an execution that applied the proposal with one signature."""
        execution_id = self.start(proposal)
        self.run()
        self.sign(execution_id)
        self.run()
        assert self.status(execution_id) == "Success", self.failure(execution_id)
        return execution_id

    def pass_time(self, **parts: float) -> None:
        """Moves the clock and lets executions notice."""
        self.clock.move(**parts)
        self.service.engine.tick()
        self.run()

    def item(self, proposal: Proposal) -> dict[str, Any]:
        """Returns the proposal's item, to look at or to tamper with."""
        return next(item for key, item in self.items.items() if key.pk == f"PROPOSAL#{proposal.proposal_id}")

    def item_failure(self) -> str:
        """Returns what the runbook noted as the failure of the one proposal that has one."""
        (text,) = {item["failure"] for item in self.items.values() if "failure" in item}
        return str(text)

    def finding_item(self) -> dict[str, Any]:
        """Returns the finding's item, to look at or to tamper with."""
        return self.items[key_of(FINDING)]

    def lock(self, execution_id: str, principal: str = "") -> None:
        """Lets an execution hold the principal's lock."""
        key = Key(pk=f"TARGET#{principal or ROLE}", sk="LOCK")
        self.items[key] = {"pk": key.pk, "sk": key.sk, "execution_id": execution_id, "taken_at": 0}

    def deny(self, finding_id: str = FINDING) -> None:
        """Makes an open finding."""
        now = self.clock.now()
        sighting = Sighting(event_id="e-1", event_time=now, event_source="s3.amazonaws.com", event_name="PutObject")
        finding = Finding(
            finding_id=finding_id,
            verdict=VERDICT,
            resource_template=None,
            state=State.OPEN,
            state_version=1,
            count=1,
            first_seen=now,
            last_seen=now,
            last=sighting,
            changed_at=now,
        )
        self.items[key_of(finding_id)] = item_of(finding, frozenset({b"12345678"}))

    def finding(self, finding_id: str = FINDING) -> Finding:
        """Returns the finding as it is stored."""
        found = self.findings.get(finding_id)
        assert found
        return found

    def happens(self, occurrence: Occurrence, finding_id: str = FINDING) -> Finding:
        """Returns the finding after the occurrence, stored."""
        before = self.finding(finding_id)
        after = advance(before, occurrence, self.clock.now())
        self.findings.change(before, after)
        return after

    def file(self, proposal: Proposal, status: ProposalStatus = ProposalStatus.READY) -> Proposal:
        """Stores the proposal as the principal's current one, and lets its findings know."""
        before = self.proposals.current(proposal.content["principal"]["arn"])
        self.proposals.make_current(proposal, status, before=before, now=self.clock.now())
        for finding_id in proposal.content["finding_ids"]:
            if key_of(finding_id) not in self.items:
                self.deny(finding_id)
            self.happens(Proposed(cause="a change was drawn up", proposal_id=proposal.proposal_id), finding_id)
        return proposal


@cache
def compiled(script: str) -> CodeType:
    """Returns the script's code."""
    return compile(script, "script.py", "exec")


@cache
def runbook_text(name: str, values: str) -> str:
    """Returns the document as SSM gets it."""
    return json.dumps(fill_in(load(FOLDER / f"{name}.yaml"), json.loads(values)))


# --- proposals -----------------------------------------------------------------------------------------------

ROLE = f"arn:aws:iam::{ACCOUNT}:role/team/orders-service"
BUCKET = "arn:aws:s3:::orders-archive"


def allow(action: str = "s3:PutObject", resource: str = f"{BUCKET}/2026/*") -> dict[str, Any]:
    """Returns a statement."""
    return {"Effect": "Allow", "Action": [action], "Resource": [resource]}


def document(*statements: Mapping[str, object]) -> str:
    """Returns a policy document as the planner writes it."""
    return canonical_json({"Version": "2012-10-17", "Statement": list(statements)})


def content(world: World, *statements: Mapping[str, Any], principal: str = ROLE, **changes: object) -> dict[str, Any]:
    """Returns a proposal's content that fits the world as it is."""
    wanted = statements or (allow(),)
    kind, name = principal.split(":", 5)[5].split("/", 1)[0], principal.rsplit("/", 1)[-1]
    policy_name = f"redress-{kind}-{name}"
    policy = f"arn:aws:iam::{ACCOUNT}:policy/redress/{policy_name}"
    probes = [{"action": each["Action"][0], "resource": each["Resource"][0], "context": []} for each in wanted]
    return {
        "schema": 1,
        "created_at": f"{world.clock.now():%Y-%m-%dT%H:%M:%SZ}",
        "expires_at": f"{world.clock.now() + timedelta(days=2):%Y-%m-%dT%H:%M:%SZ}",
        "finding_ids": [FINDING],
        "principal": {"type": kind.upper(), "name": name, "arn": principal, "account": ACCOUNT, "partition": "aws"},
        "policy": {"arn": policy, "name": policy_name, "path": "/redress/"},
        "pre_image": pre_image(world.iam, policy, principal),
        "document": document(*wanted),
        "statements": list(wanted),
        "guard": {"verdict": "CLEAN", "hits": []},
        "proof": {
            "before": "implicitDeny",
            "after": "allowed",
            "complete": True,
            "source": "iam:SimulatePrincipalPolicy",
            "still_denied_by": None,
            "unknown_layers": [],
            "notes": [],
        },
        "probes": probes,
        "summary": "orders-service was denied s3:PutObject; its policies lack it.",
        "likely_next": [],
        "owned_by": None,
        "patches": {},
        "remove_after_hours": 0,
        "number": next(world.numbers),  # no two proposals of a test have the same digest
        **changes,
    }


def pre_image(iam: FakeIam, policy: str, principal: str) -> dict[str, Any]:
    """Returns the target as it is now."""
    if policy not in iam.policies:
        return {"exists": False, "version_id": "", "document_sha256": "", "attached": False}
    found = iam.policies[policy]
    text = canonical_json(json.loads(found.versions[found.default]))
    attached = (principal, policy) in iam.attached
    return {"exists": True, "version_id": found.default, "document_sha256": sha256(text), "attached": attached}


def proposal(world: World, *statements: Mapping[str, Any], **changes: Any) -> Proposal:  # noqa: ANN401 - any content
    """Returns a sealed proposal that fits the world as it is."""
    return seal(content(world, *statements, **changes))


def ready_world(**values: object) -> World:
    """Returns a world with the role that the proposals are about."""
    world = World(**values)
    world.iam.add_role(ROLE)
    return world
