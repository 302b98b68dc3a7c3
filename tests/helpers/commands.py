"""What tests of the command line pass on."""

SMALL = ("--years", "1", "--warm-up", "1")
"""Options that make a run quick."""
