"""Measurements side by side, and pictures of what a person sees."""
