"""Carrying out runs: side by side in threads, processes or a cluster, and stopped when asked."""
