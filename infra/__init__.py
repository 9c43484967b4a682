"""The CDK app's constructs: one per thing you would name in a meeting; ``stack`` only wires and grants."""

from infra.node import prefer_current_node

prefer_current_node()  # before the first import of aws_cdk, which starts Node
