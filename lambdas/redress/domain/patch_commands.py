"""The AWS CLI commands that change the policy of a place: read it into a file, edit it, write it back.

A command is written only where every part of it is known; for a name that the evidence lacks, a stand-in and a line
that says so.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from redress.domain import arn
from redress.domain.grammar import is_policy_safe
from redress.domain.patch_formats import as_json, as_shell
from redress.domain.patch_places import POLICY_ARN, POLICY_ID, RESOURCE_PLACES, VERSION, VPC_ENDPOINT_ID
from redress.domain.policy_document import VERSION as LANGUAGE
from redress.domain.request import account_in

if TYPE_CHECKING:
    from redress.domain.patch_places import Place
    from redress.domain.verdict import Verdict

_UNNAMED = {POLICY_ID: "the policy", POLICY_ARN: "the policy", VPC_ENDPOINT_ID: "the endpoint"}
_OF_AWS = re.compile(r"arn:[a-z0-9-]+:[a-z]+::aws:policy/.*")
_FIVE = "# IAM keeps five versions of a policy: where five are there, delete-policy-version the oldest first.\n"
_NO_NAME = re.compile(r"-|fileb?://|http://")
"""What the AWS CLI takes for an option, or for the place of a value, however it is quoted."""
_EMPTY = f'{{"Version": "{LANGUAGE}", "Statement": []}}'


def commands(place: Place, verdict: Verdict, content: dict[str, Any], *, by_exception: bool) -> str | None:
    """Returns the commands for this change; None where no command of the AWS CLI can make it."""
    parts = arn.split(verdict.resource or "")
    if _OF_AWS.fullmatch(verdict.policy_arn or "") or (
        place.of and not (parts and parts.resource.startswith(place.of))
    ):
        return None
    values = _values(verdict, parts)
    if place.add:
        return None if by_exception else _filled(place.add, {**values, "sid": content["Sid"]})
    version, read, write = (_filled(words, values) for words in (place.version, place.read, place.write))
    if not read or not write:
        return None
    which = f'{VERSION[1:]}="$({version} --output text)"\n' if version else ""
    absent = not by_exception and place in RESOURCE_PLACES.values()
    start = f" (where there is no policy yet, begin with {_EMPTY})" if absent else ""
    edit = "\n".join(f"# {line}" for line in as_json(content).splitlines())
    room = _FIVE if version else ""
    text = f"{which}{read} --output {place.output} > policy.json\n# edit policy.json{start}:\n{edit}\n{room}{write}"
    return _lead(write) + text


def _lead(write: str) -> str:
    name = next((each for each in _UNNAMED if each in write), None)
    return f"# The evidence does not name {_UNNAMED[name]}: write its own in place of {name}.\n" if name else ""


def _filled(words: tuple[str, ...], values: dict[str, str]) -> str | None:
    given = [values.get(word[1:-1], "") for word in words if word.startswith("{")]
    if not words or not all(given) or any(map(_NO_NAME.match, given)):
        return None
    filled = (word.format(**values) if word.startswith("{") else word for word in words)
    return " ".join(f'"{VERSION}"' if word == VERSION else as_shell(word) for word in ("aws", *filled))


def _values(verdict: Verdict, parts: arn.Arn | None) -> dict[str, str]:
    policy = verdict.policy_arn if verdict.policy_arn and is_policy_safe(verdict.policy_arn) else ""
    known = {
        "policy_arn": policy or POLICY_ARN,
        "policy_id": policy.rsplit("/", 1)[-1] or POLICY_ID,
        "action": verdict.action or "",
        "principal": verdict.principal.arn or "",
        "caller": account_in(verdict.principal.arn or "") or "",
    }
    return known | (_parts(parts) if parts else {})


def _parts(parts: arn.Arn) -> dict[str, str]:
    suffix = "amazonaws.com.cn" if parts.partition == "aws-cn" else "amazonaws.com"
    return {
        "arn": str(parts),
        "bucket": "" if parts.account else parts.resource.split("/", 1)[0],  # an access point's ARN has an account
        "name": parts.resource.rsplit("/", 1)[-1],
        "path": parts.resource.partition("/")[2],
        "first": parts.resource.partition("/")[2].split("/", 1)[0],
        "last": parts.resource.rpartition(":")[2],
        "parent": str(parts).rpartition(":")[0],
        "table": str(parts).split("/index/", 1)[0],
        "queue": f"https://sqs.{parts.region}.{suffix}/{parts.account}/{parts.resource}",
        "region": parts.region,
        "account": parts.account,
        "access_point": parts.resource.removeprefix("accesspoint/").split("/", 1)[0],
    }
