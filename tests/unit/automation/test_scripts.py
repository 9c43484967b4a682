"""Scripts in their own process: what they get, what they give, how they end."""

from __future__ import annotations

import os
import sys
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import pytest

from sandbox.automation.happenings import CallApi, Failed, Outcome, Perform, RunScript, Succeeded
from sandbox.automation.performer import RolePerformer
from sandbox.automation.runners import Stepped, Threads
from sandbox.automation.script import Scripts
from tests.unit.automation.fakes import CREDENTIALS, ROLE, Roles

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY = ("execution", 1)


def scripts(python: str = sys.executable) -> Scripts:
    """Returns a place to run scripts in."""
    return Scripts(python=python, endpoint="http://127.0.0.1:1", region="eu-west-1")


def run(body: str, payload: Mapping[str, object] | None = None) -> Outcome:
    """Returns the outcome of a function with the body."""
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    act = RunScript(script=f"def main(events, context):\n{lines}\n", handler="main", payload=payload or {})
    return scripts().run(KEY, act, CREDENTIALS, 30)


@pytest.mark.parametrize(
    ("body", "returned"),
    [
        ("return events['a']", {"b": "{{ c }}"}),
        ("return [1, 'é', None, True, {'x': 1.5}]", [1, "é", None, True, {"x": 1.5}]),
        ("return context", {}),
        ("pass", None),
        ("print('noise'); return 1", 1),
        ("import sys; sys.stdout.write('{\"returned\": 2}'); return 1", 1),
        ("return (1, 2)", [1, 2]),
        ("return __name__", "__automation__"),
        ("return 'x' * 102000", "x" * 102_000),
    ],
)
def test_returned(body: str, returned: object) -> None:
    """What the function returns is the Payload; what it prints is not."""
    assert run(body, {"a": {"b": "{{ c }}"}}) == Succeeded(result={"Payload": returned})


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("raise ValueError('the digest differs')", "ValueError: the digest differs"),
        ("import sys; sys.exit(3)", "SystemExit: 3"),
        ("import os; os._exit(1)", "The script ended without an answer."),
        ("return object()", "is not JSON serializable"),
        ("return 'x' * 103000", "The script returned more than 102400 bytes"),
        ("return [0] * 101", "The script returned a list of more than 100 items"),
    ],
)
def test_failed(body: str, said: str) -> None:
    """A script that raises, dies or returns too much fails its step, and the message says how."""
    outcome = run(body)
    assert isinstance(outcome, Failed)
    assert said in outcome.message


def test_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    """A script sees the role's credentials, the endpoint and the Region, and nothing of the server's environment."""
    monkeypatch.setenv("SECRET_OF_THE_SERVER", "x")
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    outcome = run("import os, sys\nreturn [dict(os.environ), [p for p in sys.path if 'sandbox' in p], os.getcwd()]")
    assert isinstance(outcome, Succeeded)
    environment, own_paths, folder = cast("dict[str, Any]", outcome.result)["Payload"]
    home = environment.pop("HOME")
    assert home == folder
    assert not os.path.exists(home)  # noqa: PTH110 - a path of another process
    environment.pop("LC_CTYPE", None)
    assert own_paths == []
    assert environment == {
        "PATH": os.defpath,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_SESSION_TOKEN": "token",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def test_killed() -> None:
    """A kill ends the script and what it has started."""
    place = scripts()
    body = "import subprocess\nsubprocess.run(['sleep', '60'])"
    script = "def main(events, context):\n" + "\n".join(f"    {line}" for line in body.splitlines())
    outcomes: list[Outcome] = []
    act = RunScript(script=script, handler="main")
    thread = threading.Thread(target=lambda: outcomes.append(place.run(KEY, act, CREDENTIALS, 30)))
    thread.start()
    time.sleep(0.5)
    place.kill(KEY)
    thread.join(5)
    (outcome,) = outcomes
    assert isinstance(outcome, Failed)


def test_killed_before_it_began() -> None:
    """A kill that comes first ends the script as soon as it begins."""
    place = scripts()
    place.kill(KEY)
    began = time.monotonic()
    act = RunScript(script="import time\n\n\ndef main(e, c):\n    time.sleep(60)\n", handler="main")
    assert isinstance(place.run(KEY, act, CREDENTIALS, 30), Failed)
    assert time.monotonic() - began < 5


def order(act: RunScript | CallApi, role: str = ROLE) -> Perform:
    """Returns an order to perform an act."""
    return Perform(execution_id="e", step="s", ticket=1, role_arn=role, session_name="Automation-e", seconds=5, act=act)


def test_no_interpreter() -> None:
    """A missing interpreter fails the step with its name."""
    performer = RolePerformer(credentials=Roles(ROLE), endpoint="http://127.0.0.1:1", region="us-east-1", python="/no")
    outcome = performer.perform(order(RunScript(script="", handler="main")))
    assert isinstance(outcome, Failed)
    assert "/no" in outcome.message


def test_no_role() -> None:
    """A role that was deleted since the start fails the step."""
    performer = RolePerformer(credentials=Roles(), endpoint="http://127.0.0.1:1", region="us-east-1", python="/no")
    outcome = performer.perform(order(RunScript(script="", handler="main")))
    assert outcome == Failed(message=f"The defined assume role is unable to be assumed: {ROLE} does not exist")


def test_no_endpoint() -> None:
    """An endpoint that doesn't answer fails the step."""
    performer = RolePerformer(credentials=Roles(ROLE), endpoint="http://127.0.0.1:1", region="us-east-1", python="/no")
    outcome = performer.perform(order(CallApi(service="sts", api="GetCallerIdentity")))
    assert isinstance(outcome, Failed)
    assert outcome.message.startswith("EndpointConnectionError")


def test_wrong_arguments() -> None:
    """Arguments of a wrong type fail the step before anything is sent."""
    performer = RolePerformer(credentials=Roles(ROLE), endpoint="http://127.0.0.1:1", region="us-east-1", python="/no")
    outcome = performer.perform(order(CallApi(service="iam", api="GetRole", arguments={"RoleName": 1})))
    assert isinstance(outcome, Failed)
    assert outcome.message.startswith("ParamValidationError")


def test_threads_keep_the_order() -> None:
    """Tasks of a key run one after another, also after one has crashed."""
    runner, done = Threads(), threading.Event()
    seen: list[int] = []
    hook, threading.excepthook = threading.excepthook, lambda _: None

    def crash() -> None:
        raise RuntimeError

    for number in range(50):
        runner.submit("a", partial(seen.append, number))
        if number == 25:
            runner.submit("a", crash)
    runner.submit("a", done.set)
    assert done.wait(5)
    for thread in threading.enumerate():
        if thread.name == "automation-a":  # the crashed one may still be telling of its end
            thread.join(5)
    threading.excepthook = hook
    assert seen == list(range(50))


def test_stepped_runs_on_demand() -> None:
    """A stepped runner runs the key that the test names, and can lose a task."""
    runner = Stepped()
    seen: list[str] = []
    for key in ("a", "b", "b", "b"):
        runner.submit(key, partial(seen.append, key))
    assert runner.ready == ["a", "b"]
    assert runner.step("b")
    assert runner.drop("b")
    runner.run()
    assert seen == ["b", "a", "b"]
    assert not runner.step()
    assert not runner.drop("a")
    assert not runner.step("c")
