"""λ start is called without waiting for it."""

from __future__ import annotations

import pytest
from botocore.exceptions import EndpointConnectionError

from redress.adapters.start_function import StartFunction
from redress.domain.errors import Retry
from tests.fakes_iam import fault


class FakeLambda:
    """Remembers what it is asked to run, or refuses."""

    def __init__(self, refusal: Exception | None = None) -> None:
        self.calls: list[dict[str, object]] = []
        self.refusal = refusal

    def invoke(self, **call: object) -> dict[str, object]:
        """Takes the call, or refuses it."""
        self.calls.append(call)
        if self.refusal:
            raise self.refusal
        return {"StatusCode": 202}


def test_the_call_is_an_event() -> None:
    """Nobody waits for λ start, which runs for as long as SSM makes it wait."""
    functions = FakeLambda()
    StartFunction(functions, "Redress-Start").wake()
    assert functions.calls == [{"FunctionName": "Redress-Start", "InvocationType": "Event", "Payload": b"{}"}]


@pytest.mark.parametrize(
    "refusal", [fault("TooManyRequestsException"), fault("AccessDenied"), EndpointConnectionError(endpoint_url="x")]
)
def test_every_refusal_can_be_waited_out(refusal: Exception) -> None:
    """Whatever Lambda says, λ start's schedule finds the work."""
    with pytest.raises(Retry, match="λ start was not called"):
        StartFunction(FakeLambda(refusal), "Redress-Start").wake()
