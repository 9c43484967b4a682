"""The fix as text that the principal's owner would commit: CloudFormation, CDK (Python), Terraform, AWS CLI."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from redress.domain.patch_formats import as_argument, as_hcl, as_json, as_python, as_shell
from redress.domain.policy_document import VERSION
from redress.domain.statement import to_json

if TYPE_CHECKING:
    from redress.domain.proposal import Statement

POLICY_NAME = "redress-fix"
"""Of the inline policy in the patch; the owner renames it at will."""


def patches(kind: str, name: str, statements: tuple[Statement, ...]) -> dict[str, str]:
    """Returns the patch by format.

    Args:
        kind: ``role`` or ``user``.
        name: Of the role or user, without its path.
        statements: What to allow.

    """
    document = {"Version": VERSION, "Statement": [to_json(statement) for statement in statements]}
    return {
        "cloudformation": _cloudformation(kind, name, document),
        "cdk": _cdk(kind, name, statements),
        "terraform": _terraform(kind, name, document),
        "cli": _cli(kind, name, document),
    }


def _cloudformation(kind: str, name: str, document: dict[str, Any]) -> str:
    properties = {f"{kind.title()}Name": name, "PolicyName": POLICY_NAME, "PolicyDocument": document}
    return as_json({"RedressFix": {"Type": f"AWS::IAM::{kind.title()}Policy", "Properties": properties}})


def _cdk(kind: str, name: str, statements: tuple[Statement, ...]) -> str:
    head = f"# {kind} is the iam.{kind.title()} of {name}\n"
    return head + "\n".join(_cdk_statement(kind, statement) for statement in statements)


def _cdk_statement(kind: str, statement: Statement) -> str:
    written = to_json(statement)
    lines = [
        f"{kind}.add_to_principal_policy(",
        "    iam.PolicyStatement(",
        f"        sid={as_python(statement.sid, 8)},",
        f"        actions={as_python(list(statement.actions), 8)},",
        f"        resources={as_python(list(statement.resources), 8)},",
    ]
    if "Condition" in written:
        lines.append(f"        conditions={as_python(written['Condition'], 8)},")
    return "\n".join([*lines, "    )", ")"])


def _terraform(kind: str, name: str, document: dict[str, Any]) -> str:
    return "\n".join(
        [
            f'resource "aws_iam_{kind}_policy" "redress_fix" {{',
            f"  name = {as_hcl(POLICY_NAME)}",
            f"  {kind} = {as_hcl(name)}",
            f"  policy = jsonencode({as_hcl(document, 2)})",
            "}",
        ]
    )


def _cli(kind: str, name: str, document: dict[str, Any]) -> str:
    return as_shell(
        *("aws", "iam", f"put-{kind}-policy", f"--{kind}-name", name, "--policy-name", POLICY_NAME),
        *("--policy-document", as_argument(document)),
    )
