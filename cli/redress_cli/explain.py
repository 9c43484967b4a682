"""``redress explain``: why calls were denied, from any CloudTrail file or message, without an AWS account.

Output with ``--json``: one JSON object a line; stable keys, null where unknown (docs/explain.md).
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from redress.domain.errors import Refused
from redress.domain.harmless import harmless
from redress_cli.answers import Answer, Answerer
from redress_cli.cards import print_cards
from redress_cli.decoding import Decoding
from redress_cli.groups import Groups
from redress_cli.inputs import Inputs
from redress_cli.progress import progress
from redress_cli.proposing import Proposing
from redress_cli.reading import Problem, items_in

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator


MOST_SAID = 1_000
"""Characters of a complaint: the name of a file, a position, and a reason."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the subcommand's arguments."""
    add = parser.add_argument
    add(
        "input", nargs="+", metavar="FILE", help="CloudTrail JSON, .json.gz, JSON lines, a folder of them, a text, or -"
    )
    add("--json", action="store_true", help="one JSON object per distinct denial, a line each")
    add("--each", action="store_true", help="with --json: one object per record, in input order")
    add("--propose", action="store_true", help="also the smallest fix with its proof, or why there is none")
    add("--policy", action="append", default=[], metavar="FILE", help="with --propose: a policy that the principal has")
    add("--boundary", metavar="FILE", help="with --propose: the principal's permissions boundary")
    add("--decode", action="store_true", help="ask AWS (sts:DecodeAuthorizationMessage) with your credentials")
    add("--quiet", action="store_true", help="no progress bar")


def run(arguments: argparse.Namespace) -> int:
    """Explains every denial of the input; returns 0, or 1 if some input could not be read, 2 if none could."""
    if arguments.each and not arguments.json:
        raise Refused("--each needs --json: cards are always grouped")
    problems: list[Problem] = []
    answerer = Answerer(decoding=Decoding(enabled=arguments.decode))
    proposing = Proposing.from_files(arguments.policy, arguments.boundary) if arguments.propose else None
    answers = _answers(arguments, answerer, problems)
    seen = _each(answers, proposing) if arguments.json and arguments.each else _grouped(answers, arguments, proposing)
    return _exit_code(seen, problems)


def _answers(arguments: argparse.Namespace, answerer: Answerer, problems: list[Problem]) -> Iterator[Answer]:
    inputs = Inputs.of(arguments.input)
    with progress(inputs, quiet=arguments.quiet or (arguments.each and sys.stdout.isatty())) as step:
        for item in items_in(inputs):
            step(item)
            if isinstance(item, Problem):
                problems.append(item)
                _complain(item)
                continue
            answer = answerer.answer(item)
            if isinstance(answer, Problem):
                problems.append(answer)
                _complain(answer)
            else:
                yield answer


def _complain(problem: Problem) -> None:
    said = harmless(f"{problem.source}: {problem.position}: {problem.reason}", MOST_SAID)
    sys.stderr.write(f"redress: {said}\n")


def _each(answers: Iterator[Answer], proposing: Proposing | None) -> int:
    seen = 0
    for answer in answers:
        seen += 1
        extra = proposing.fields((answer,)) if proposing else {}
        _print_json(answer.fields() | extra)
    return seen


def _grouped(answers: Iterator[Answer], arguments: argparse.Namespace, proposing: Proposing | None) -> int:
    groups = Groups()
    for answer in answers:
        groups.add(answer)
    if arguments.json:
        for group in groups.denials():
            extra = proposing.fields(group.answers) if proposing else {}
            _print_json(group.fields() | extra)
    else:
        print_cards(groups, proposing)
    return groups.records


def _print_json(value: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=True) + "\n")


def _exit_code(seen: int, problems: list[Problem]) -> int:
    if not problems:
        return 0
    return 1 if seen else 2
