"""What tells the operators how Redress is: alarms and the dashboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs import Construct

from infra.alarm_panel import AlarmPanel
from infra.dashboard import Dashboard

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_lambda as lambda_
    from aws_cdk import aws_sns as sns
    from aws_cdk import aws_sqs as sqs

    from infra.dead_letters import DeadLetters
    from infra.knobs import Knobs


class Observability(Construct):
    """Alarms that tell the security topic, and one dashboard."""

    def __init__(  # noqa: PLR0913 - it looks at everything
        self,
        scope: Construct,
        id_: str,
        *,
        denials: sqs.IQueue,
        dead_letters: DeadLetters,
        functions: Mapping[str, lambda_.IFunction],
        on_stream: tuple[str, ...],
        topic: sns.ITopic,
        knobs: Knobs,
    ) -> None:
        super().__init__(scope, id_)
        panel = AlarmPanel(self, "Alarms", topic=topic)
        panel.watch_queues(denials, dead_letters)
        panel.watch_functions(functions, on_stream)
        panel.watch_work(knobs)
        Dashboard(self, "Board", denials=denials, dead_letters=dead_letters, functions=functions, alarms=panel.alarms)
