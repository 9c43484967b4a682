"""Looks at what denied calls come by, and what changes IAM. Every fault becomes ``Unseen``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from redress.domain.coverage import Regions, Runbook, Selection, Trail, Unseen
from redress.domain.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

T = TypeVar("T")
READS, WRITES = {"ReadOnly", "All"}, {"WriteOnly", "All"}
ABSENT = frozenset({"ResourceNotFoundException", "ResourceNotFound"})
DENIED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation")


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What is around the deployed stack.

    Attributes:
        client: Gives the boto3 client of a service, in the stack's Region or in another one.

    """

    client: Callable[..., Any]

    def trails(self) -> tuple[Trail, ...] | Unseen:
        """Returns the trails that record this Region, those of other Regions and of the organization included."""

        def look() -> tuple[Trail, ...]:
            found = self.client("cloudtrail").describe_trails(includeShadowTrails=True)["trailList"]
            return tuple(self._trail(each) for each in found)

        return _seen("the trails", look)

    def rule_state(self, name: str) -> str | Unseen:
        """Returns the state of the EventBridge rule, empty where there is none."""

        def look() -> str:
            try:
                return str(self.client("events").describe_rule(Name=name)["State"])
            except ClientError as error:
                if _code(error) in ABSENT:
                    return ""
                if not _code(error).startswith(DENIED):
                    raise
            # Those who look after the stack may list rules, not describe one.
            listed = self.client("events").list_rules(NamePrefix=name)["Rules"]
            return next((str(rule["State"]) for rule in listed if rule["Name"] == name), "")

        return _seen(f"the rule {name}", look)

    def runbooks(self, names: Iterable[str]) -> tuple[Runbook, ...] | Unseen:
        """Returns which version of these SSM documents is in force, and which is the newest."""

        def look() -> tuple[Runbook, ...]:
            return tuple(self._runbook(name) for name in names)

        return _seen("the runbooks", look)

    def dead_letters(self, queue_urls: Iterable[str]) -> int | Unseen:
        """Returns how many messages lie on these queues."""

        def look() -> int:
            return sum(self._waiting(url) for url in queue_urls)

        return _seen("the dead-letter queues", look)

    def regions(self, stack: str) -> Regions | Unseen:
        """Returns in which of the account's Regions the stack is not."""

        def names() -> tuple[str, ...]:
            return tuple(sorted(each["RegionName"] for each in self.client("ec2").describe_regions()["Regions"]))

        found = _seen("the account's Regions", names)
        return found if isinstance(found, Unseen) else self.regions_among(found, stack)

    def regions_among(self, regions: Iterable[str], stack: str) -> Regions:
        """Returns in which of these Regions the stack is not."""
        looked = {region: self._is_in(region, stack) for region in regions}
        return Regions(
            without=tuple(region for region, there in looked.items() if there is False),
            unseen=tuple(there for there in looked.values() if isinstance(there, Unseen)),
        )

    def _is_in(self, region: str, stack: str) -> bool | Unseen:
        def look() -> bool:
            try:
                stacks = self.client("cloudformation", region=region).describe_stacks(StackName=stack)["Stacks"]
            except ClientError as error:
                if "does not exist" in str(error):
                    return False
                raise
            return any(not str(each["StackStatus"]).startswith("DELETE") for each in stacks)

        return _seen(f"the stack in {region}", look)

    def _waiting(self, url: str) -> int:
        names = ["ApproximateNumberOfMessages"]
        answer = self.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)
        return int(answer["Attributes"][names[0]])

    def _runbook(self, name: str) -> Runbook:
        document = self.client("ssm").describe_document(Name=name)["Document"]
        return Runbook(name=name, in_force=str(document["DefaultVersion"]), newest=str(document["LatestVersion"]))

    def _trail(self, given: Mapping[str, Any]) -> Trail:
        name, arn = str(given["Name"]), str(given["TrailARN"])
        cloudtrail = self.client("cloudtrail")
        is_logging = _seen(f"the trail {name}", lambda: bool(cloudtrail.get_trail_status(Name=arn)["IsLogging"]))
        selection = _seen(f"what {name} records", lambda: _selection(cloudtrail.get_event_selectors(TrailName=arn)))
        return Trail(name=name, is_logging=is_logging, selection=selection)


def _seen(what: str, look: Callable[[], T]) -> T | Unseen:
    try:
        return look()
    except ClientError as error:
        return Unseen(what=what, reason=_code(error))
    except BotoCoreError as error:
        return Unseen(what=what, reason=type(error).__name__)
    except (KeyError, TypeError, ValueError) as error:
        return Unseen(what=what, reason=f"an answer without {error}")


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", "unknown"))


def _selection(answer: Mapping[str, Any]) -> Selection:
    if not answer.get("EventSelectors") and not answer.get("AdvancedEventSelectors"):
        raise KeyError("selectors")
    parts = [_basic(each) for each in answer.get("EventSelectors") or ()]
    parts += [_advanced(each) for each in answer.get("AdvancedEventSelectors") or ()]
    management = [each.excluded for each in parts if each.reads or each.writes]
    return Selection(
        reads=any(each.reads for each in parts),
        writes=any(each.writes for each in parts),
        data=any(each.data for each in parts),
        excluded=frozenset.intersection(*management) if management else frozenset(),
    )


def _basic(selector: Mapping[str, Any]) -> Selection:
    """Reads an event selector; source: CloudTrail API Reference, ``EventSelector``."""
    sort, management = selector.get("ReadWriteType", "All"), selector.get("IncludeManagementEvents", True)
    return Selection(
        reads=management and sort in READS,
        writes=management and sort in WRITES,
        data=bool(selector.get("DataResources")),
        excluded=frozenset(selector.get("ExcludeManagementEventSources") or ()),
    )


def _advanced(selector: Mapping[str, Any]) -> Selection:
    """Reads an advanced event selector; source: CloudTrail API Reference, ``AdvancedFieldSelector``."""
    by_field = {each["Field"]: each for each in selector["FieldSelectors"]}
    category = by_field["eventCategory"]["Equals"]
    read_only = by_field.get("readOnly", {}).get("Equals") or ["true", "false"]
    sources = by_field.get("eventSource", {})
    # A selector of chosen sources or events alone is no record of all management events.
    whole = "Management" in category and not sources.get("Equals") and "eventName" not in by_field
    return Selection(
        reads=whole and "true" in read_only,
        writes=whole and "false" in read_only,
        data="Data" in category,
        excluded=frozenset(sources.get("NotEquals") or ()),
    )
