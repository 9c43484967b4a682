"""IAM Toolbox (preview): fetches the authorization details of a denied request.

AWS records them asynchronously, in the Region of the denial, and keeps them for 24 hours. They are a bonus:
whatever goes wrong here becomes a note, and the verdict stands on the other evidence.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from redress.domain.authorization_details import DetailsAnswer, read_details

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PAUSES = (0.3, 0.7, 1.5)
"""Seconds between the tries while the details are not there yet."""
_PAGES = 10
_LARGEST = 200_000

_ABSENT = (
    "Authorization details were not fetched: this AWS SDK does not know iam-toolbox.",
    "Ship a newer boto3 with Redress.",
)
_NOT_PERMITTED = (
    "Redress may not read authorization details: iam:GetRequestAuthorizationDetails was denied.",
    'Allow iam:GetRequestAuthorizationDetails on "*" for the role of Redress; it reads, and changes nothing.',
)
_NOT_FOUND = (
    "AWS has no authorization details for this denial (yet, any more, or in this Region).",
    "They are kept for 24 hours; nothing was concluded from their absence.",
)


class DetailsClient(Protocol):
    """The call of boto3's ``iam-toolbox`` client that is made here."""

    def get_request_authorization_details(self, **call: object) -> Mapping[str, Any]: ...  # noqa: D102 - boto3's


class AuthorizationDetailsReader:
    """Reads details by authorization id, in the Region of the denial."""

    def __init__(
        self,
        client_in: Callable[[str | None], DetailsClient | None],
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Takes a function from Region to client, which answers None where the SDK has no such service."""
        self._client_in = client_in
        self._sleep = sleep

    def fetch(self, authorization_id: str, *, region: str | None) -> DetailsAnswer:
        """Returns the details, or why there are none and what would help; it never raises for AWS's faults."""
        try:
            client = self._client_in(region)
            if client is None:
                return DetailsAnswer(notes=_ABSENT)
            answer = self._patiently(client, authorization_id)
        except ClientError as error:
            return DetailsAnswer(notes=_notes_of(_code(error)))
        except BotoCoreError as error:
            return DetailsAnswer(notes=_notes_of(type(error).__name__))
        text = json.dumps(answer, sort_keys=True, default=str)
        return DetailsAnswer(details=read_details(answer), snapshot=text if len(text) <= _LARGEST else None)

    def _patiently(self, client: DetailsClient, authorization_id: str) -> dict[str, Any]:
        for pause in PAUSES:
            try:
                return _all_pages(client, authorization_id)
            except ClientError as error:
                if not _code(error).startswith("ResourceNotFound"):
                    raise
                self._sleep(pause)
        return _all_pages(client, authorization_id)


def _all_pages(client: DetailsClient, authorization_id: str) -> dict[str, Any]:
    whole: dict[str, Any] = {"requestContext": {}, "evaluations": [], "policies": []}
    token: object = None
    for _ in range(_PAGES):
        more = {"nextToken": token} if token else {}
        page = client.get_request_authorization_details(authorizationId=authorization_id, **more)
        whole["requestContext"].update(page.get("requestContext") or {})
        whole["evaluations"] += page.get("evaluations") or []
        whole["policies"] += page.get("policies") or []
        token = page.get("nextToken")
        if not token:
            break
    return whole


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _notes_of(code: str) -> tuple[str, ...]:
    if code.startswith("AccessDenied"):
        return _NOT_PERMITTED
    if code.startswith("ResourceNotFound"):
        return _NOT_FOUND
    return (f"Authorization details could not be fetched ({code}).", "The verdict stands on the other evidence.")
