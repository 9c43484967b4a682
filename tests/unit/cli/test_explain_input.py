"""What ``redress explain`` reads: every shape of file and text, one record at a time."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from redress_cli import reading
from redress_cli.inputs import Inputs
from redress_cli.main import main
from redress_cli.reading import Problem, Record, items_in
from redress_cli.texts import Encoded, Message
from tests.unit.why.cases import cases, named

if TYPE_CHECKING:
    from redress_cli.reading import Item

SAYS = "User: arn:aws:iam::111122223333:user/ann is not authorized to perform: "
REASON = "because no identity-based policy allows the iam:CreateRole action"
MESSAGE = f"{SAYS}iam:CreateRole on resource: arn:aws:iam::111122223333:role/app {REASON}"
RECORD: dict[str, Any] = {"eventSource": "iam.amazonaws.com", "eventName": "CreateRole", "eventID": "one"}
LINE = json.dumps(RECORD)
BLOB = "aZ09-_" * 40


def read(folder: Path, content: str | bytes) -> list[Item]:
    """Returns what a file of this content holds."""
    path = folder / "input"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(items_in(Inputs.of([str(path)])))


def texts(items: list[Item]) -> list[str]:
    """Returns the text of each message."""
    return [item.text for item in items if isinstance(item, Message)]


@pytest.mark.parametrize(
    ("content", "positions"),
    [
        (LINE, ["record 1"]),
        (f"\n\n{LINE}\n", ["record 1"]),
        (f"[{LINE},{LINE}]", ["record 1", "record 2"]),
        (json.dumps({"Records": [RECORD, RECORD]}, indent=2), ["record 1", "record 2"]),
        (f"{LINE}\n\n{LINE}\r\n", ["line 1, record 1", "line 3, record 1"]),
        (f"\ufeff{LINE}\n{LINE}\n", ["line 1, record 1", "line 2, record 1"]),
        (f"{json.dumps(RECORD, indent=2)}\n{LINE}", ["line 1, record 1", "line 6, record 1"]),
        (
            gzip.compress(f"{LINE}\n".encode(), mtime=0) + gzip.compress(LINE.encode(), mtime=0),
            ["line 1, record 1", "line 2, record 1"],
        ),
        (json.dumps(RECORD | {"userAgent": "a\u2028b"}, ensure_ascii=False) + "\n" + LINE, None),
    ],
)
def test_records_are_found_and_placed(tmp_path: Path, content: str | bytes, positions: list[str] | None) -> None:
    """Each record is read, whatever it travels in, and says where it stood."""
    items = read(tmp_path, content)
    assert all(isinstance(item, Record) for item in items)
    assert [item.position for item in items] == (positions or ["line 1, record 1", "line 2, record 1"])


@pytest.mark.parametrize(
    ("content", "kinds", "position"),
    [
        (f"{LINE}\n{{oops\n{LINE}", "RPR", "line 2, column 2"),
        (f"{{oops\n{LINE}", "PR", "line 1, column 2"),
        (LINE.encode() + b"\n{\xff}\n" + LINE.encode(), "RPR", "line 2, byte 1"),
        ('{"Records": [\n' + LINE, "P", f"line 2, column {len(LINE) + 1}"),
        (gzip.compress(f"{LINE}\n{LINE}\n".encode() * 9, mtime=0)[:-9], "", "file"),
        ("[" * 100_000, "P", "line 1"),
        ("good morning", "P", "text"),
    ],
)
def test_what_is_broken_is_placed(tmp_path: Path, content: str | bytes, kinds: str, position: str) -> None:
    """A broken piece is one problem with its position, and the pieces around it are read."""
    items = read(tmp_path, content)
    assert not kinds or "".join(type(item).__name__[0] for item in items) == kinds
    assert next(item.position for item in items if isinstance(item, Problem)) == position


@pytest.mark.parametrize(
    "text",
    [
        MESSAGE.replace(" because", "\nbecause"),
        f"Error: creating IAM Role (app): api error AccessDenied: {MESSAGE}\n│\n│   with aws_iam_role.app,",
        f"[ERROR] {MESSAGE}\n",
        f'[2026-11-21 02:00:00] \\"{MESSAGE}\\n\\"',
        f"{MESSAGE}\n    at throwDefaultError (/app/node_modules/a.js:388:20) {{\n  '$fault': 'client'",
        f'Traceback (most recent call last):\n  File "a.py"\nbotocore.exceptions.ClientError: {MESSAGE}',
    ],
)
def test_a_copied_message_is_read_whatever_stands_around_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    """Line breaks of the terminal, a stack trace and Terraform's frame do not hide what the message says."""
    path = tmp_path / "text"
    path.write_text(text)
    assert main(["explain", "--json", str(path)]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["action"], answer["kind"]) == ("iam:CreateRole", "MISSING_PERMISSION")


@pytest.mark.parametrize("case", cases("pasted.json"), ids=named)
def test_a_message_is_found_in_what_people_paste(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], case: dict[str, Any]
) -> None:
    """The body of an answer, a line of a log, XML and comments give the messages in them, and what those say."""
    path = tmp_path / "text"
    path.write_text(case["text"])
    assert main(["explain", "--json", "--each", str(path)]) == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [{name: answer[name] for name in ("action", "resource", "kind")} for answer in answers] == case["expected"]


@pytest.mark.parametrize(
    "content",
    [
        '{"status": "denied"}',
        '{"text": "not authorized"}',
        '{"a": {"b": ["limit exceeded"]}}',
        '{"oops": "Forbidden"',
    ],
)
def test_json_about_something_else_is_no_message(tmp_path: Path, content: str) -> None:
    """A word such as denied in somebody's JSON is no denial of AWS."""
    (item,) = read(tmp_path, content)
    assert not isinstance(item, Message)


def test_a_broken_line_does_not_hide_the_records_around_it(tmp_path: Path) -> None:
    """Where records follow, what is no JSON is a problem, and no message is taken out of a record."""
    items = read(tmp_path, f"{{oops\n{json.dumps(RECORD | {'errorMessage': MESSAGE})}")
    assert [type(item).__name__ for item in items] == [Problem.__name__, Record.__name__]


def test_several_messages_in_one_text_are_several(tmp_path: Path) -> None:
    """A log with a message on each of its lines gives each of them."""
    log = f"INFO start\nERROR {MESSAGE}\nERROR {SAYS}s3:ListAllMyBuckets\nINFO end"
    first, second = texts(read(tmp_path, log))
    assert "iam:CreateRole" in first
    assert "s3:ListAllMyBuckets" in second


@pytest.mark.parametrize("width", [80, 1000])
def test_an_encoded_message_may_be_broken_by_the_terminal(tmp_path: Path, width: int) -> None:
    """A blob by itself is an encoded message, in one line or in several."""
    lines = "\n".join(BLOB[at : at + width] for at in range(0, len(BLOB), width))
    (item,) = read(tmp_path, lines)
    assert isinstance(item, Encoded)
    assert item.text == BLOB


def test_a_folder_gives_its_logs_only(tmp_path: Path) -> None:
    """Digest files, hidden files and papers beside the logs are left out; sub-folders are not."""
    for name in ("b/two.json", "a/one.json.gz", "README.md", ".hidden.json", "CloudTrail-Digest/x.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(LINE)
    assert [Path(name).name for name in Inputs.of([str(tmp_path)]).files] == ["one.json.gz", "two.json"]


def test_the_size_of_all_files_is_known_and_counted(tmp_path: Path) -> None:
    """The progress display knows how many bytes there are and how many were read; of standard input it doesn't."""
    for name in ("one.json", "two.json"):
        (tmp_path / name).write_text(f"{LINE}\n{LINE}\n")
    inputs = Inputs.of([str(tmp_path)])
    assert inputs.total == 4 * (len(LINE) + 1)
    assert [inputs.position for _ in items_in(inputs)][-1] <= inputs.total
    assert inputs.position == inputs.total
    assert Inputs.of(["-"]).total is None


def test_json_lines_take_the_memory_of_one(tmp_path: Path) -> None:
    """Reading 20 MB of JSON lines takes less than 2 MB."""
    path = tmp_path / "long.jsonl"
    with path.open("w") as file:
        file.writelines(json.dumps(RECORD | {"pad": "x" * 2000}) + "\n" for _ in range(10_000))
    tracemalloc.start()
    try:
        assert sum(1 for _ in items_in(Inputs.of([str(path)]))) == 10_000
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


def test_a_line_without_end_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A document longer than any log, such as a gzip bomb, is a problem and not the end of memory."""
    monkeypatch.setattr(reading, "LONGEST", 1000)
    (item,) = read(tmp_path, gzip.compress(b'{"a": "' + b"x" * 100_000 + b'"}'))
    assert isinstance(item, Problem)


def test_each_needs_json(capsys: pytest.CaptureFixture[str]) -> None:
    """Cards are always grouped, so --each alone is refused."""
    assert main(["explain", "--each", "-"]) == 2
    assert "--each needs --json" in capsys.readouterr().err


def test_a_number_that_python_does_not_read_is_a_problem_of_its_own(tmp_path: Path) -> None:
    """A number of thousands of digits in one record costs that file, and neither the run nor the others."""
    huge = json.dumps({"Records": [RECORD | {"count": 0}]}).replace("0}", "9" * 5_000 + "}")
    (tmp_path / "1.json").write_text(huge)
    (tmp_path / "2.json").write_text(LINE)
    problem, record = items_in(Inputs.of([str(tmp_path)]))
    assert isinstance(problem, Problem)
    assert "is not JSON" in problem.reason
    assert isinstance(record, Record)


def test_the_name_of_a_file_is_shown_without_what_a_terminal_obeys(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder of files that a stranger named cannot colour, rename or clear the terminal by a complaint."""
    (tmp_path / "\x1b]0;owned\x07\x1b[2J\x9b31m\u202ename.json").write_text("[")
    assert main(["explain", "--quiet", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert "name.json" in said
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(said)
