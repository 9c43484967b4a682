"""The Python of the runbooks' ``aws:executeScript`` steps: standard library and boto3, Python 3.11.

Each file here is ordinary, typed, tested Python. ``infra.runbook_source`` joins a step's file with the
files that it imports from here into the one text that SSM runs. SSM resolves double braces in that text
and limits the whole document to 64 KB, so: no double braces, and no line that isn't needed.
"""
