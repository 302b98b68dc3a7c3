"""How every property is tested."""

from __future__ import annotations

from hypothesis import settings

# Machines are shared: how long an example takes says nothing about the code.
settings.register_profile("reformsim", deadline=None, print_blob=True)
settings.load_profile("reformsim")
