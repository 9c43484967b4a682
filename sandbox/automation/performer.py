"""Performs steps as the Automation role: assumes it for each act, so that credentials never grow old."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.automation.api_call import Caller
from sandbox.automation.happenings import Failed, Outcome, Perform, RunScript
from sandbox.automation.ports import CannotAssume
from sandbox.automation.script import Scripts

if TYPE_CHECKING:
    from sandbox.automation.ports import CredentialsSource

SERVICE: Final = "ssm.amazonaws.com"


class RolePerformer:
    """The performer of the server.

    Args:
        endpoint: URL of the sandbox itself.
        python: Interpreter for scripts; it needs boto3.

    """

    def __init__(self, *, credentials: CredentialsSource, endpoint: str, region: str, python: str) -> None:
        self._credentials = credentials
        self._caller = Caller(endpoint=endpoint, region=region)
        self._scripts = Scripts(python=python, endpoint=endpoint, region=region)

    def perform(self, order: Perform) -> Outcome:
        """Returns how the act went with the role's credentials."""
        try:
            credentials = self._credentials.assume_as_service(order.role_arn, order.session_name, SERVICE)
        except CannotAssume as error:
            return Failed(message=f"The defined assume role is unable to be assumed: {error}")
        if not isinstance(order.act, RunScript):
            return self._caller.call(order.act, credentials)
        try:
            return self._scripts.run((order.execution_id, order.ticket), order.act, credentials, order.seconds)
        except OSError as error:
            return Failed(message=f"The script could not be run: {error}")

    def interrupt(self, execution_id: str, ticket: int) -> None:
        """Kills the ticket's script; a call to AWS can't be taken back, so it is waited for."""
        self._scripts.kill((execution_id, ticket))
