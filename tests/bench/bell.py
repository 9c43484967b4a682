"""A subscriber that is called when a notice is there, so that waiting for it takes nothing from the sandbox."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from types import TracebackType

HOST = "127.0.0.1"
CONFIRMATION = "SubscriptionConfirmation"


class Bell:
    """Hears a topic over HTTP, confirms its subscription, and says when a text was first in a notice.

    Args:
        sns: A client that may subscribe and confirm.
        topic: The topic's ARN.

    """

    def __init__(self, sns: Any, topic: str) -> None:  # noqa: ANN401 - boto3 clients have no static type here
        self._sns = sns
        self._topic = topic
        self._heard: list[tuple[float, str]] = []
        self._news = threading.Condition()
        self._confirmed = threading.Event()
        self._server = ThreadingHTTPServer((HOST, 0), _asking(self))

    def __enter__(self) -> Self:
        """Listens, subscribes, and returns when the subscription is confirmed."""
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self._sns.subscribe(TopicArn=self._topic, Protocol="http", Endpoint=f"http://{HOST}:{self._server.server_port}")
        if not self._confirmed.wait(30):
            raise RuntimeError(f"no word from {self._topic} to confirm its subscription")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Listens no more."""
        self._server.shutdown()
        self._server.server_close()

    def take(self, kind: str, body: str, at: float) -> None:
        """Takes one message, arrived at a time of ``perf_counter``."""
        if kind == CONFIRMATION:
            self._sns.confirm_subscription(TopicArn=self._topic, Token=json.loads(body)["Token"])
            self._confirmed.set()
            return
        with self._news:
            self._heard.append((at, body))
            self._news.notify_all()

    def rang(self, text: str, *, within: float) -> float:
        """Returns when the first notice with this text arrived, in ``perf_counter``'s seconds.

        Raises:
            RuntimeError: None came within so many seconds.

        """
        with self._news:
            if self._news.wait_for(lambda: self._first(text) is not None, within):
                return self._first(text) or time.perf_counter()
        raise RuntimeError(f"no notice of {text} within {within:.0f} s")

    def _first(self, text: str) -> float | None:
        return next((at for at, body in self._heard if text in body), None)


def _asking(bell: Bell) -> type[BaseHTTPRequestHandler]:
    class Asking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            at = time.perf_counter()
            body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()
            bell.take(self.headers.get("x-amz-sns-message-type", ""), body, at)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    return Asking
