"""Redress: what ships to Lambda, and nothing else."""
