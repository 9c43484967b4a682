"""Waiting for IAM, which is eventually consistent: seconds as a rule, up to a minute or two."""

import time
from collections.abc import Callable

from botocore.exceptions import ClientError

from infra.runbook_scripts.stored import require


def until(fault: Callable[[], str], seconds: float) -> None:
    """Asks until there is no fault, longer and longer apart; refuses with the last fault when time is up."""
    started, pause = time.monotonic(), 0.2
    while said := _asked(fault):
        require(time.monotonic() - started + pause < seconds, said)
        time.sleep(pause)
        pause = min(pause * 2, 10)


def _asked(fault: Callable[[], str]) -> str:
    try:
        return fault()
    except ClientError as error:  # throttled, or not visible yet: as good as "not yet"
        return str(error)
