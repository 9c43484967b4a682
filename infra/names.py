"""Names that people, policies and other programs rely on; all else is named by CloudFormation."""

from __future__ import annotations

from typing import Final

STACK: Final = "Redress"
METRICS_NAMESPACE: Final = "Redress"

SYSTEM_PATH: Final = "/redress/system/"
"""IAM path of every role and policy of the stack; ``role/redress/*`` is never a target, nor are its calls denials."""
FIX_POLICY_PREFIX: Final = "policy/redress/redress-"
"""Fix policies: path ``/redress/``, name ``redress-<Region>-<role|user>-<name>``; the stack's own don't match."""

APPLY_DOCUMENT: Final = "Redress-ApplyPolicyFix"
RESTORE_DOCUMENT: Final = "Redress-RestorePolicy"
APPROVALS_TOPIC: Final = "AutomationRedressApprovals"
"""SSM publishes approval requests only to topics whose names begin with ``Automation``."""
EXECUTION_TAG: Final = "redress:proposal"
"""Tag of every Automation execution that Redress starts; its value is the proposal's id."""

ALARM_PREFIX: Final = "Redress-"
DASHBOARD_PREFIX: Final = "Redress-"
"""The Region follows: CloudWatch keeps dashboards for the account as a whole, so that two Regions need two names."""
