"""Measure what of 120 labelled sources reaches a script, and that cleaning loses no word."""
