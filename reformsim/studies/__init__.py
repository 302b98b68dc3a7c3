"""Experiments of fixed design on what the conclusions hang on, and districts they are made in."""
