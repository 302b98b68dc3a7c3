"""The example of docs/custom-mechanisms.md: paired runs with and without summer institutes."""

from pathlib import Path

from reformsim.mechanisms import load_mechanisms
from reformsim.running.jobs import Job, run_many
from reformsim.scenario.loading import load

institutes = load_mechanisms(Path(__file__).with_name("summer_institutes.py"))
scenario = load("small-rural", "web_of_support")
for name in ("teacher_practice", "principal_practice", "outcome"):
    ends = []
    for mechanisms in (None, institutes):
        runs = run_many([Job(scenario, 1, replicate, mechanisms) for replicate in range(20)])
        ends.append([run.district[name][-12:].mean() for run in runs])
    gains = [after - before for before, after in zip(*ends, strict=True)]
    print(
        f"{name}: without {sum(ends[0]) / 20:.3f}, with {sum(ends[1]) / 20:.3f};"
        f" paired difference {sum(gains) / 20:+.3f} ({min(gains):+.3f} to {max(gains):+.3f})"
    )
