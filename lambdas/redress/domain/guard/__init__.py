"""What a change could open, told before anybody is asked to sign it (docs/guard.md lists the rules)."""
