"""Glassbox's core: a small textbook that runs. Read config.py, then attention.py, gpt.py, sampling.py."""
