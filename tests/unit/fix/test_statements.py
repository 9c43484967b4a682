"""The smallest statement: each case of tests/cases/fix/statements.json."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from redress.domain.proposal import Statement
from redress.domain.statement import Drafted, draft, from_json, sid_of, to_json
from redress.domain.verdict import ContextValue
from redress.domain.words import Kind
from tests.unit.fix import builders

CASES = json.loads((Path(__file__).parents[2] / "cases" / "fix" / "statements.json").read_text())


def drafted(case: dict[str, Any]) -> Drafted:
    """Returns the draft for the case's finding."""
    context = tuple(ContextValue(key=key, values=(value,)) for key, value in case.get("context", {}).items())
    found = builders.finding(
        case["action"],
        case["seen"][-1],
        seen=case["seen"],
        source=case.get("source"),
        event=case.get("event"),
        kind=Kind(case.get("kind", "MISSING_PERMISSION")),
        context=context,
    )
    made = draft(found, builders.CATALOGUE)
    assert isinstance(made, Drafted), made
    return made


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_statement_names_what_was_denied_and_no_more(case: dict[str, Any]) -> None:
    """Action, resources and conditions are those that the evidence shows."""
    written = to_json(drafted(case).statement)
    assert written["Action"] == case.get("granted", case["action"])
    assert written["Resource"] == case["resources"]
    if "conditions" in case:
        assert written.get("Condition", {}).get("StringEquals", {}) == case["conditions"]
        assert written.get("Condition", {}).get("Bool", {}) == case.get("booleans", {})


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_written_statement_reads_back_as_itself(case: dict[str, Any]) -> None:
    """Reading what was written gives the same statement, so that Redress knows its own hand."""
    statement = drafted(case).statement
    assert from_json(to_json(statement)) == statement


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_probes_satisfy_the_conditions(case: dict[str, Any]) -> None:
    """Each probe carries a value for every condition that the statement makes."""
    made = drafted(case)
    for probe in made.probes:
        values = {value.key: value.values for value in probe.context}
        assert all(values[one.key][0] in one.values for one in made.statement.conditions)


@pytest.mark.parametrize(
    "change",
    [
        {"Effect": "Deny"},
        {"NotAction": "s3:*"},
        {"Sid": "RedressF1"},
        {"Sid": "Own"},
        {"Action": ["s3:PutObject"]},
        {"Principal": "*"},
    ],
    ids=str,
)
def test_a_changed_statement_is_no_longer_ours(change: dict[str, Any]) -> None:
    """A statement that differs in anything from what Redress writes is somebody else's."""
    statement = Statement(
        sid=sid_of("f-" + "0" * 20), actions=("s3:PutObject",), resources=("arn:aws:s3:::bucket/key",)
    )
    assert from_json({**to_json(statement), **change}) is None


@pytest.mark.parametrize("source", ["ec2.amazonaws.com", "ec2.amazonaws.com.cn"])
def test_in_china_a_service_goes_by_two_names(source: str) -> None:
    """A role passed in a Chinese Region may go to the service under either of its names, and to no other."""
    principal = builders.principal(f"arn:aws-cn:iam::{builders.ACCOUNT}:role/app")
    role = f"arn:aws-cn:iam::{builders.ACCOUNT}:role/worker"
    found = builders.finding("iam:PassRole", role, principal=principal, source=source, event="RunInstances")
    made = draft(found, builders.CATALOGUE)
    assert isinstance(made, Drafted)
    (condition,) = made.statement.conditions
    assert condition.values == ("ec2.amazonaws.com", "ec2.amazonaws.com.cn")


@pytest.mark.parametrize("source", ["s3.amazonaws.com", "s3.amazonaws.com.cn"])
def test_in_china_a_key_is_used_through_a_service_of_one_name(source: str) -> None:
    """KMS writes the services that use a key for their callers without .cn, in all partitions."""
    principal = builders.principal(f"arn:aws-cn:iam::{builders.ACCOUNT}:role/app")
    key = f"arn:aws-cn:kms:cn-north-1:{builders.ACCOUNT}:key/0d990263-018e-4e65-a703-eff731de951e"
    found = builders.finding("kms:Decrypt", key, principal=principal, source=source, event="GetObject")
    found = replace(found, last=replace(found.last, region="cn-north-1"))
    made = draft(found, builders.CATALOGUE)
    assert isinstance(made, Drafted)
    (condition,) = made.statement.conditions
    assert (condition.key, condition.values) == ("kms:ViaService", ("s3.cn-north-1.amazonaws.com",))
