"""A district before it runs: seats and first occupants, the support graph, what is recorded."""
