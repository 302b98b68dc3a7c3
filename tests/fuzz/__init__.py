"""A fuzz program: every kind of file that is read, damaged in many ways, through the real commands.

    make fuzz
    PYTHONPATH=tests python -m fuzz --tries 3000 --kind network --seed 7

`bases.py` makes whole files, `changes.py` damages them, `kinds.py` says which commands read what,
`trying.py` does one try and judges it, `__main__.py` does many, on several processors.
"""
