"""Many runs: carrying them out on several processors, in an order that does not matter."""
