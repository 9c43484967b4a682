"""The synthesized template, for paths whose defence is a policy."""

from __future__ import annotations

from tests.infra.conftest import assemblies, everything, template

__all__ = ["assemblies", "everything", "template"]
