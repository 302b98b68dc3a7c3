"""Files made to take all time and memory, to lead elsewhere, or mangled on their way through TOML."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from reformsim.cli import main
from reformsim.errors import Problem, ScenarioError
from reformsim.messages import MOST_PROBLEMS
from reformsim.scenario.checking import LARGEST
from reformsim.scenario.loading import LONGEST_CHAIN, compose
from reformsim.scenario.toml import DEEPEST, loads, parse_toml

HEAD = 'kind = "strategy"\ntitle = "T"\n'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def problems(*parts: str | Path, overrides: tuple[str, ...] = ()) -> list[Problem]:
    """Return what is wrong with these parts."""
    with pytest.raises(ScenarioError) as caught:
        compose(*parts, overrides=overrides)
    return caught.value.problems


def write(name: str, text: str) -> None:
    """Write a strategy file."""
    Path(name).write_text(HEAD + text, encoding="utf-8")


DEEP = "a." * 30_000 + "a"


class TestDepth:
    @pytest.mark.parametrize(
        "text",
        [
            f"{DEEP} = 1",
            f"\n\n{DEEP.replace('.', ' . ')} = 1",
            f"'a'.{DEEP} = 1",
            f'x = """\n{DEEP}"""\n{DEEP} = 1',
            f"[{DEEP}]",
            f"[[{DEEP}]]",
            f"x = {{{DEEP} = 1}}",
            f"x = [\n{{{DEEP} = 1}}]",
            f'x = "# \\" [" # "\n{DEEP} = 1',
            f"x = '\\'\n{DEEP} = 1",
            f'x = ["""a"""", {{{DEEP} = 1}}]',
            f'x = ["""a\\""""", {{{DEEP} = 1}}]',
            f"x = ['''a''''', {{{DEEP} = 1}}]",
            f"{DEEP} = 1\r",
            "x = " + "[" * 30_000 + "]" * 30_000,
            "x = " + "{a = " * 30_000 + "1" + "}" * 30_000,
            "x = " + "[{a = " * 30_000,
        ],
        ids=lambda text: repr(text[:20]),
    )
    def test_is_bounded_before_anything_is_built(self, text: str) -> None:
        with pytest.raises(ScenarioError) as caught:
            parse_toml(text.encode())
        assert caught.value.problems[0].message == "nested too deeply, more than 16 levels"
        assert caught.value.problems[0].line > 0

    def test_takes_little_time_and_memory_in_the_whole_program(self) -> None:
        write("x.toml", f"{DEEP} = 1")
        code = (
            "import re, sys; from pathlib import Path; from reformsim.cli import main\n"
            "sys.argv = ['reformsim', 'show', 'x.toml']\n"
            "code = main()\n"
            # getrusage would count what the process that started this one had.
            "print(re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1])\n"
            "sys.exit(code)"
        )
        if not Path("/proc/self/status").exists():
            pytest.skip("memory is measured by Linux")
        run = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
        )
        assert run.returncode == 2
        assert "x.toml:3: nested too deeply" in " ".join(run.stderr.split())
        assert int(run.stdout) < 500_000  # kibibytes

    def test_of_an_override_is_bounded_too(self) -> None:
        (problem,) = problems(overrides=(f"levers.pipeline={{{DEEP} = 1}}",))
        assert problem.message == "must be a number"

    @pytest.mark.parametrize(
        "text",
        [
            f'x = "{DEEP}"',
            f"x = '''\n{DEEP}\n'''",
            f"# {DEEP}\nx = 1",
            'x = "' + "[" * 100 + '"',
            "x = [" + "[1], " * 100 + "]",
            "a.b.c.d.e.f.g.h = 1.5",
            'x = """a""""" # "',
            f"x = {'[' * DEEPEST}{']' * DEEPEST}",
        ],
    )
    def test_in_a_text_or_comment_or_side_by_side_is_none(self, text: str) -> None:
        assert loads(text)


class TestSize:
    def test_of_a_file_is_bounded(self) -> None:
        write("x.toml", "#" * LARGEST)
        assert problems("x.toml")[0].message.endswith("larger than 300,000 bytes")

    def test_of_what_is_said_is_bounded(self) -> None:
        write("x.toml", "[levers]\n" + "".join(f"x{n} = 1\n" for n in range(20_000)))
        found = problems("x.toml")
        assert len(found) == MOST_PROBLEMS + 1
        assert found[0].message == "there are more problems; the first 100 are shown"

    @pytest.mark.parametrize("text", ["{0} = 1", "[{0}]\n[{0}]", "x = {{{0} = 1, {0} = 1}}"])
    def test_of_a_message_is_bounded(self, text: str) -> None:
        write("x.toml", text.format("a" * 10_000))
        assert all(len(str(problem)) < 500 for problem in problems("x.toml"))

    def test_of_a_chain_is_bounded(self) -> None:
        for number in range(LONGEST_CHAIN + 5):
            write(f"{number}.toml", f"extends = ['./{number + 1}.toml']")
        (problem,) = problems("0.toml")
        assert problem.message == "more than 50 files extend one another in a row"
        assert problem.file == f"{LONGEST_CHAIN - 1}.toml"

    def test_of_files_that_double_is_bounded(self) -> None:
        write("30.toml", "[levers]\npipeline = 0.5")
        for number in range(30):
            write(f"{number}.toml", f"extends = ['./{number + 1}.toml', './{number + 1}.toml']")
        found = problems("0.toml")
        assert {problem.message for problem in found} == {"more than 1,000 files would be combined"}

    def test_of_a_list_of_files_is_bounded(self) -> None:
        write("x.toml", f"extends = {['nobody'] * 20_000}")
        assert len(problems("x.toml")) <= 1_001


class TestPaths:
    @pytest.mark.parametrize(
        ("line", "hint"),
        [
            (r'network = "C:\Users\x.csv"', "a backslash means something"),
            (r'network = "C:\schools\x.csv"', "a backslash means something"),
            (r'network = "data\xities.csv"', "a backslash means something"),
            (r'network = "data\ties.csv"', r"\t is a tab: write / instead of \, or put"),
            (r'network = "data\new.csv"', r"\n is a line end"),
            (r'network = "data\roads.csv"', r"\r is a carriage return"),
            (r'network = "data\bonds.csv"', r"\b is a backspace"),
            (r'network = "data\friends.csv"', r"\f is a form feed"),
            (r"network = 'data\ties.csv'", r"write / instead of \, or"),
        ],
    )
    def test_that_double_quotation_marks_mangled_get_a_hint(self, line: str, hint: str) -> None:
        if os.sep == "\\" and "'" in line:
            pytest.skip("a backslash separates folders here")
        Path("x.toml").write_text(
            f'kind = "district"\ntitle = "T"\n[district]\n{line}\n', encoding="utf-8"
        )
        (problem,) = problems("x.toml")
        assert (problem.file, problem.line) == ("x.toml", 4)
        assert hint in problem.hint
        assert str(problem).isprintable()

    @pytest.mark.parametrize(
        "value", [r'"C:\Users\x.csv"', r'"data\ties.csv"', '"data\\ties.csv', r'"D:\a\b.csv"']
    )
    def test_in_an_override_too(self, value: str) -> None:
        (problem,) = problems(overrides=(f"district.network={value}",))
        assert r"write / instead of \, or put" in problem.hint

    def test_in_extends_and_parts_too(self) -> None:
        write("x.toml", r'extends = ["sub\test.toml", "sub\none"]')
        assert [r"\t is a tab" in one.hint for one in problems("x.toml")] == [True, False]
        assert r"\n is a line end" in problems("x.toml")[1].hint
        if os.sep == "/":
            assert r"write / instead of \, or" in problems(r"sub\test.toml")[0].hint

    def test_of_every_odd_kind_are_refused_with_the_reason(self) -> None:
        Path("loop.toml").symlink_to("loop.toml")
        Path("loop.csv").symlink_to("loop.csv")
        Path("gone.csv").symlink_to("nowhere.csv")
        Path("sub.csv").mkdir()
        for name, reason in {
            "loop.csv": "too many levels of symbolic links",
            "gone.csv": "no such file",
            "sub.csv": "it is a folder",
            "a" * 300 + ".csv": "file name too long",
            "/dev/zero": "it is not an ordinary file",
            "a\\u0000": "it is not a possible path",
        }.items():
            if name == "/dev/zero" and not Path(name).exists():
                continue
            Path("x.toml").write_text(
                f'kind = "district"\ntitle = "T"\n[district]\nnetwork = "{name}"\n',
                encoding="utf-8",
            )
            (problem,) = problems("x.toml")
            assert reason in problem.message, name
        assert "too many levels" in problems("loop.toml")[0].message


class TestWhatAReceivedFileNames:
    """It is only read, and of a file of another kind no more than a name or a value is shown."""

    SHADOW = "root:$6$SALTSALT$HASHHASHHASH:19000:0:99999:7:::\nme:$6$PEPPER:19000\n"

    def test_text_is_not_repeated(self) -> None:
        Path("shadow").write_text(self.SHADOW, encoding="utf-8")
        write("x.toml", "extends = ['./shadow']")
        text = "\n".join(map(str, problems("x.toml")))
        assert "is not TOML" in text
        assert not any(word in text for word in ("SALT", "HASH", "PEPPER", "root"))

    def test_values_of_unknown_keys_are_not_repeated(self) -> None:
        Path("secrets.toml").write_text(
            'password = "hunter2"\n[aws]\nkey = "AKIA"\n', encoding="utf-8"
        )
        write("x.toml", "extends = ['./secrets.toml']")
        text = "\n".join(map(str, problems("x.toml")))
        assert "unknown key" in text
        assert not any(word in text for word in ("hunter2", "AKIA"))


class TestNumbers:
    @pytest.mark.parametrize("digits", [400, 5_000])
    def test_of_very_many_digits_are_refused_in_few_words(self, digits: int, capsys) -> None:
        number = "1" * digits
        for arguments in (
            ["show", "small-rural", "--set", f"levers.pipeline={number}"],
            ["show", "small-rural", "--set", f"horizon.years={number}"],
            ["run", "small-rural", "--years", number],
            ["run", "small-rural", "--seed", number],
            ["compare", "--replicates", number],
        ):
            assert main(arguments) == 2
            assert len(capsys.readouterr().err) < 400

    @pytest.mark.parametrize("value", ["1e400", "-1e400", "nan", "inf", "1e308", "true", '"0.5"'])
    def test_that_are_none_or_out_of_bounds_are_refused(self, value: str) -> None:
        write("x.toml", f"[levers]\npipeline = {value}\n")
        (problem,) = problems("x.toml")
        assert (problem.file, problem.line, problem.key) == ("x.toml", 4, "levers.pipeline")
        assert problem.allowed == "a number from 0 to 1"
