"""What is taken where nothing is named, by the command line too, whose help shows it."""

COMPARED = ("status_quo", "heroic_superintendent", "external_coaching", "web_of_support")
CONDITIONS = ("stable", "severe-recession")
ASKED_UNDER = ("status_quo", "web_of_support")
"""Strategies under which a what-if is asked if the scenario names none."""
SWEPT = "web_of_support"
"""The strategy that a sweep varies."""
CONTRASTED = ("heroic_superintendent", "distributed_leadership")
"""Strategies whose gain is compared with and without the superintendent's departure."""
DEPARTURE = 36
"""The month of that departure: three years after the launch."""
