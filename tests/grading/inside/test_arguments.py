"""In-place changes of arguments reach the tests, and an answer that is an argument is that argument."""

import pytest

from tests.grading.conftest import check, grade
from workflow_scripts.grading.code_grader import CodeGrader, Verdict

IN_PLACE = [
    ("x = [3, 1, 2]", "x.sort()", "x == [1, 2, 3]"),
    ("x = {'a': 1}", "x.update(b=2)", "x == {'a': 1, 'b': 2}"),
    ("x = {1, 2}", "x.discard(1)", "x == {2}"),
    ("x = bytearray(b'ab')", "x.reverse()", "x == b'ba'"),
    ("from collections import deque; x = deque([1, 2], 2)", "x.append(3)", "x == deque([2, 3]) and x.maxlen == 2"),
    ("from collections import Counter; x = Counter('aab')", "x['a'] = 5", "x == Counter(a=5, b=1) and x.total() == 6"),
    ("x = [[1], [2]]; y = x[0]", "x[0].append(5); x.reverse()", "x == [[2], [1, 5]] and x[1] is y"),
    ("x = [[0] * 2] * 2", "x[0][0] = 1", "x == [[1, 0], [1, 0]] and x[0] is x[1]"),
    ("y = [1]; x = (0, y)", "x[1].clear()", "y == []"),
    ("x = [1]", "x.append(x)", "x[1] is x"),
    ("x = [1]", "x.append(len)", "len(x) == 2 and x[1]"),
]


@pytest.mark.parametrize(("given", "change", "then"), IN_PLACE)
def test_changes_in_place_reach_the_tests(grader: CodeGrader, given: str, change: str, then: str) -> None:
    problem = check(given, "assert candidate(x) is None", f"assert {then}")
    assert grade(grader, problem, f"def f(x):\n    {change}\n").verdict is Verdict.PASSED
    assert grade(grader, problem, "def f(x):\n    pass\n").verdict is Verdict.FAILED
    # A function that answers is judged by its answer.
    kept = check(given, "before = repr(x)", "assert candidate(x) == 1", "assert repr(x) == before")
    assert grade(grader, kept, f"def f(x):\n    {change}\n    return 1\n").verdict is Verdict.PASSED


@pytest.mark.parametrize(
    ("line", "aliases", "copies"),
    [
        ("a = [1]; b = candidate(a); b.append(2); assert a == [1]", "x", "list(x)"),
        ("a = [1]; assert candidate(a) is not a", "x", "x[:]"),
        ("a = [[1]]; b = candidate(a); b[0].append(2); assert a == [[1]]", "x[:]", "[y[:] for y in x]"),
        ("a = {1: [2]}; assert candidate(a)[0] is not a[1]", "(x[1],)", "([*x[1]],)"),
        ("a = [1]; assert candidate(x=a) is not a", "x", "x[:]"),
    ],
)
def test_an_alias_of_an_argument_is_seen(grader: CodeGrader, line: str, aliases: str, copies: str) -> None:
    assert grade(grader, check(line), f"def f(x):\n    return {aliases}\n").verdict is Verdict.FAILED
    assert grade(grader, check(line), f"def f(x):\n    return {copies}\n").verdict is Verdict.PASSED
