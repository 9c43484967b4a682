"""The one ASGI app: MiniStack inside, and around it, in order, what the sandbox adds."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from sandbox import batches, completion, enforcement, fault_deliveries, iam_resources, mail, streams, targets, workers
from sandbox.analyzer import ANALYZE
from sandbox.answers import answering
from sandbox.emulator import MINISTACK
from sandbox.exchange import with_call
from sandbox.faults import faulty
from sandbox.iam_default_version import SET_DEFAULT
from sandbox.iam_simulator import SIMULATE
from sandbox.mail import MAIL
from sandbox.recorder import recording
from sandbox.service_models import services
from sandbox.ssm import automation
from sandbox.sts_decode import DECODE
from sandbox.unserved import UNSERVED

if TYPE_CHECKING:
    from sandbox.automation.service import AutomationService
    from sandbox.exchange import App


class Gateway:
    """The app, and what must be ended with it.

    Attributes:
        app: Its layers, outermost first: the request is read whole, may meet an ordered fault, is
            recorded if it is denied, is answered here, or reaches MiniStack.

    """

    def __init__(self, *, endpoint: str, python: str) -> None:
        iam_resources.install()
        enforcement.install()
        completion.install()
        streams.install()
        targets.install()
        mail.install()
        workers.install()
        batches.install()
        fault_deliveries.install()
        self._automation: AutomationService
        self._automation, runbooks = automation(endpoint=endpoint, python=python)
        app: App = MINISTACK
        answers = (MAIL, DECODE, SIMULATE, SET_DEFAULT, ANALYZE, runbooks, UNSERVED)
        for layer in (answering(answers), recording, faulty, with_call):
            app = layer(app)
        self.app = app
        # The first denied call would otherwise wait for the list of all service models.
        threading.Thread(target=services, daemon=True).start()

    def close(self) -> None:
        """Ends the runbooks' clock and the Lambda worker processes, and removes their folders."""
        self._automation.engine.close()
        workers.close()
