"""A problem is one line, whatever the names in it are."""

from reformsim.errors import Problem


def test_a_name_with_a_line_end_is_no_second_problem() -> None:
    problem = Problem("is missing", "new\nline", hint="'reformsim show new\nline' says more")
    assert str(problem) == r"new\nline: is missing ('reformsim show new\nline' says more)"
