"""What can be said: parameters, events, scenarios, and the files they come from."""

from .conditions import Conditions, District
from .schema import Scenario, parameters

__all__ = ["Conditions", "District", "Scenario", "parameters"]
