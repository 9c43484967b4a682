"""``make deploy`` to many accounts: all are looked at before any is changed, and all get the same template."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from scripts import deploy
from scripts.deploy_targets import Target, TargetError, read_targets

if TYPE_CHECKING:
    from pathlib import Path

TEXT = """
# profile   Regions
prod        us-east-1 eu-west-1   # both
sandbox     us-east-1

gov         us-gov-west-1
"""
PROD, WEST, SANDBOX, GOV = (
    Target(profile=profile, region=region)
    for profile, region in (
        ("prod", "us-east-1"),
        ("prod", "eu-west-1"),
        ("sandbox", "us-east-1"),
        ("gov", "us-gov-west-1"),
    )
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of four targets."""
    path = tmp_path / "targets.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


class Organization:
    """Accounts that are ready or not, and deployments that succeed or not; notes what happens where."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.unready: set[str] = set()
        self.failing: set[str] = set()
        self.did: list[str] = []
        for name in ("missing", "deploy", "put_in_force", "synthesize"):
            monkeypatch.setattr(deploy, name, getattr(self, name))

    @staticmethod
    def here() -> str:
        """Returns the current account and Region, as boto3 and the CDK would see them."""
        assert not {"AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN"} & os.environ.keys()
        return f"{os.environ['AWS_PROFILE']} {os.environ['AWS_REGION']}"

    def missing(self) -> list[deploy.Missing]:
        """Returns what is missing here."""
        self.did.append(f"look {self.here()}")
        wanting = [deploy.Missing(what="the CDK's bootstrap stack", remedy="cdk bootstrap")]
        return wanting if self.here() in self.unready else []

    def synthesize(self) -> int:
        """Makes the template."""
        self.did.append("synth")
        return 0

    def deploy(self, *, ask: bool, mend: bool, assembly: Path) -> int:
        """Deploys here."""
        assert assembly == deploy.ASSEMBLY
        self.did.append(f"deploy {self.here()}{'' if ask else ' unasked'}{' mending' if mend else ''}")
        return 3 if self.here() in self.failing else 0

    def put_in_force(self) -> int:
        """Looks at the runbooks here."""
        self.did.append(f"runbooks {self.here()}")
        return 0


@pytest.fixture
def organization(monkeypatch: pytest.MonkeyPatch) -> Organization:
    """Accounts in place of AWS, and somebody's own keys in the environment."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token")
    monkeypatch.setenv("AWS_PROFILE", "mine")
    return Organization(monkeypatch)


def test_a_file_of_targets(file: Path) -> None:
    """A profile and its Regions a line, remarks and empty lines aside."""
    assert read_targets(file) == (PROD, WEST, SANDBOX, GOV)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "names no target"),
        ("# nothing\n\n", "names no target"),
        ("prod\n", "line 1: no Region behind the profile prod"),
        ("\nprod us-east-1 europe\n", "line 2: europe is no Region"),
        ("prod us-east-1\nprod eu-west-1 us-east-1\n", "line 2: prod us-east-1 was named in line 1 already"),
    ],
)
def test_a_file_that_cannot_be_meant(tmp_path: Path, text: str, said: str) -> None:
    """The line is named, and what is wrong with it."""
    path = tmp_path / "targets.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TargetError, match=said):
        read_targets(path)


def test_no_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is not there is said in a sentence."""
    assert deploy.main(["--targets", str(tmp_path / "none")]) == 1
    assert "cannot be read" in capsys.readouterr().out


def test_all_are_looked_at_first_and_get_one_template(organization: Organization, file: Path) -> None:
    """Nothing is deployed before every target was looked at, and the template is made once."""
    assert deploy.main(["--targets", str(file), "--yes"]) == 0
    every = ("prod us-east-1", "prod eu-west-1", "sandbox us-east-1", "gov us-gov-west-1")
    done = [step for each in every for step in (f"deploy {each} unasked", f"runbooks {each}")]
    assert organization.did == [*(f"look {each}" for each in every), "synth", *done]


def test_what_was_changed_is_put_back_everywhere(organization: Organization, file: Path) -> None:
    """``--mend`` goes to every target, and nowhere without being asked for."""
    assert deploy.main(["--targets", str(file), "--mend"]) == 0
    assert sum(step.endswith(" mending") for step in organization.did) == 4


@pytest.mark.parametrize("mend", [False, True])
def test_only_mending_compares_resources(monkeypatch: pytest.MonkeyPatch, *, mend: bool) -> None:
    """An unchanged template is not deployed at all, unless the CDK is told to put back what drifted from it."""
    monkeypatch.setattr(deploy, "_cdk", lambda *words: int("--revert-drift" in words))
    assert deploy.deploy(ask=True, mend=mend) == mend


def test_one_that_is_not_ready_holds_all(
    organization: Organization, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An organization is not left half deployed for want of something that could be seen before."""
    organization.unready = {"sandbox us-east-1", "gov us-gov-west-1"}
    assert deploy.main(["--targets", str(file)]) == 1
    assert all(step.startswith("look ") for step in organization.did)
    assert "nothing was deployed; not ready: sandbox us-east-1, gov us-gov-west-1" in capsys.readouterr().out


def test_a_look_changes_nothing(organization: Organization, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``--check`` looks at all of them and goes no further."""
    assert deploy.main(["--targets", str(file), "--check"]) == 0
    assert len(organization.did) == 4
    assert "nothing that the deployment needs is missing, in 4 targets" in capsys.readouterr().out


def test_a_failure_stops_the_round(organization: Organization, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A template that fails somewhere goes no further; what was done and what was not is said."""
    organization.failing = {"prod eu-west-1"}
    assert deploy.main(["--targets", str(file)]) == 3
    assert organization.did[-1] == "deploy prod eu-west-1"
    said = capsys.readouterr().out
    assert "failed at prod eu-west-1; deployed: 1; not reached: sandbox us-east-1, gov us-gov-west-1" in said


def test_the_environment_is_as_before(organization: Organization, file: Path) -> None:
    """The person's own keys and profile stand where they stood."""
    deploy.main(["--targets", str(file)])
    assert organization.did
    assert (os.environ["AWS_PROFILE"], os.environ["AWS_ACCESS_KEY_ID"]) == ("mine", "AKIAEXAMPLE")
    assert "AWS_REGION" not in os.environ


def test_a_profile_that_is_not_there(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is named, for each target, and nothing is deployed."""
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    assert deploy.main(["--targets", str(file)]) == 1
    said = capsys.readouterr().out
    assert said.count("missing: AWS credentials that work") == 4
    assert "The config profile (gov) could not be found" in said
