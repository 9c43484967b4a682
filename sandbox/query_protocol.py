"""Replies of the AWS query protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from sandbox.exchange import Reply

if TYPE_CHECKING:
    from collections.abc import Mapping

_TYPE = {"content-type": "text/xml"}


def query_reply(action: str, result: Mapping[str, Any], *, namespace: str, request_id: str) -> Reply:
    """Returns the successful reply of an action; lists become ``member`` elements."""
    body = (
        f'<{action}Response xmlns="{namespace}"><{action}Result>{_xml(result)}</{action}Result>'
        f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{action}Response>"
    )
    return Reply(status=200, headers={**_TYPE, "x-amzn-requestid": request_id}, body=body.encode())


def query_error(status: int, code: str, message: str, *, namespace: str, request_id: str) -> Reply:
    """Returns the reply of an action that failed."""
    body = (
        f'<ErrorResponse xmlns="{namespace}"><Error><Type>Sender</Type><Code>{escape(code)}</Code>'
        f"<Message>{escape(message)}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    )
    return Reply(status=status, headers={**_TYPE, "x-amzn-requestid": request_id}, body=body.encode())


def _xml(value: Any) -> str:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        return "".join(f"<{name}>{_xml(item)}</{name}>" for name, item in value.items() if item is not None)
    if isinstance(value, (list, tuple)):
        return "".join(f"<member>{_xml(item)}</member>" for item in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return escape(str(value))
