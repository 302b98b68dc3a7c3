"""An experiment in its folder: whole, the same however it was done, extended, repeated."""

from __future__ import annotations

import json
import platform
import threading

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from tiny import RUNS, TINY, assert_same_tables, tables_of, tiny, tiny_file

from reformsim.analysis import run_measures
from reformsim.analysis.effects import pairs_needed
from reformsim.engines import simulate
from reformsim.errors import OutputError, ReformsimError
from reformsim.experiments import rows, storing, streaming
from reformsim.experiments.experiment import Options, StoredExperiment
from reformsim.experiments.loading import load_experiment
from reformsim.experiments.plan import Plan
from reformsim.experiments.precision import Precision, half_width, widest
from reformsim.experiments.rows import Wanted
from reformsim.experiments.runner import Runner
from reformsim.results import manifest, provenance, store
from reformsim.results.checkout import checkout
from reformsim.results.durable import write_whole
from reformsim.running.jobs import Stopped
from reformsim.running.pools import WINDOW, Threads

ONE = Options(workers=1)
RETRY = Options(retry_failed=True)


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """The tiny experiment, done without an interruption by one worker."""
    folder = tmp_path_factory.mktemp("done")
    found = StoredExperiment(folder / "out").run(tiny(folder.parent), ONE)
    assert (found.done, found.failed, found.complete, found.stopped) == (RUNS, 0, True, False)
    return folder / "out"


@pytest.fixture
def copy(done, tmp_path):
    """The same in a folder that may be harmed."""
    import shutil

    return shutil.copytree(done, tmp_path / "copy")


def test_frames_are_the_tables_in_pandas(done):
    frames = StoredExperiment(str(done)).frames()
    tables = tables_of(done)
    for name in ("runs", "series", "events"):
        pd.testing.assert_frame_equal(getattr(frames, name), tables[name])
    assert frames.agents.empty  # not asked for


def test_every_run_of_the_plan_is_there_once_with_its_measures(done, tmp_path):
    runs = tables_of(done)["runs"].set_index("run")
    plan = Plan(tiny(tmp_path))
    assert runs.index.is_unique
    assert set(runs.index) == {run.id for batch in plan.batches() for run in batch.runs}
    batch = next(batch for batch in plan.batches() if batch.reference.replicate == 2)
    run = batch.runs[-1]
    own = simulate(run.scenario, run.seed, run.replicate)
    other = simulate(batch.reference.scenario, run.seed, run.replicate)
    row = runs.loc[run.id]
    assert row["reference"] == batch.reference.id
    assert row["status"] == "done"
    assert {name: row[name] for name in plan.varied} == dict(run.varied)
    for name, value in run_measures(own, other).items():
        np.testing.assert_equal(row[name], value, name)


def test_series_and_events_carry_run_and_month(done, tmp_path):
    tables = tables_of(done)
    run = next(Plan(tiny(tmp_path)).batches()).runs[-1]
    record = simulate(run.scenario, run.seed, run.replicate)
    series = tables["series"].query("run == @run.id")
    assert series["month"].tolist() == [-12, -6, 0, 6, 12, 18]
    kept = np.isin(record.months, series["month"])
    np.testing.assert_array_equal(series["outcome"], record.district["outcome"][kept])
    events = tables["events"].query("run == @run.id")
    assert sorted((e.month, e.kind, e.seat) for e in record.events) == sorted(
        events[["month", "kind", "seat"]].itertuples(index=False, name=None)
    )
    assert tables["agents"].empty


def test_the_number_of_workers_does_not_show(done, tmp_path):
    StoredExperiment(tmp_path / "out").run(tiny(tmp_path), Options(workers=3))
    assert_same_tables(tmp_path / "out", done)


def test_every_agent_is_kept_on_request(tmp_path):
    folder = tmp_path / "out"
    changes = ("outcomes.agents=true", "replicates=1", "horizon.years=1")
    StoredExperiment(folder).run(tiny(tmp_path, *changes))
    agents = tables_of(folder)["agents"]
    assert set(agents["month"]) == {-12, -6, 0, 6}
    assert agents["run"].nunique() == RUNS // 4
    teachers = agents.query("role == 'teacher' and month == 6").groupby("run")["practice"].mean()
    assert teachers.between(0.1, 0.9).all()


def test_a_run_that_fails_becomes_a_row_and_the_others_finish(monkeypatch, done, tmp_path):
    real = Runner.runs
    bad = [batch.runs[-1].id for batch in Plan(tiny(tmp_path)).batches()][:2]

    def broken(runner, batch):
        for name, result in real(runner, batch):
            yield name, ValueError("no\nluck") if name in bad else result

    monkeypatch.setattr(Runner, "runs", broken)
    found = StoredExperiment(tmp_path / "out").run(tiny(tmp_path))
    assert (found.done, found.failed, found.complete) == (RUNS, 2, True)
    runs = tables_of(tmp_path / "out")["runs"].set_index("run")
    assert set(runs.query("status == 'failed'").index) == set(bad)
    assert set(runs.loc[bad, "error"]) == {"ValueError: no; luck"}
    assert runs.loc[bad, "seed"].tolist() == [1, 1]
    assert runs.loc[bad, "leadership_gain_end"].isna().all()
    whole = tables_of(done)["runs"].set_index("run").drop(bad).drop(columns="error")
    pd.testing.assert_frame_equal(runs.drop(bad).drop(columns="error"), whole)


@pytest.fixture
def unlucky(monkeypatch, tmp_path):
    """The tiny experiment, every other batch of which had a run that failed; each is a part."""
    real = Runner.runs
    bad = [batch.runs[-1].id for batch in Plan(tiny(tmp_path)).batches()][::2]

    def broken(runner, batch):
        for name, result in real(runner, batch):
            yield name, OSError("no luck") if name in bad else result

    monkeypatch.setattr(storing, "MOST_RUNS", 1)
    with monkeypatch.context() as patch:
        patch.setattr(Runner, "runs", broken)
        assert StoredExperiment(tmp_path / "out").run(tiny(tmp_path)).failed == len(bad) == 4
        assert StoredExperiment(tmp_path / "out").resume(RETRY).failed == 4  # each fails again
    return tmp_path / "out"


def test_runs_that_failed_are_done_again_when_asked(unlucky, done):
    assert StoredExperiment(unlucky).resume().failed == 4
    found = StoredExperiment(unlucky).resume(RETRY)
    assert (found.done, found.failed, found.complete) == (RUNS, 0, True)
    assert pq.read_table(unlucky / "runs").num_rows == RUNS
    assert_same_tables(unlucky, done)


@pytest.mark.parametrize("writes", range(4))
def test_stopped_while_failed_runs_are_taken_out(monkeypatch, unlucky, done, writes):
    real, left = write_whole, iter(range(writes))

    def stops(*arguments, **options):
        if next(left, None) is None:
            raise KeyboardInterrupt
        real(*arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(store, "write_whole", stops)
        with pytest.raises(KeyboardInterrupt):
            StoredExperiment(unlucky).resume(RETRY)
    assert StoredExperiment(unlucky).resume(RETRY).failed == 0
    assert_same_tables(unlucky, done)


def test_a_reference_that_fails_is_told_in_the_rows_of_its_batch(monkeypatch, tmp_path):
    real = Runner.runs
    first = next(Plan(tiny(tmp_path)).batches()).reference.id

    def broken(runner, batch):
        for name, result in real(runner, batch):
            yield name, ReformsimError("broke") if name == first else result

    monkeypatch.setattr(Runner, "runs", broken)
    assert StoredExperiment(tmp_path / "out").run(tiny(tmp_path)).failed == 3
    failed = tables_of(tmp_path / "out")["runs"].query("status == 'failed'")
    assert set(failed["reference"]) == {first}
    told = failed.loc[failed["run"] != first, "error"]
    assert set(told) == {"its reference failed: broke"}


def least_known(folder, measure):
    """Return the half-width of the widest interval of a measure."""
    found = widest(folder, Precision(measure, 1.0))
    assert found is not None
    return found.half_width


def test_batches_are_not_taken_on_faster_than_they_are_done(monkeypatch, tmp_path):
    gate = threading.Event()
    taken = []

    def batches():
        for batch in Plan(tiny(tmp_path, "replicates=50")).batches():
            taken.append(batch)
            yield batch

    monkeypatch.setattr(streaming, "simulate_batch", lambda batch, *_: gate.wait() and batch)
    pool = Threads(2)
    stop = threading.Event()
    plan = Plan(tiny(tmp_path))
    wanted = Wanted.by(plan.experiment, plan.varied)
    found = streaming.stream(batches(), pool, wanted, stop)
    reader = threading.Thread(target=next, args=(found,))
    reader.start()
    reader.join(0.3)
    assert len(taken) == WINDOW * 2 + 1  # the last one waits until there is room for it
    gate.set()
    reader.join()
    next(found)
    stop.set()
    assert len(list(found)) == WINDOW * 2 - 1
    pool.close()


def test_going_on_with_what_is_complete_changes_nothing(copy, done):
    before = sorted(path.name for path in copy.rglob("*"))
    assert StoredExperiment(copy).resume().complete
    assert sorted(path.name for path in copy.rglob("*")) == before
    assert_same_tables(copy, done)


@pytest.mark.parametrize("table", ["runs", "series", "events", "checksums"])
def test_a_damaged_part_is_told_set_aside_and_done_again(copy, done, table):
    (path,) = (copy / table).iterdir()
    content = bytearray(path.read_bytes())
    content[20] ^= 8
    path.write_bytes(content)
    (note,) = StoredExperiment(copy).status().notes
    assert "part 1 is damaged" in note
    heard: list[str] = []
    found = StoredExperiment(copy).resume(Options(tell=heard.append))
    assert found.complete
    assert len(heard) == len(found.notes) == 1
    assert f"It was moved to {copy / 'damaged'}, and its runs are repeated" in heard[0]
    assert bytes(content) in [path.read_bytes() for path in copy.glob("damaged/*/*")]
    assert_same_tables(copy, done)
    assert StoredExperiment(copy).status().notes == ()


def test_more_replicates_and_another_strategy_reuse_what_is_there(copy, tmp_path, monkeypatch):
    carried_out: list = []
    real = Runner.runs

    def counted(runner, batch):
        carried_out.extend(run.id for run in batch.runs)
        return real(runner, batch)

    before = set(tables_of(copy)["runs"]["run"])
    monkeypatch.setattr(Runner, "runs", counted)
    found = StoredExperiment(copy).extend(replicates=5, strategies=["heroic_superintendent"])
    assert found.done == 2 * 5 * (1 + 2 + 2)
    assert len(carried_out) == found.done - RUNS
    assert not before & set(carried_out)
    wider = tiny(tmp_path, "replicates=5").model_dump()
    wider["strategies"] = ("status_quo", "web_of_support", "heroic_superintendent")
    StoredExperiment(tmp_path / "at-once").run(type(tiny(tmp_path)).model_validate(wider))
    assert_same_tables(copy, tmp_path / "at-once")


def test_an_experiment_cannot_be_made_smaller(copy):
    with pytest.raises(
        ReformsimError, match=r"only be extended; found 2 replicates; allowed: 4 or"
    ):
        StoredExperiment(copy).extend(replicates=2)


def test_a_scenario_file_may_change_after_the_beginning(tmp_path):
    strategy = tmp_path / "mine.toml"
    strategy.write_text('kind = "strategy"\ntitle = "Mine"\n[levers]\nspan_of_control = 5\n')
    text = TINY.replace('"web_of_support"', f'"{strategy}"').split("[levers]")[0]
    StoredExperiment(tmp_path / "out").run(load_experiment(tiny_file(tmp_path, text)))
    before = tables_of(tmp_path / "out")["runs"]
    strategy.write_text('kind = "strategy"\ntitle = "Mine"\n[levers]\nspan_of_control = 9\n')
    found = StoredExperiment(tmp_path / "out").extend(replicates=5)
    assert found.complete
    after = tables_of(tmp_path / "out")["runs"]
    assert before["run"].isin(after["run"]).all()
    assert len(after) == 20


def test_a_run_can_be_repeated_exactly_with_every_agent(copy):
    run = tables_of(copy)["runs"].query("strategy == 'web_of_support'")["run"].iloc[3]
    found = StoredExperiment(copy).rerun(run)
    assert (found.different, found.error, found.notes) == ({}, "", ())
    assert found.compared >= 25
    assert found.folder == copy / "reruns" / run
    agents = pd.read_parquet(found.folder / "agents.parquet")
    assert agents["month"].nunique() == 36
    assert set(agents["role"]) >= {"superintendent", "principal", "teacher"}
    principals = (
        agents.query("role == 'principal' and vacant == 0").groupby("month")["practice"].mean()
    )
    series = pd.read_parquet(found.folder / "series.parquet").set_index("month")
    np.testing.assert_allclose(principals, series["principal_practice"], rtol=1e-12)


def test_a_repeated_run_that_differs_is_told(monkeypatch, copy):
    run = tables_of(copy)["runs"]["run"].iloc[0]
    real = run_measures
    monkeypatch.setattr(rows, "run_measures", lambda *a: real(*a) | {"cost_per_pupil": 1.0})
    found = StoredExperiment(copy).rerun(run)
    assert set(found.different) == {"cost_per_pupil"}
    assert found.different["cost_per_pupil"][1] == 1.0


def test_an_unknown_run_is_told(copy):
    with pytest.raises(ReformsimError, match=r"no run of this experiment has this id; found abc"):
        StoredExperiment(copy).rerun("abc")


@pytest.mark.parametrize("what", ["source", "numba", "python"])
def test_numbers_of_two_models_are_not_mixed(monkeypatch, copy, what):
    recipe = manifest.read_manifest(copy)
    if what == "source":
        recipe["source"] = "0" * 16
    else:
        recipe["versions"][what] = "0.0"
    manifest.write_manifest(copy, recipe)
    before = sorted(path.name for path in copy.rglob("*"))
    with pytest.raises(ReformsimError, match=r"was begun with.*not to be mixed"):
        StoredExperiment(copy).resume()
    assert sorted(path.name for path in copy.rglob("*")) == before


def test_a_damaged_recipe_is_told_and_can_be_written_anew(copy, done, tmp_path):
    path = copy / "manifest.json"
    path.write_text(path.read_text().replace('"seed": 1', '"seed": 2'))
    with pytest.raises(manifest.DamagedManifest, match=r"reformsim experiment run FILE --out"):
        StoredExperiment(copy).resume()
    before = {path.name for path in copy.glob("runs/*")}
    found = StoredExperiment(copy).run(tiny(tmp_path))
    assert found.complete
    assert {path.name for path in copy.glob("runs/*")} == before  # nothing was done again
    assert_same_tables(copy, done)


def test_a_lost_recipe_does_not_let_two_models_mix(monkeypatch, copy, tmp_path):
    (copy / "manifest.json").unlink()
    monkeypatch.setattr(provenance, "source_hash", lambda: "another")
    with pytest.raises(OutputError, match="another version of the model"):
        StoredExperiment(copy).run(tiny(tmp_path))


def test_what_is_in_the_way_is_left_alone(copy, tmp_path):
    with pytest.raises(OutputError, match=r'holds an experiment already; found "A tiny'):
        StoredExperiment(copy).run(tiny(tmp_path))
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.tex").write_text("all of it")
    with pytest.raises(OutputError, match="the folder is not empty"):
        StoredExperiment(other).run(tiny(tmp_path))
    assert [path.name for path in other.iterdir()] == ["thesis.tex"]
    with pytest.raises(OutputError, match="cannot be written: file exists"):
        StoredExperiment(other / "thesis.tex").run(tiny(tmp_path))


def test_the_recipe_is_complete(done):
    recipe = json.loads((done / "manifest.json").read_text())
    assert recipe["experiment"]["replicates"] == 4
    assert recipe["runs"] == RUNS
    assert recipe["varied"] == ["conditions.superintendent_turnover", "levers.span_of_control"]
    assert [scenario["cell"][2] for scenario in recipe["scenarios"]] == [
        "status_quo",
        "web_of_support",
    ]
    assert all(len(scenario["coefficients"]) > 50 for scenario in recipe["scenarios"])
    assert recipe["versions"]["numba"]
    assert recipe["git"] == checkout()
    assert recipe["platform"]["machine"] == platform.machine()


def test_replicates_are_added_until_an_interval_is_narrow_enough(copy, done):
    wanted = Precision("leadership_gain_end", least_known(done, "leadership_gain_end") / 2)
    heard: list[str] = []
    found = StoredExperiment(copy).extend(Options(tell=heard.append), precision=wanted)
    assert found.complete
    assert found.done > RUNS
    assert least_known(copy, wanted.measure) <= wanted.half_width
    assert "leadership_gain_end is known to ±" in heard[0]
    assert manifest.read_manifest(copy)["precision"] == wanted._asdict()


def test_a_precision_that_is_not_reached_is_told(monkeypatch, copy):
    monkeypatch.setattr("reformsim.experiments.experiment.MOST_REPLICATES", 4)
    found = StoredExperiment(copy).extend(precision=Precision("leadership_gain_end", 1e-9))
    (note,) = found.notes
    assert note.startswith("the precision was not reached: small-rural, stable, web_of_support")


def test_a_precision_that_cannot_be_judged_is_told(copy):
    found = StoredExperiment(copy).extend(precision=Precision("retention_60", 0.1))
    (note,) = found.notes
    assert note.startswith("no run has a retention_60 that can be compared")


def test_a_measure_that_is_no_difference_is_compared_with_the_reference(done):
    runs = tables_of(done)["runs"]
    base = runs.set_index("run")["teacher_turnover"]
    web = runs.query("strategy == 'web_of_support'")
    differences = web["teacher_turnover"].to_numpy() - base[web["reference"]].to_numpy()
    spread = pd.Series(differences).groupby(web["point"].to_numpy()).std().max()
    assert least_known(done, "teacher_turnover") == pytest.approx(half_width(4, spread))


def test_the_pairs_that_are_needed():
    # 1.96² × 0.04 ÷ 0.0001 = 1,537, and a few more for Student's t.
    assert pairs_needed(0.2, 0.01) == 1540
    assert half_width(1540, 0.2) <= 0.01 < half_width(1539, 0.2)
    assert pairs_needed(0.0, 0.01) == 2


@pytest.mark.parametrize("text", ["", "x", "x=", "=1", "x=0", "x=-1", "x=nan", "x=inf"])
def test_what_is_no_precision(text):
    with pytest.raises(ReformsimError, match="MEASURE=HALFWIDTH"):
        Precision.parse(text)


def test_a_worker_with_another_model_is_refused():
    pytest.importorskip("distributed")
    from reformsim.running.cluster import _called

    with pytest.raises(ReformsimError, match=r"other sources of reformsim .* same version"):
        _called("another", pytest.fail)


def test_an_error_stores_what_is_finished_and_says_how_to_go_on(monkeypatch, done, tmp_path):
    real = streaming.stream

    def breaks(*arguments):
        for number, found in enumerate(real(*arguments)):
            if number == 2:
                raise ReformsimError("the Dask cluster has gone")
            yield found

    folder = tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr(storing, "stream", breaks)
        with pytest.raises(
            ReformsimError, match=r"gone .*stored; then: reformsim experiment resume"
        ):
            StoredExperiment(folder).run(tiny(tmp_path))
    assert StoredExperiment(folder).status().done == 6
    assert StoredExperiment(folder).resume().complete
    assert_same_tables(folder, done)


def test_stopped_before_the_first_run_of_a_batch_has_ended_it_says_so(monkeypatch, done, tmp_path):
    def stops(self, reference):
        self.stop.set()
        raise Stopped

    folder = tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr(Runner, "_outcome", stops)
        found = StoredExperiment(folder).run(tiny(tmp_path), ONE)
    assert (found.done, found.stopped) == (0, True)
    assert not store.parts(folder)
    assert StoredExperiment(folder).resume().complete
    assert_same_tables(folder, done)


def test_wrong_options_are_all_told_before_anything_is_made(tmp_path):
    with pytest.raises(ReformsimError) as caught:
        StoredExperiment(tmp_path / "out").run(
            tiny(tmp_path), Options(executor="dsk"), Precision("retention_600", 1)
        )
    assert len(caught.value.problems) == 2
    assert "did you mean 'dask'" in str(caught.value)
    assert "did you mean 'retention_60'" in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_large_tables_are_written_in_parts(monkeypatch, tmp_path, done):
    monkeypatch.setattr(storing, "MOST_RUNS", 1)
    StoredExperiment(tmp_path / "out").run(tiny(tmp_path))
    assert len(store.parts(tmp_path / "out")) == 8  # one a batch
    assert_same_tables(tmp_path / "out", done)


def test_a_clock_that_goes_backwards_does_no_harm(monkeypatch, tmp_path, done):
    import itertools
    import time

    backwards = itertools.count(2_000_000_000, -86_400)
    monkeypatch.setattr(time, "time", lambda: next(backwards))
    monkeypatch.setattr(time, "strftime", lambda *_: f"the day {next(backwards)}")
    StoredExperiment(tmp_path / "out").run(tiny(tmp_path))
    assert_same_tables(tmp_path / "out", done)
