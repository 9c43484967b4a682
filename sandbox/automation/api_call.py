"""AWS calls of a step, by botocore against the sandbox's own endpoint."""

from __future__ import annotations

import base64
import json
import threading
from datetime import datetime
from typing import TYPE_CHECKING, Final

from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session

from sandbox.automation.happenings import AskApprovers, CallApi, Failed, InvokeFunction, Outcome, Succeeded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocore.client import BaseClient

    from sandbox.automation.ports import Credentials

READ_SECONDS: Final = 30
"""Longer than a call may take (25 s), so that the state machine's time-out comes first and is called one."""

FUNCTION_READ_SECONDS: Final = 310
MAX_FUNCTION_OUTPUT: Final = 200 * 1024


class Caller:
    """Makes calls with a role's credentials."""

    def __init__(self, *, endpoint: str, region: str) -> None:
        self._endpoint = endpoint
        self._region = region
        self._lock = threading.Lock()
        self._session = Session()  # shared, as it caches the service models; making clients is not thread-safe

    def call(self, act: CallApi | InvokeFunction | AskApprovers, credentials: Credentials) -> Outcome:
        """Returns the response as a JSON value, or what went wrong in AWS's words."""
        try:
            return self._call(act, credentials)
        except ClientError as error:
            return Failed(message=_said(error))
        except (BotoCoreError, ValueError) as error:
            return Failed(message=f"{type(error).__name__}: {error}")

    def _call(self, act: CallApi | InvokeFunction | AskApprovers, credentials: Credentials) -> Outcome:
        if isinstance(act, InvokeFunction):
            response = self._request("lambda", "Invoke", {**act.arguments, "Payload": act.payload}, credentials)
            return _function_result(response)
        if isinstance(act, AskApprovers):
            message = {"TopicArn": act.topic_arn, "Subject": act.subject, "Message": act.message}
            self._request("sns", "Publish", message, credentials)
            return Succeeded()
        response = self._request(act.service, act.api, act.arguments, credentials)
        return Succeeded(result=as_json({key: value for key, value in response.items() if key != "ResponseMetadata"}))

    def _request(
        self, service: str, api: str, arguments: Mapping[str, object], credentials: Credentials
    ) -> Mapping[str, object]:
        read_timeout = FUNCTION_READ_SECONDS if service == "lambda" and api == "Invoke" else READ_SECONDS
        config = Config(connect_timeout=5, read_timeout=read_timeout, retries={"total_max_attempts": 2})
        client = self._client(service, config, credentials)
        try:
            response: Mapping[str, object] = getattr(client, xform_name(api))(**arguments)
            return _with_body_read(response)
        finally:
            client.close()

    def _client(self, service: str, config: Config, credentials: Credentials) -> BaseClient:
        with self._lock:
            return self._session.create_client(
                service,
                region_name=self._region,
                endpoint_url=self._endpoint,
                aws_access_key_id=credentials.access_key_id,
                aws_secret_access_key=credentials.secret_access_key,
                aws_session_token=credentials.session_token,
                config=config,
            )


def _with_body_read(response: Mapping[str, object]) -> Mapping[str, object]:
    body = response.get("Payload")
    return {**response, "Payload": body.read()} if hasattr(body, "read") else response


def _function_result(response: Mapping[str, object]) -> Outcome:
    payload = response.get("Payload") or b""
    text = payload.decode("utf-8", "replace") if isinstance(payload, bytes) else str(payload)
    if len(text) > MAX_FUNCTION_OUTPUT:
        return Failed(message=f"The function returned more than {MAX_FUNCTION_OUTPUT} bytes")
    kept = {key: response[key] for key in ("StatusCode", "FunctionError", "LogResult") if key in response}
    return Succeeded(result={**kept, "Payload": _decoded(text)})


def _decoded(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _said(error: ClientError) -> str:
    said, metadata = error.response.get("Error", {}), error.response.get("ResponseMetadata", {})
    return (
        f"An error occurred ({said.get('Code', 'Unknown')}) when calling the {error.operation_name} operation: "
        f"{said.get('Message', '')} (Status Code: {metadata.get('HTTPStatusCode', '?')})"
    )


def as_json(value: object) -> object:
    """Returns a response's value as JSON has it: moments as ISO 8601, bytes as text or Base64."""
    if isinstance(value, dict):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [as_json(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value).decode()
    return value
