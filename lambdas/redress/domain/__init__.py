"""Pure decisions: the standard library only, no AWS, no clock, no environment."""
