"""The runbooks: YAML files whose placeholders the stack fills in, as SSM documents."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml
from aws_cdk import Stack
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from infra.environment import measure
from infra.knobs import KnobError
from infra.names import APPLY_DOCUMENT, RESTORE_DOCUMENT
from infra.runbook_source import script

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER: Final = Path(__file__).parent / "runbooks"
_PLACEHOLDER: Final = re.compile(r"\$\{([A-Za-z]+)\}")
MAX_BYTES: Final = 64 * 1_024
"""Of an SSM document (CreateDocument, MaxDocumentSizeExceeded)."""
_SCRIPT: Final = re.compile(r"\$\{Script:(\w+)\}")
"""Stands for the text of ``infra/runbook_scripts/<name>.py``."""


class RunbookError(ValueError):
    """A runbook file is missing, or names something that the stack doesn't know."""


class Runbooks(Construct):
    """The two documents, which get a new version whenever their file or a baked-in value changes.

    Attributes:
        apply: ``Redress-ApplyPolicyFix``.
        restore: ``Redress-RestorePolicy``.

    """

    def __init__(self, scope: Construct, id_: str, *, values: Mapping[str, object], folder: Path = FOLDER) -> None:
        super().__init__(scope, id_)
        self.apply = self._document("Apply", APPLY_DOCUMENT, values, folder)
        self.restore = self._document("Restore", RESTORE_DOCUMENT, values, folder)

    def _document(self, id_: str, name: str, values: Mapping[str, object], folder: Path) -> ssm.CfnDocument:
        # As one text: of an object CloudFormation makes indented JSON, which counts against SSM's limit
        # (aws-cloudformation-resource-providers-ssm, DocumentModelTranslator).
        content = Stack.of(self).to_json_string(fill_in(load(folder / f"{name}.yaml"), values))
        self._refuse_large(name, content)
        return ssm.CfnDocument(
            self,
            id_,
            name=name,
            document_type="Automation",
            document_format="JSON",
            content=content,
            update_method="NewVersion",
        )

    def _refuse_large(self, name: str, content: str) -> None:
        size = measure(Stack.of(self).resolve(content))
        if size > MAX_BYTES:
            raise KnobError(
                f"the runbook {name} takes up to {size} bytes, SSM allows {MAX_BYTES}: "
                "shorten `approvers`, `second_approvers` or `change_calendars`"
            )


def load(path: Path) -> dict[str, Any]:
    """Returns the parsed document, placeholders and all.

    Raises:
        RunbookError: There is no such file, or it holds no document.

    """
    if not path.is_file():
        raise RunbookError(f"no runbook {path}")
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(document, dict):
        raise RunbookError(f"{path.name} holds no document")
    return document


def fill_in(part: Any, values: Mapping[str, object]) -> Any:  # noqa: ANN401 - any part of a parsed document
    """Returns ``part`` with each ``${Name}`` replaced: a whole text by the value itself, inside a text by its words.

    ``${Script:name}`` becomes the text of a step's script (``infra/runbook_source.py``).

    Raises:
        RunbookError: A placeholder has no value.

    """
    if isinstance(part, dict):
        return {key: fill_in(item, values) for key, item in part.items()}
    if isinstance(part, list):
        return [fill_in(item, values) for item in part]
    return _fill_text(part, values) if isinstance(part, str) else part


def _fill_text(text: str, values: Mapping[str, object]) -> object:
    whole, code = _PLACEHOLDER.fullmatch(text), _SCRIPT.fullmatch(text)
    if code:
        return script(code[1])
    if whole:
        return _value(whole[1], values)
    return _PLACEHOLDER.sub(lambda found: _words(_value(found[1], values)), text)


def _value(name: str, values: Mapping[str, object]) -> object:
    if name not in values:
        raise RunbookError(f"unknown placeholder ${{{name}}}; known are {', '.join(sorted(values))}, Script:name")
    return values[name]


def _words(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
