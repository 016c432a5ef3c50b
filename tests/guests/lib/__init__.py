"""Helpers of the end-to-end tests: Python 3's standard library only."""
