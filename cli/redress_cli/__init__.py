"""The ``redress`` command: the same core for any engineer, with the person's own credentials."""
