"""The front door: what `import reformsim` offers, and what the command line calls.

`requests` compose and check what is asked for, `results` hold what came of it and show it,
`experiments` runs sweeps and experiments in folders, and `front` has the functions by their public
names. Nothing is imported before a name is used.
"""
