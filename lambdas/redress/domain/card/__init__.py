"""One card per finding, and its renderings: what the on-call person, the approver and machines are shown."""
