"""A contest's program is compiled in the dialect that it is written in, and in no other in vain."""

import pytest

from tests.grading.cpp.test_compiled_programs import SUM, grade, script
from workflow_scripts.grading.code_grader import CodeGrader, Verdict
from workflow_scripts.grading.cpp.compiled_programs import CompiledPrograms

CONTEST = {
    "a judge's macro": '#ifndef ONLINE_JUDGE\n#error "at home"\n#endif\nint main() { READ; WRITE; }',
    "g++'s own dialect": "int main() { READ; typeof(a) sum = a + b; std::cout << sum; }",
    "a newer name": "int main() { READ; std::set<int> s{a + b}; if (s.contains(a + b)) WRITE; }",
    "a newer function of an old name": "int main() { READ; std::vector<int> v{a, b}; std::erase(v, 0); WRITE; }",
    "newer words": "template <class T> concept Any = true;\nint main() { READ; WRITE; }",
    "a newer operator": "struct P { int x; auto operator<=>(const P&) const = default; };\nint main() { READ; WRITE; }",
    "newer rules": "struct P { int x, y; };\nint main() { READ; P p(a, b); WRITE; }",
    "the newest name": "#include <string>\nint main() { READ; if (std::string(1, 'a').contains('a')) WRITE; }",
    "an old name of its own": "using namespace std;\nint data[2];\nint main() { READ; data[0] = 1; WRITE; }",
    "an old function": "#include <cstdio>\nint main() { READ; char s[9]; gets(s); WRITE; }",
    "an old specification": "int sum(int a, int b) throw(int) { return a + b; }\nint main() { READ; WRITE; }",
    "an old operator": "int main() { READ; bool c = false; c++; WRITE; }",
    "a macro of that dialect": "int unix = 1;\nint main() { READ; WRITE; }",
}


@pytest.mark.parametrize("what", CONTEST)
def test_a_contest_s_program_is_compiled_as_its_judge_does(grader: CodeGrader, what: str) -> None:
    text = CONTEST[what].replace("READ", "int a, b; std::cin >> a >> b").replace("WRITE", "std::cout << a + b")
    got = grade(grader, SUM, f"#include <iostream>\n#include <set>\n#include <vector>\n{text}\n")
    assert got.verdict is Verdict.PASSED, got


def test_no_other_dialect_is_tried_where_none_could_help(grader: CodeGrader, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []
    compile_in = CompiledPrograms._compiled
    monkeypatch.setattr(
        CompiledPrograms,
        "_compiled",
        lambda self, unit, dialect: (tried.append(dialect.standard), compile_in(self, unit, dialect))[1],
    )
    for body, error in [
        ("int c = 1 return c;", "expected"),
        ("std::cout << total;", "'total' was not declared"),
        ("std::cout << std::max(1, 2LL);", "no matching function"),
        ("std::string s = a;", "conversion"),
    ]:
        got = grade(grader, SUM, script(body))
        assert (got.verdict, error in got.detail) == (Verdict.ERROR, True), got
    assert tried == ["gnu++17"] * 4
