"""A port that cannot be is one sentence, from every command that takes one."""

from __future__ import annotations

import argparse

import pytest

from sandbox import up
from sandbox.demo.__main__ import main as demo_main
from sandbox.ports import port


@pytest.mark.parametrize("text", ["65536", "70000", "-1", "http", "", "1e3", "٣", "8 0"])
def test_no_such_port(text: str) -> None:
    """What is no number, or no port, is named."""
    with pytest.raises(argparse.ArgumentTypeError, match=f"'{text}' is no port: give a number from 1 to 65535"):
        port(text)


@pytest.mark.parametrize("text", ["0", "1", "4566", "65535"])
def test_ports(text: str) -> None:
    """Zero stands for a free one."""
    assert port(text) == int(text)


@pytest.mark.parametrize("main", [demo_main, up.main])
def test_commands_refuse_it_before_anything_starts(main: object, capsys: pytest.CaptureFixture[str]) -> None:
    """Each command exits with its usage and the sentence, not with a traceback."""
    assert callable(main)
    with pytest.raises(SystemExit) as stopped:
        main(["--port", "70000"])
    assert stopped.value.code == 2
    assert "'70000' is no port" in capsys.readouterr().err
