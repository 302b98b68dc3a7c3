"""Whatever stands in a file that users write, it is read or refused with the reason, soon."""

from __future__ import annotations

import os
import time
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from reformsim.calibration.loading import load_targets, targets_folder
from reformsim.district.network import generate
from reformsim.district.network_files import apply_network, save_network
from reformsim.errors import ReformsimError
from reformsim.experiments.builtin import experiment_folder
from reformsim.experiments.loading import load_experiment
from reformsim.mechanisms import load_mechanisms
from reformsim.scenario.loading import load, scenario_folder

SECONDS = 30
"""Of computing, for one file: machines are shared, and no file here needs one."""
SMALL = load("small-rural")
GRAPH = generate(SMALL, 1, 0)
FEW = generate(load("small-rural", overrides=["district.schools=2", "district.teachers=8"]), 1, 0)
TABLE = "coefficients.trust_new,levers.pipeline\n0.1,0.5\n0.2,1\n0.3,0\n"
HUGE = [
    "1" * 400,
    "0x" + "f" * 5000,
    "-1e308",
    "1e308",
    "1e400",
    "nan",
    "inf",
    "-0.0",
    "5e-324",
    "true",
    "9223372036854775808",
]


def read_experiment(path):
    """An experiment file."""
    load_experiment(path)


def read_table(path):
    """An experiment whose table is the file."""
    text = f'title = "T"\n[design]\nkind = "table"\nfile = "{path.name}"\n'
    path.with_suffix(".toml").write_text(text)
    load_experiment(path.with_suffix(".toml"))


def read_network(path):
    """A network survey."""
    apply_network(GRAPH.copy(), path)


def example(read, suffix):
    """Return a good file of a kind, as bytes."""
    if read is read_table:
        return TABLE.encode()
    if read is read_network:
        path = Path(f"good{suffix}")
        save_network(FEW, path)
        return path.read_bytes()
    names = {
        load: scenario_folder() / "districts" / "small-rural.toml",
        load_targets: targets_folder() / "small-district.toml",
        read_experiment: experiment_folder() / "operational-load.toml",
    }
    return names[read].read_bytes()


KINDS = [
    (load, ".toml"),
    (read_experiment, ".toml"),
    (load_targets, ".toml"),
    (read_table, ".csv"),
    (read_network, ".csv"),
    (read_network, ".graphml"),
]
IDS = ["scenario", "experiment", "targets", "table", "edge list", "graphml"]
every_kind = pytest.mark.parametrize(("read", "suffix"), KINDS, ids=IDS)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def problems(read, path):
    """Read a file and return what is wrong with it, having seen that it took no time."""
    start, found = time.process_time(), []
    try:
        read(path)
    except ReformsimError as error:
        found = error.problems
        assert found
    assert time.process_time() - start < SECONDS
    assert all(problem.message and str(problem).isprintable() for problem in found)
    assert all(len(str(problem)) < 3000 for problem in found)
    return list(map(str, found))


def mutated(data, content):
    """Return content with a few pieces put elsewhere, repeated, cut out or replaced."""
    content = bytearray(content)
    pieces = st.binary(max_size=6) | st.sampled_from([number.encode() for number in HUGE])
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(content)))
        end = start + data.draw(st.integers(0, 40))
        other = data.draw(st.integers(0, len(content)))
        moved = st.just(bytes(content[other : other + 60]))
        content[start:end] = data.draw(pieces | moved)
    return bytes(content)


@every_kind
def test_the_examples_are_good(read, suffix):
    path = Path(f"x{suffix}")
    path.write_bytes(example(read, suffix))
    assert problems(read, path) == []


@every_kind
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_change_of_a_good_file_ends_well(read, suffix, data):
    path = Path(f"x{suffix}")
    path.write_bytes(mutated(data, example(read, suffix)))
    problems(read, path)


@every_kind
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300))
def test_any_bytes_end_well(read, suffix, content):
    path = Path(f"x{suffix}")
    path.write_bytes(content)
    problems(read, path)


@every_kind
@pytest.mark.parametrize("number", HUGE, ids=lambda number: number[:8])
def test_any_number_in_the_place_of_a_number_ends_well(read, suffix, number):
    text = example(read, suffix).decode()
    words = {".toml": [" = 0.", " = 1", "low = ", "high = ", "value = ", "error = "]}
    for word in words.get(suffix, [",0.", ">0."]):
        before, there, after = text.partition(word)
        if there:
            end = len(after) - len(after.lstrip("0123456789.e-_"))
            path = Path(f"x{suffix}")
            name = word.rstrip("01. ") if suffix == ".toml" else word[0]
            path.write_text(f"{before}{name} {number}{after[end:]}", encoding="utf-8")
            problems(read, path)


@every_kind
def test_what_is_no_ordinary_file_is_refused(read, suffix):
    path = Path(f"x{suffix}")
    for make in (
        path.mkdir,
        lambda: path.symlink_to("nowhere"),
        lambda: path.symlink_to(path.name),
        lambda: path.symlink_to("/dev/zero"),
        lambda: os.mkfifo(path),
    ):
        try:
            make()
        except (AttributeError, OSError):
            continue  # Windows has no such thing, or not for everybody.
        (problem, *_) = problems(read, path)
        assert "cannot be read" in problem or "no such file" in problem
        path.rmdir() if path.is_dir() else path.unlink()
    (problem, *_) = problems(read, path)
    assert "cannot be read: no such file" in problem


@every_kind
@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "latin-1"])
def test_another_encoding_is_named(read, suffix, encoding):
    if suffix == ".graphml":
        return  # XML says itself in which encoding it is.
    path = Path(f"x{suffix}")
    path.write_bytes(("é" + example(read, suffix).decode()).encode(encoding))
    (problem, *_) = problems(read, path)
    assert "is not UTF-8 text" in problem


@every_kind
def test_fifty_megabytes_are_refused_at_once(read, suffix):
    path = Path(f"x{suffix}")
    with path.open("wb") as file:
        file.truncate(50_000_000)
    (problem, *_) = problems(read, path)
    assert "larger than" in problem


@every_kind
def test_a_byte_order_mark_and_windows_line_ends_change_nothing(read, suffix):
    path = Path(f"x{suffix}")
    content = example(read, suffix).replace(b"\n", b"\r\n")
    path.write_bytes(b"\xef\xbb\xbf" + content)
    assert problems(read, path) == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfe", "looks like UTF-16"),
        (b"\xe9 = 1", "is not UTF-8 text"),
        (b"#" * 1_000_001, "larger than 1,000,000 bytes"),
        (b"x = (" * 10_000, "cannot be imported"),
        (b"x = 1\n", "declares no mechanism"),
        (b"\xef\xbb\xbfx = 1\r\n", "declares no mechanism"),
    ],
)
def test_mechanisms_that_cannot_be_read(content, words):
    path = Path("x.py")
    path.write_bytes(content)
    (problem,) = problems(load_mechanisms, path)
    assert words in problem


def test_mechanisms_in_a_pipe_or_device():
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no named pipes")
    os.mkfifo("x.py")
    assert "not an ordinary file" in problems(load_mechanisms, Path("x.py"))[0]
    assert "not an ordinary file" in problems(load_mechanisms, Path("/dev/zero"))[0]


class TestTargets:
    @pytest.mark.parametrize(
        "entry",
        [
            "{low = -1e308, high = 1e308}",
            "{value = 1e308, error = 1e308}",
            "{value = 1e16, error = 1}",
            f"{{value = {'1' * 400}, error = 1}}",
            "{low = 0, high = 5e-324}",
        ],
    )
    def test_figures_that_cannot_be_computed_with(self, entry):
        path = Path("x.toml")
        path.write_text(
            f'title = "T"\n[targets]\nprincipal_turnover = {entry}\n'
            '[free."coefficients.trust_new"]\n[sampling]\npopulation = 100\n'
        )
        text = "\n".join(problems(load_targets, path))
        assert "cannot be computed with" in text or "must be a finite number" in text


class TestTables:
    def test_a_wide_or_a_wrong_table_is_left_soon(self):
        path = Path("x.csv")
        for text in (
            ",".join(["a"] * 300_000),
            ",".join(f"c{number}" for number in range(100_000)),
            "levers.pipeline," * 100_000,
            "levers.pipeline\n" + "2\n" * 500_000,
            "levers.pipeline\n" + ",\n" * 500_000,
        ):
            path.write_text(text)
            assert 0 < len(problems(read_table, path)) <= 110

    def test_of_a_file_that_is_no_table_nothing_is_repeated(self):
        path = Path("x.csv")
        path.write_text("root:$6$SALT$HASH:19000:0:99999:7:::\nme:$6$PEPPER\n")
        text = "\n".join(problems(read_table, path))
        assert "its first row names no parameter" in text
        assert not any(word in text for word in ("SALT", "HASH", "PEPPER", "root"))

    def test_a_value_over_several_lines_is_told_with_its_first(self):
        path = Path("x.csv")
        path.write_text('levers.pipeline\n0.5\n"0.\n5"\n')
        (problem,) = problems(read_table, path)
        assert "x.csv:3: levers.pipeline: must be a number" in problem

    @pytest.mark.parametrize("value", ["1_0", "٣", "0,5", "", "x", "NaN", "1" * 400])
    def test_only_plain_numbers_are_numbers(self, value):
        path = Path("x.csv")
        path.write_text(f'levers.pipeline,coefficients.trust_new\n"{value}",0.1\n', "utf-8")
        (problem,) = problems(read_table, path)
        assert "x.csv:2: levers.pipeline" in problem


class TestEdgeLists:
    HEAD = "source,target,kind,trust\n"

    @pytest.mark.parametrize(
        "text",
        [
            "Source,TARGET, Kind ,trust\nprincipal-0,principal-1,cohort,0.95\n",
            "source,target,kind,trust,,\nprincipal-0,principal-1,cohort,0.95,,\n",
            HEAD + 'principal-0,"principal-1","cohort", "0.95"\n',
            HEAD + "\n,,,\n\t\nprincipal-0,principal-1,cohort,9.5e-1\n",
            HEAD.replace("\n", "\r") + "principal-0,principal-1,cohort,0.95\r",
        ],
    )
    def test_what_spreadsheets_write_is_read(self, text):
        graph = apply_network(GRAPH.copy(), "x.csv", content=text.encode())
        assert graph.edges["principal-0", "principal-1", "cohort"]["trust"] == 0.95
        assert graph.edges["principal-1", "principal-0", "cohort"]["trust"] == 0.95

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            (HEAD + "principal-0,principal-1,cohort,1_0\n", "x.csv:2: principal-0 → principal-1"),
            (HEAD + 'principal-0,principal-1,cohort,"0,95"\n', "decimals follow a point"),
            (HEAD + "principal-0,principal-1,cohort,0,95\n", "found 5 cells; allowed: 4"),
            (HEAD + '"a\nb",principal-1,cohort,\nx,y,cohort,7\n', "x.csv:4: x → y: trust"),
            (HEAD + 'principal-0,"prin\ncipal-1,cohort,\n', "x.csv:2: is not CSV"),
            (HEAD + "# a comment\n", "found 1 cell; allowed: 4"),
            ("source\ttarget\tkind\n", "columns are separated by commas"),
            ("source,target,kind,weight\n", 'unknown column "weight"'),
            ("source,target,kind,kind,x\n", "a column is named twice"),
            (HEAD + "a\0b,c,cohort,\n", "or is no text"),
            (HEAD + '"' + "\n" * 200, "longer than any tie"),
            (HEAD + "a" * 20_000, "longer than any tie"),
        ],
    )
    def test_what_cannot_be_used_is_refused_with_its_line(self, text, words):
        Path("x.csv").write_text(text, encoding="utf-8", newline="")
        assert words in "\n".join(problems(read_network, Path("x.csv")))

    def test_of_a_file_that_is_no_edge_list_nothing_is_repeated(self):
        Path("x.csv").write_text("root:$6$SALT:19000\nme:$6$PEPPER\n")
        (problem,) = problems(read_network, Path("x.csv"))
        assert "the header lacks the columns" in problem
        assert not any(word in problem for word in ("SALT", "PEPPER", "root"))

    def test_a_name_that_cannot_be_printed_is_spelt_out(self):
        path = Path(os.fsdecode(b"\xff.csv"))
        (problem,) = problems(read_network, path)
        assert "\\udcff.csv" in problem

    def test_content_that_is_given_is_bounded_too(self):
        with pytest.raises(ReformsimError, match="larger than 33,554,432 bytes"):
            apply_network(GRAPH.copy(), "x.csv", content=bytes(2**25 + 1))

    def test_a_survey_is_read_once_for_many_runs(self, monkeypatch):
        content = (self.HEAD + "principal-0,principal-1,cohort,0.95\n").encode()
        reads = []

        def read(survey, content):
            reads.append(content)
            survey.add(("principal-0", "principal-1"), "cohort", "0.5", 2)

        monkeypatch.setattr("reformsim.district.network_files.read_edge_list", read)
        for _ in range(3):
            apply_network(GRAPH.copy(), "once.csv", content=bytes(bytearray(content)))
        assert len(reads) == 1


class TestPathsThatWereMangled:
    @pytest.mark.parametrize(
        "line",
        [
            r'strategies = ["sub\test.toml"]',
            r'baseline = "sub\test.toml"',
            r'parameter_uncertainty = "data\table.parquet"',
            'design.kind = "table"\n' + r'design.file = "data\table.csv"',
            r'strategies = ["C:\Users\test.toml"]',
        ],
    )
    def test_in_an_experiment(self, line):
        Path("x.toml").write_text(f'title = "T"\n{line}\n')
        text = "\n".join(problems(read_experiment, Path("x.toml")))
        assert r"write / instead of \, or put" in text or "write a path with / instead" in text

    def test_in_targets(self):
        Path("x.toml").write_text('title = "T"\n' + r'scenario = ["sub\test.toml"]' + "\n")
        text = "\n".join(problems(load_targets, Path("x.toml")))
        assert r"\t is a tab" in text


def test_a_whole_number_is_called_one():
    Path("x.toml").write_text('title = "T"\n[design]\nkind = "sobol"\npoints = 0\n')
    text = "\n".join(problems(read_experiment, Path("x.toml")))
    assert "allowed: a whole number from 1 to 1,000,000" in text
