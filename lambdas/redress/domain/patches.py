"""The fix as text that the principal's owner would commit: CloudFormation, CDK (Python), Terraform, AWS CLI.

The inline policy and the resource that holds it are named by a digest of whom and what they allow: two patches stand
side by side in one template, and the second command does not replace what the first one put. (In CDK nothing has a
name: the statements join the policy that the role or user has there.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from redress.domain.patch_formats import as_argument, as_hcl, as_json, as_python, as_shell
from redress.domain.policy_document import VERSION
from redress.domain.proposal import canonical_json, sha256
from redress.domain.statement import to_json

if TYPE_CHECKING:
    from redress.domain.proposal import Statement

_DIGITS = 8


def patches(kind: str, name: str, statements: tuple[Statement, ...]) -> dict[str, str]:
    """Returns the patch by format.

    Args:
        kind: ``role`` or ``user``.
        name: Of the role or user, without its path.
        statements: What to allow.

    """
    document = {"Version": VERSION, "Statement": [to_json(statement) for statement in statements]}
    mark = sha256(canonical_json([kind, name, document]))[:_DIGITS]
    return {
        "cloudformation": _cloudformation(kind, name, document, mark),
        "cdk": _cdk(kind, name, statements),
        "terraform": _terraform(kind, name, document, mark),
        "cli": _cli(kind, name, document, mark),
    }


def _policy_name(mark: str) -> str:
    return f"redress-fix-{mark}"


def _cloudformation(kind: str, name: str, document: dict[str, Any], mark: str) -> str:
    properties = {f"{kind.title()}Name": name, "PolicyName": _policy_name(mark), "PolicyDocument": document}
    return as_json({f"RedressFix{mark}": {"Type": f"AWS::IAM::{kind.title()}Policy", "Properties": properties}})


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


def _terraform(kind: str, name: str, document: dict[str, Any], mark: str) -> str:
    return "\n".join(
        [
            f'resource "aws_iam_{kind}_policy" "redress_fix_{mark}" {{',
            f"  name = {as_hcl(_policy_name(mark))}",
            f"  {kind} = {as_hcl(name)}",
            f"  policy = jsonencode({as_hcl(document, 2)})",
            "}",
        ]
    )


def _cli(kind: str, name: str, document: dict[str, Any], mark: str) -> str:
    return as_shell(
        *("aws", "iam", f"put-{kind}-policy", f"--{kind}-name", name, "--policy-name", _policy_name(mark)),
        *("--policy-document", as_argument(document)),
    )
