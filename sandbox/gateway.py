"""The one ASGI app: MiniStack inside, and around it, in order, what the sandbox adds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ministack.core import lambda_runtime

from sandbox import completion
from sandbox.answers import answering
from sandbox.emulator import MINISTACK
from sandbox.exchange import with_call
from sandbox.iam_simulator import SIMULATE
from sandbox.recorder import recording
from sandbox.sts_decode import DECODE

if TYPE_CHECKING:
    from sandbox.exchange import App, Middleware

ANSWERS: Final = (DECODE, SIMULATE)
LAYERS: Final[tuple[Middleware, ...]] = (with_call, recording, answering(ANSWERS))
"""Outermost first."""


def build(port: int) -> App:
    """Returns the app that answers on that port."""
    del port
    completion.install()
    app: App = MINISTACK
    for layer in reversed(LAYERS):
        app = layer(app)
    return app


def stop_workers() -> None:
    """Ends the Lambda worker processes and removes their folders."""
    lambda_runtime.reset()
