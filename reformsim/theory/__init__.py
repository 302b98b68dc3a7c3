"""The science: one module of scalar equations per mechanism, chance, the schedule, the measures."""
