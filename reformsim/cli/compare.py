"""`reformsim compare`: strategies under conditions, on the same luck, up to the report."""
def compare() -> None:
    """X."""
