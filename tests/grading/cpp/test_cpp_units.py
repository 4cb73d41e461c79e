"""C++ tests and programs as two units: the signature that joins them, and what each of them holds."""

import resource
import subprocess
import sys
from typing import Any

import pytest

from tests.grading.cpp.cpp_problems import problem, program_of
from workflow_scripts.grading.cpp import cpp_units
from workflow_scripts.grading.cpp.cpp_units import Parameter, candidate_unit, plain_unit, signature_of
from workflow_scripts.grading.verdicts import UnsupportedTests


@pytest.mark.parametrize(
    ("head", "return_type", "parameters"),
    [
        ("int f(int x) {", "int", [("int", "x", "")]),
        ("long long f( ) {", "long long", []),
        ("inline bool f(void)\n{", "bool", []),
        ("vector<int>f(vector<int>l, const map<string, int> &m){", "vector<int>", 2),
        ('string f(string s = "a,b){", int = 3) noexcept {', "string", 2),
        ("int f(unsigned int, long long) {", "int", 2),
        ("// int f(char c) {\n/* f(1) { */\n#define F f(2) {\nint f(/* a, */ int x) {", "int", [("int", "x", "")]),
        ("int f(int x);\nint g(int y) { return f(y); }\nint f(int x) {", "int", [("int", "x", "")]),
        ("struct S { int f(char c) { return 1; } };\nint f(int x) { // It's {", "int", [("int", "x", "")]),
    ],
)
def test_the_signature_is_that_of_the_last_definition(head: str, return_type: str, parameters: Any) -> None:
    signature = signature_of(problem(head))
    assert signature.return_type == return_type
    if isinstance(parameters, int):
        assert len(signature.parameters) == parameters
    else:
        assert signature.parameters == tuple(Parameter(*parameter) for parameter in parameters)


def test_names_types_and_defaults_are_taken_apart() -> None:
    head = (
        'string f(vector<pair<int, int>>l, const string &s = "a,b){", unsigned int, map<int, string>::value_type v) {'
    )
    assert signature_of(problem(head)).parameters == (
        Parameter("vector<pair<int, int>>", "l", ""),
        Parameter("const string &", "s", ' = "a,b){"'),
        Parameter("unsigned int", "split_tests_parameter_2", ""),
        Parameter("map<int, string>::value_type", "v", ""),
    )


@pytest.mark.parametrize(
    "head",
    [
        "",
        "int g(int x) {",
        "int f(int x);",
        "class Solution { public: int f(int x) {",
        "void f(int x) {",
        "auto f(int x) {",
        "template <class T> T f(T x) {",
        "int f(int x[]) {",
        "int f(int (*g)(int)) {",
        "int f(int x, ...) {",
    ],
)
def test_a_prompt_without_a_usable_definition_is_unsupported(head: str) -> None:
    with pytest.raises(UnsupportedTests, match="problem cpp/1: "):
        cpp_units.tester_unit(problem(head))


def test_the_candidate_s_unit_holds_no_test_and_the_tests_unit_no_completion() -> None:
    row = problem("int helper() { return 1; }\nint f(int x) {", "int main() { assert(f(1) == 424242); }")
    program = program_of(row, "    return 171717;")
    candidate, tester = candidate_unit(row, program), cpp_units.tester_unit(row)
    assert "424242" not in candidate
    assert program in candidate
    assert "171717" not in tester
    assert "int helper()" in tester
    assert plain_unit(row, program) == f"{program}\n{row['tests']['code']}\n"


def test_text_that_is_no_code() -> None:
    text = """
int f(int x) { return 1'000; } // g(1) { \\
int g() {
L'{'; u8"{"; LR"x({)" )x"; /* { */
#define BRACE "{ /*" // {
int h() {
R"( int i() {
"""
    assert cpp_units.functions_of(text) == {"f", "h"}
    assert cpp_units.words_of(text) >= {"define", "BRACE", "h"}
    assert not cpp_units.words_of(text) & {"g", "i", "L", "LR"}


HOSTILE = r"""
from workflow_scripts.grading.cpp import cpp_units
MARKS = ['R"a(', 'R"a()b"', "(", ") ", "/*", "f(", "f ( ) ", "f(){", "}", "1", "a", '"', '\\"', "'", "\\'",
         "#\\\n", "# ", "\t", "main( ", "noexcept ) "]
for mark in MARKS:
    for first in ("", '"'):
        text = first + mark * (100_000 // len(mark))
        cpp_units.words_of(text)
        cpp_units.functions_of(text + ") {")
        try:
            cpp_units.signature_of({"task_id": "", "prompt": text + "\nint f(int x) {", "entry_point": "f"})
        except cpp_units.UnsupportedTests:
            pass
"""


def test_reading_a_text_takes_time_in_proportion_to_its_length() -> None:
    """All of these together take some seconds; a single search that begins anew at each character takes minutes."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (60, 60))

    subprocess.run([sys.executable, "-c", HOSTILE], preexec_fn=limit, check=True)
