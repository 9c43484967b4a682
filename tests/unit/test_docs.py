"""The papers keep their promises: links lead somewhere, commands exist, the first screen says what matters."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted((*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")))
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} +(.*?)\s*$", re.MULTILINE)
ANCHOR = re.compile(r'<a id="([^"]+)">')
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
# A folder that only one machine has; /tmp and /dev are everywhere.
MACHINE = re.compile(r"(?<![\w.])/(?:work|home|root|Users|mnt)/")
TARGET = re.compile(r"^([a-z-]+):.*## ", re.MULTILINE)
COMMAND = re.compile(r"`make ([a-z-]+)|^make ([a-z-]+)", re.MULTILINE)


@lru_cache(maxsize=64)
def text_of(path: Path) -> str:
    """Returns the text of a page."""
    return path.read_text(encoding="utf-8")


def anchors(path: Path) -> set[str]:
    """Returns the anchors of a page as GitHub makes them: of its headings, and those that are written out."""
    text = FENCE.sub("", text_of(path))
    slugs = (re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in HEADING.findall(text))
    return {*slugs, *ANCHOR.findall(text)}


def broken(page: Path) -> list[str]:
    """Returns the relative links of a page that lead nowhere."""
    links = [link for link in LINK.findall(FENCE.sub("", text_of(page))) if "://" not in link]
    return [link for link in links if not _leads_somewhere(page, link)]


def _leads_somewhere(page: Path, link: str) -> bool:
    name, _, anchor = link.partition("#")
    target = (page.parent / name).resolve() if name else page
    if not target.exists() or ROOT not in (target, *target.parents):
        return False
    return not anchor or anchor in anchors(target)


def name_of(page: Path) -> str:
    """Returns the page's path, for the test report."""
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_somewhere(page: Path) -> None:
    """A relative link names a file of the repository, and its anchor a heading there."""
    assert broken(page) == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_no_page_names_one_machine(page: Path) -> None:
    """No page holds a path that only the machine has that it was written on."""
    assert MACHINE.findall(text_of(page)) == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_make_command_exists(page: Path) -> None:
    """Each ``make`` command that a page shows is a target."""
    targets = set(TARGET.findall(text_of(ROOT / "Makefile")))
    assert {first or second for first, second in COMMAND.findall(text_of(page))} <= targets


def test_the_first_screen_has_problem_picture_and_two_commands() -> None:
    """Before line 40 the README says the problem, shows the picture, and has the two commands that do it all."""
    first = text_of(ROOT / "README.md").splitlines()[:39]
    picture = next(number for number, line in enumerate(first) if line.startswith("!["))
    commands = [line.split("#")[0].strip() for line in first if line.startswith("make ")]
    assert "denied" in " ".join(first[1:picture])
    assert commands == ["make demo", "make test"]


def test_continuous_integration_runs_the_same_commands() -> None:
    """The workflow and .ci/run run the README's test command, and nothing that a person would not."""
    workflow = text_of(ROOT / ".github" / "workflows" / "ci.yml")
    assert re.findall(r"- run: (.*)", workflow) == ["make setup", "make test", "make demo DEMO=--yes"]
    assert [line for line in text_of(ROOT / ".ci" / "run").splitlines() if line.startswith("make")] == [
        "make setup",
        "make test",
    ]
