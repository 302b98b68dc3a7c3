"""Everything a user can get wrong: where it is, what was found, what is allowed, what to do."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reformsim.errors import Problem, ScenarioError
from reformsim.scenario.checking import Typed
from reformsim.scenario.loading import compose, load

HEAD = 'kind = "{}"\ntitle = "T"\n'
SHARE = "a number from 0 to 1"
QUOTES = "text is written in quotation marks"
FORM = "allowed: section.name=value"
YEARS = "a whole number from 1 to 100 (years)"
EVENTS_FILE = "put them in a file of kind condition and give it as a part"
EVENTS = (
    "revenue_shock, recession, permanent_cut, levy_failure, superintendent_departure,"
    " principal_departure, principal_departures, central_departure, teacher_departure,"
    " partner_departure, union_conflict, board_turnover, crisis"
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def problems(*parts: str | Path, overrides: Sequence[str] = ()) -> list[Problem]:
    """Return what is wrong with these parts."""
    with pytest.raises(ScenarioError) as caught:
        compose(*parts, overrides=overrides)
    return caught.value.problems


def problems_in(kind: str, text: str) -> list[Problem]:
    """Return what is wrong with a file of this kind whose text starts on line 3."""
    Path("x.toml").write_text(HEAD.format(kind) + text, encoding="utf-8")
    return problems("x.toml")


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        pytest.param(
            "strategy",
            "[levers]\nspan_of_contol = 12",
            Problem(
                "unknown key",
                "x.toml",
                4,
                "levers.span_of_contol",
                hint="did you mean 'span_of_control'?",
            ),
            id="unknown key",
        ),
        pytest.param(
            "strategy",
            "[levers]\nshock_depth = 0.1",
            Problem(
                "unknown key",
                "x.toml",
                4,
                "levers.shock_depth",
                hint="it belongs in [conditions]",
            ),
            id="key of another section",
        ),
        pytest.param(
            "strategy",
            '[levers]\nextends = ["a"]',
            Problem(
                "unknown key",
                "x.toml",
                4,
                "levers.extends",
                hint="extends belongs at the top of the file, above the first section",
            ),
            id="header below a section",
        ),
        pytest.param(
            "strategy",
            "pipeline = 0.5",
            Problem(
                "unknown key",
                "x.toml",
                3,
                "pipeline",
                allowed="[levers], [[phases]], [adoption], [[grants]]",
                hint="it belongs below [levers]",
            ),
            id="key above its section",
        ),
        pytest.param(
            "strategy",
            "\n[lever]\npipeline = 0.5",
            Problem(
                "unknown section",
                "x.toml",
                4,
                "lever",
                allowed="[levers], [[phases]], [adoption], [[grants]]",
                hint="did you mean 'levers'?",
            ),
            id="unknown section",
        ),
        pytest.param(
            "strategy",
            "[district]\nschools = 3",
            Problem(
                "section not allowed in a strategy",
                "x.toml",
                3,
                "district",
                allowed="[levers], [[phases]], [adoption], [[grants]]",
                hint='kind = "scenario" may hold any',
            ),
            id="section of another kind",
        ),
        pytest.param(
            "strategy",
            "levers = 3",
            Problem("must be a section", "x.toml", 3, "levers", "3", "[levers]"),
            id="section that is a number",
        ),
        pytest.param(
            "strategy",
            "[levers]\n# far\ncohort_intensity = 1.7",
            Problem("out of bounds", "x.toml", 5, "levers.cohort_intensity", "1.7", SHARE),
            id="too large",
        ),
        pytest.param(
            "strategy",
            "levers.span_of_control = -1",
            Problem(
                "out of bounds",
                "x.toml",
                3,
                "levers.span_of_control",
                "-1",
                "a number from 3 to 60 (principals per supervisor)",
            ),
            id="too small",
        ),
        pytest.param(
            "strategy",
            "[levers]\npipeline = true",
            Problem("must be a number", "x.toml", 4, "levers.pipeline", "true", SHARE),
            id="truth value for a number",
        ),
        pytest.param(
            "strategy",
            '[levers]\npipeline = "high"',
            Problem("must be a number", "x.toml", 4, "levers.pipeline", '"high"', SHARE),
            id="text for a number",
        ),
        pytest.param(
            "strategy",
            "[levers]\npilot_months = 2.5",
            Problem(
                "must be a whole number",
                "x.toml",
                4,
                "levers.pilot_months",
                "2.5",
                "a whole number from 0 to 60 (months)",
            ),
            id="fraction for a whole number",
        ),
        pytest.param(
            "strategy",
            "[levers]\npipeline = nan",
            Problem("must be a finite number", "x.toml", 4, "levers.pipeline", "nan", SHARE),
            id="not a number",
        ),
        pytest.param(
            "strategy",
            "[levers]\npipeline = -inf",
            Problem("must be a finite number", "x.toml", 4, "levers.pipeline", "-inf", SHARE),
            id="infinite",
        ),
        pytest.param(
            "strategy",
            "[levers.pipeline]\na = 1",
            Problem("must be a number", "x.toml", 3, "levers.pipeline", "a table", SHARE),
            id="table for a number",
        ),
        pytest.param(
            "condition",
            '[[events]]\ntype = "crisis"\nmonth = 1\nload = 1\n[[events]]\ntype = "crysis"',
            Problem(
                "unknown type of event",
                "x.toml",
                8,
                "events.1.type",
                '"crysis"',
                EVENTS,
                "did you mean 'crisis'?",
            ),
            id="unknown event",
        ),
        pytest.param(
            "condition",
            "[[events]]\nmonth = 1",
            Problem("missing key", "x.toml", 3, "events.0.type", allowed=EVENTS),
            id="event without a type",
        ),
        pytest.param(
            "condition",
            '[[events]]\ntype = "crisis"\nmonth = 1',
            Problem("missing key", "x.toml", 3, "events.0.load", allowed="a number from 0 to 2"),
            id="event without a field",
        ),
        pytest.param(
            "condition",
            '[[events]]\ntype = "superintendent_departure"\nmonht = 2\nmonth = 1',
            Problem(
                "unknown key",
                "x.toml",
                5,
                "events.0.monht",
                hint="did you mean 'month'?",
            ),
            id="unknown field of an event",
        ),
        pytest.param(
            "condition",
            '[[events]]\ntype = "superintendent_departure"\nmonth = 10_000',
            Problem(
                "out of bounds",
                "x.toml",
                5,
                "events.0.month",
                "10000",
                "a whole number from -600 to 1,200",
            ),
            id="event out of time",
        ),
        pytest.param(
            "condition",
            '[[events]]\ntype = "revenue_shock"\nmonth = 1\ndepth = 0.1\npermanent = "yes"',
            Problem(
                "must be true or false",
                "x.toml",
                7,
                "events.0.permanent",
                '"yes"',
                "true or false",
            ),
            id="text for a truth value",
        ),
        pytest.param(
            "condition",
            '[events]\ntype = "crisis"',
            Problem("must be a list of tables", "x.toml", 3, "events", "a table", "[[events]]"),
            id="single brackets around events",
        ),
        pytest.param(
            "strategy",
            "question = 3",
            Problem("must be text", "x.toml", 3, "question", "3"),
            id="question that is a number",
        ),
        pytest.param(
            "strategy",
            "extends = [3]",
            Problem(
                "must be a list of text",
                "x.toml",
                3,
                "extends",
                "a list",
                "names and paths, as text",
            ),
            id="extends a number",
        ),
        pytest.param(
            "strategy",
            'extends = ["web_of_suport"]',
            Problem(
                "unknown name",
                "x.toml",
                3,
                "extends",
                '"web_of_suport"',
                hint="did you mean 'web_of_support'?",
            ),
            id="extends an unknown name",
        ),
        pytest.param(
            "strategy",
            '\nextends = ["other/y.toml"]',
            Problem(
                "cannot be read: no such file or directory",
                "x.toml",
                4,
                "extends",
                '"other/y.toml"',
            ),
            id="extends a missing file",
        ),
        pytest.param(
            "strategy",
            'extends = ["a\\u0000/b"]',
            Problem(
                "cannot be read: it is not a possible path",
                "x.toml",
                3,
                "extends",
                '"a\\u0000/b"',
            ),
            id="extends an impossible path",
        ),
        pytest.param(
            "strategy",
            'extends = ["small-rural"]',
            Problem(
                "a strategy cannot extend a district",
                "x.toml",
                3,
                "extends",
                '"small-rural"',
                hint='a file of kind "scenario" may extend any',
            ),
            id="extends another kind",
        ),
        pytest.param(
            "district",
            '[district]\nnetwork = "ties.csv"',
            Problem("no such file", "x.toml", 4, "district.network", '"ties.csv"'),
            id="network that is not there",
        ),
        pytest.param(
            "strategy",
            "[levers]\npipeline = 1\n\n[levers]",
            Problem(
                "is not TOML: Cannot declare ('levers',) twice at column 8",
                "x.toml",
                6,
                hint="a section may be opened only once",
            ),
            id="section twice",
        ),
    ],
)
def test_one_problem(kind: str, text: str, expected: Problem) -> None:
    assert problems_in(kind, text) == [expected]


def test_unknown_key_like_no_other_lists_the_keys() -> None:
    (horizon,) = problems_in("scenario", "[horizon]\nxyz = 3")
    (coefficient,) = problems_in("scenario", "[coefficients]\nxyz = 3")

    assert horizon.allowed == "years, warm_up_years"
    assert coefficient.hint == "`reformsim params` lists them all"


@pytest.mark.parametrize(
    ("text", "key", "message"),
    [
        ('title = "T"', "kind", "missing key"),
        ('kind = "strategy"', "title", "missing key"),
        ('kind = "strategy"\ntitle = " "', "title", "must not be empty"),
        ('kind = "strategies"\ntitle = "T"', "kind", "unknown kind"),
        ('kind = ["strategy"]\ntitle = "T"', "kind", "unknown kind"),
    ],
)
def test_head_of_a_file(text: str, key: str, message: str) -> None:
    Path("x.toml").write_text(text, encoding="utf-8")

    (problem,) = problems("x.toml")
    assert (problem.key, problem.message) == (key, message)
    assert problem.line == (2 if message == "must not be empty" else 1)
    if key == "kind":
        assert problem.allowed == "district, condition, strategy, scenario"


def test_kind_is_guessed() -> None:
    Path("x.toml").write_text('kind = "strategies"\ntitle = "T"', encoding="utf-8")
    assert problems("x.toml")[0].hint == "did you mean 'strategy'?"


def test_files_that_cannot_be_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("sub").mkdir()
    Path("empty.toml").touch()
    Path("latin.toml").write_bytes('kind = "condition"\ntitle = "Né"'.encode("latin-1"))
    Path("broken.toml").write_text("kind = strategy", encoding="utf-8")
    Path("large.toml").write_text("#" * 300_001, encoding="utf-8")
    parts = ["./sub", "gone.toml", "empty.toml", "latin.toml", "broken.toml", "large.toml"]

    found = problems(*parts, Path("sub"))
    assert list(map(str, found)) == [
        "./sub: cannot be read: it is a folder",
        "gone.toml: cannot be read: no such file or directory",
        "empty.toml:1: is empty",
        "latin.toml:2: is not UTF-8 text (save the file as UTF-8)",
        f"broken.toml:1: is not TOML: Invalid value at column 8 ({QUOTES})",
        "large.toml: cannot be read: it is larger than 300,000 bytes",
        "sub: cannot be read: it is a folder",
    ]


def test_a_file_without_permission(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, _flags: int) -> int:
        raise PermissionError(13, "Permission denied", str(path))

    Path("mine.toml").touch()
    monkeypatch.setattr("reformsim.reading.os.open", refuse)
    assert [str(one) for one in problems("mine.toml")] == [
        "mine.toml: cannot be read: permission denied"
    ]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_waited_for() -> None:
    os.mkfifo("pipe.toml")
    (problem,) = problems("pipe.toml")
    assert problem.message == "cannot be read: it is not an ordinary file"


def test_a_near_file_is_named() -> None:
    Path("my-district.toml").touch()
    assert problems("my-distrct.toml")[0].hint == "did you mean 'my-district.toml'?"
    assert problems("my-district")[0].hint == "did you mean 'my-district.toml'?"
    assert problems("web-of-suport")[0].hint == "did you mean 'web_of_support'?"
    assert "large-urban" in problems("qqq")[0].allowed
    assert problems("x" * 5000)[0].message == "unknown name"
    assert problems(f"./{'x' * 5000}")[0].message == "cannot be read: file name too long"


def test_a_circle_is_shown_as_a_chain() -> None:
    for name, other in [("a", "b"), ("b", "c"), ("c", "a")]:
        Path(f"{name}.toml").write_text(
            HEAD.format("strategy") + f'extends = "./{other}.toml"', encoding="utf-8"
        )

    assert problems("a.toml") == [
        Problem(
            "files extend one another in a circle",
            "c.toml",
            3,
            "extends",
            "a.toml → b.toml → c.toml → a.toml",
        )
    ]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("[district]\nschools = 0\nteachers = 10\nenrolment = 10", [4]),
        ("[district]\nschools = 10\nteachers = 1_000_000_000\nenrolment = 10", [5]),
        ("[district]\nschools = 0\nteachers = 1_000_000_000\nenrolment = 1.5", [4, 5, 6]),
    ],
)
def test_districts_of_impossible_size(text: str, lines: list[int]) -> None:
    found = problems_in("district", text)

    assert [problem.line for problem in found] == lines
    assert all(problem.allowed.endswith(")") for problem in found), "the unit is missing"


def test_sizes_that_do_not_fit_together() -> None:
    (few,) = problems_in("district", "[district]\nenrolment=9\nteachers = 20\nschools = 30")
    assert (few.file, few.line, few.key) == ("x.toml", 5, "district.teachers")
    assert few.message.startswith("teachers (20) are fewer than schools (30)")

    (override,) = problems("mid-size", overrides=["district.teachers=20"])
    assert (override.file, override.line) == ("override", 0)


def test_a_departure_from_a_school_that_is_not_there() -> None:
    text = '[[events]]\ntype = "principal_departure"\nmonth = 1\nschool = '
    (problem,) = problems_in("condition", f"{text}77\n{text}78\n")

    assert (problem.file, problem.line, problem.key) == ("x.toml", 7, "events.1")
    assert "schools are numbered 0 to 77" in problem.message


def test_a_district_with_keys_missing() -> None:
    found = problems_in("district", "\n[district]\nschools = 10")

    assert [(one.line, one.key, one.message) for one in found] == [
        (4, "district.teachers", "missing key"),
        (4, "district.enrolment", "missing key"),
    ]
    assert "mesa-public-schools" in found[0].hint


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        (
            "levers.span_of_contol=10",
            "levers.span_of_contol: unknown key (did you mean 'span_of_control'?)",
        ),
        (
            "pipeline=1",
            f"not an override; found \"pipeline=1\"; {FORM} (did you mean 'levers.pipeline'?)",
        ),
        ("levers.pipeline=", f'not an override; found "levers.pipeline="; {FORM}'),
        ("", f'not an override; found ""; {FORM}'),
        (
            "levers.pipeline=high",
            f'levers.pipeline: must be a number; found "high"; allowed: {SHARE}',
        ),
        (
            "levers.pipeline=0\n[horizon]",
            f'levers.pipeline: must be a number; found "0\\n[horizon]"; allowed: {SHARE}',
        ),
        (
            "horizon.years=1e3",
            f"horizon.years: must be a whole number; found 1000.0; allowed: {YEARS}",
        ),
        ("events.0.month=3", f"events: cannot be overridden ({EVENTS_FILE})"),
        ("district.network=no.csv", 'district.network: no such file; found "no.csv"'),
    ],
)
def test_overrides(override: str, expected: str) -> None:
    assert list(map(str, problems(overrides=[override]))) == [f"override: {expected}"]


def test_an_override_that_was_typed_names_its_option() -> None:
    typed = [Typed("horizon.years=0", "--years"), Typed("a=1", "--set"), "b=1"]
    assert [one.file for one in problems(overrides=typed)] == ["--years", "--set", "override"]


WHOLE = HEAD.format("district") + "[district]\nschools = 3\nteachers = 60\nenrolment = 900\n"


def test_a_part_whose_place_another_one_takes() -> None:
    Path("mine.toml").write_text(WHOLE, encoding="utf-8")

    one, other = problems("mid-size", "large-urban", "mine.toml")
    assert one.file == "scenarios/districts/mid-size.toml"
    assert one.message == "has no effect, since mine takes its place"
    assert one.hint.startswith("give one district")
    assert other.file == "scenarios/districts/large-urban.toml"
    (strategy,) = problems("mid-size", "status_quo", "web_of_support")
    assert strategy.message == "has no effect, since web_of_support takes its place"
    assert strategy.hint.startswith("give one strategy")


def test_a_part_that_changes_another_leaves_it_its_place() -> None:
    Path("few.toml").write_text(
        HEAD.format("district") + "[district]\nteachers = 700", encoding="utf-8"
    )
    Path("more.toml").write_text(
        HEAD.format("district") + 'extends = ["mid-size"]\n[district]\nteachers = 800',
        encoding="utf-8",
    )
    Path("mine.toml").write_text(HEAD.format("strategy") + "levers.pipeline = 1", encoding="utf-8")

    assert load("mid-size", "few.toml").district.teachers == 700
    assert load("mid-size", "more.toml").district.teachers == 800
    assert load("mid-size", "mid-size").district.schools == load("mid-size").district.schools
    assert load("web_of_support", "operations_relief").levers.span_of_control == 12
    assert load("web_of_support", "equity_first").levers == load("equity_first").levers
    assert load("status_quo", "mine.toml").levers.pipeline == 1


def test_an_override_of_no_section() -> None:
    (problem,) = problems(overrides=["lever.pipeline=1"])
    assert (problem.key, problem.message) == ("lever", "unknown section")
    assert problem.hint == "did you mean 'levers'?"


def test_an_enormous_number_is_not_written_out() -> None:
    (problem,) = problems(overrides=[f"levers.pipeline=0x{'f' * 5000}"])
    assert problem.found == "an enormous number"


def test_what_a_terminal_cannot_print_is_spelt_out() -> None:
    texts = ["levers.\udcff=1", "levers.pipeline=\udcff", "\udcff.a=1", "\udcff", "levers.a\nb=1"]
    found = problems("\udcff", "./\ud800", "a\nb/c", overrides=texts)

    assert len(found) == 8
    assert all(str(problem).isprintable() for problem in found)


def test_everything_is_reported_at_once_by_file_and_line() -> None:
    Path("a.toml").write_text(
        HEAD.format("strategy") + 'extends = ["./b.toml", "nobody"]\n[levers]\nx = 1\npipeline = 2',
        encoding="utf-8",
    )
    Path("b.toml").write_text(HEAD.format("strategy") + "[levers]\npipeline = 3", encoding="utf-8")
    Path("c.toml").write_text("kind", encoding="utf-8")

    found = problems("a.toml", "c.toml", "nobody", overrides=["levers.pipeline=4"])
    assert [(one.file, one.line) for one in found] == [
        ("a.toml", 3),
        ("a.toml", 5),
        ("a.toml", 6),
        ("b.toml", 4),
        ("c.toml", 1),
        ("", 0),
        ("override", 0),
    ]


def test_a_bad_value_is_found_even_where_a_later_file_overrides_it() -> None:
    Path("a.toml").write_text(HEAD.format("strategy") + "levers.pipeline = 2", encoding="utf-8")
    assert problems("a.toml", overrides=["levers.pipeline=0.5"])[0].file == "a.toml"


# Lines that mean something make random files reach further than random letters do.
LINES = st.sampled_from(
    [
        'kind = "scenario"',
        'title = "T"',
        'extends = ["stable", "x.toml"]',
        "[levers]",
        "[district]",
        "[[events]]",
        "[events.deep]",
        'type = "crisis"',
        "month = 3",
        "load = 1e999",
        "schools = 3",
        "teachers = 1",
        'network = "\\u0000"',
        "pipeline = [[[]]]",
        '"" = {a.b.c = 1979-05-27}',
        'x = """',
        '"""',
    ]
)


def ends_well(*parts: str | Path, overrides: Sequence[str] = ()) -> None:
    """Compose; only a ScenarioError with problems that can be read may come of it."""
    try:
        load(*parts, overrides=overrides)
        found = []
    except ScenarioError as error:
        found = error.problems or [Problem("")]
    assert all(problem.message for problem in found)
    assert all(str(problem).isprintable() for problem in found)


def survives(content: bytes) -> None:
    """Compose from a file of this content."""
    path = Path("x.toml").absolute()
    path.write_bytes(content)
    ends_well(path)


@settings(max_examples=60)
@given(st.binary(max_size=200))
def test_random_bytes_end_well(content: bytes) -> None:
    survives(content)


@settings(max_examples=60)
@given(st.text(max_size=200))
def test_random_text_ends_well(text: str) -> None:
    survives(text.encode(errors="surrogatepass"))


@settings(max_examples=60)
@given(st.lists(LINES | st.text(max_size=20), max_size=12))
def test_random_lines_end_well(lines: list[str]) -> None:
    survives("\n".join(lines).encode(errors="surrogatepass"))


@settings(max_examples=60)
@given(
    st.lists(st.text(max_size=30) | st.from_regex(r"[a-z]{1,9}\.[a-z_]{1,9}=.{0,9}"), max_size=3)
)
def test_random_overrides_and_names_end_well(texts: list[str]) -> None:
    ends_well(*texts)
    ends_well(overrides=texts)


@pytest.mark.parametrize(("value", "found"), [("ring", '"ring"'), ("3", "3")])
def test_a_choice_that_there_is_not_is_told_with_those_there_are(value: str, found: str) -> None:
    (problem,) = problems("small-rural", overrides=[f"district.advice_structure={value}"])
    assert (problem.found, problem.allowed) == (found, "chosen, random, clustered, star")
