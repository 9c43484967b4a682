"""Two ways to run an execution's effects: threads for the server, one step at a time for tests."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Threads:
    """One thread per execution that has something to do; it ends when its queue is empty."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queues: dict[str, deque[Callable[[], None]]] = {}

    def submit(self, key: str, task: Callable[[], None]) -> None:
        """Queues a task behind the others of its key."""
        with self._lock:
            if key in self._queues:
                self._queues[key].append(task)
                return
            self._queues[key] = deque([task])
        self._start(key)

    def _start(self, key: str) -> None:
        threading.Thread(target=self._work, args=(key,), name=f"automation-{key}", daemon=True).start()

    def _work(self, key: str) -> None:
        drained = False
        try:
            while task := self._next(key):
                task()
            drained = True
        finally:
            if not drained:  # a task crashed: its thread ends with the traceback, the rest of the queue goes on
                self._start(key)

    def _next(self, key: str) -> Callable[[], None] | None:
        with self._lock:
            queue = self._queues[key]
            if queue:
                return queue.popleft()
            del self._queues[key]
            return None


class Stepped:
    """Runs nothing by itself: a test says which key goes on, so that every order can be tried."""

    def __init__(self) -> None:
        self._queues: dict[str, deque[Callable[[], None]]] = {}

    def submit(self, key: str, task: Callable[[], None]) -> None:
        """Queues a task behind the others of its key."""
        self._queues.setdefault(key, deque()).append(task)

    @property
    def ready(self) -> list[str]:
        """Returns the keys that have a task, oldest key first."""
        return [key for key, queue in self._queues.items() if queue]

    def step(self, key: str | None = None) -> bool:
        """Runs the next task of the key (default: of the first ready one); returns whether there was one."""
        key = key or next(iter(self.ready), None)
        if key is None or not self._queues.get(key):
            return False
        self._queues[key].popleft()()
        return True

    def run(self) -> None:
        """Runs tasks until none is left."""
        while self.step():
            pass

    def drop(self, key: str) -> bool:
        """Loses the next task of the key, as a crash would; returns whether there was one."""
        return bool(self._queues.get(key)) and bool(self._queues[key].popleft())
