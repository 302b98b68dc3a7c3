"""The compiled engine: the schedule over arrays, calling the same equations as the reference."""
