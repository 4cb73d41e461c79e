"""C++ tests and programs as two processes: values on the wire, hostile replies, exit statuses."""

import os
import socket
import struct
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.grading.cpp.cpp_problems import PREAMBLE, problem, program_of
from workflow_scripts.grading.cpp import cpp_units
from workflow_scripts.grading.cpp.cpp_units import candidate_unit, stdio_unit
from workflow_scripts.grading.cpp.dialects import PARTIAL_DIALECTS, TEST_DIALECTS
from workflow_scripts.grading.cpp.toolchain import Toolchain

Compile = Callable[..., Path]
ANSWER_BYTES = 4096


@pytest.fixture(scope="module", params=[TEST_DIALECTS[0], PARTIAL_DIALECTS[-1]], ids=["whole", "partial"])
def compile_unit(request: pytest.FixtureRequest, compiled: Path, tmp_path_factory: pytest.TempPathFactory) -> Compile:
    folder = tmp_path_factory.mktemp("cpp")
    toolchain = Toolchain(compiled)
    toolchain.prepare()

    def compile_one(name: str, unit: str, *more: str, answer_bytes: int = ANSWER_BYTES) -> Path:
        command = toolchain.command(request.param, [f"-DSPLIT_TESTS_ANSWER_BYTES={answer_bytes}"])
        (folder / f"{name}.cpp").write_text(unit)
        command = [*command, *more, str(folder / f"{name}.cpp"), "-o", str(folder / name)]
        done = subprocess.run(command, text=True, capture_output=True)
        assert done.returncode == 0, done.stderr[:2000]
        return folder / name

    return compile_one


def start(binary: Path, end: socket.socket, *arguments: str) -> int:
    """The process id of ``binary``, which has one end of the socket as its descriptor 3 and 256 MiB of memory."""
    with open(os.devnull, "r+b") as null:
        moves = [(os.POSIX_SPAWN_DUP2, null.fileno(), 2), (os.POSIX_SPAWN_DUP2, end.fileno(), 3)]
        limited = ["sh", "-c", 'ulimit -v 262144; exec "$0" "$@"', str(binary), *arguments]
        process = os.posix_spawn("/bin/sh", limited, {}, file_actions=moves)
    end.close()
    return process


def status(process: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def run_pair(tester: Path, candidate: Path) -> tuple[int, int]:
    ours, theirs = socket.socketpair()
    processes = start(tester, ours), start(candidate, theirs)
    return status(processes[0]), status(processes[1])


EVERYTHING = """
typedef tuple<bool, char, int, long long, unsigned long long, float, long double, string> Scalars;
typedef tuple<vector<int>, vector<bool>, vector<string>, vector<vector<double>>, array<int, 3>, list<float>,
              deque<char>, array<short, 2000>> Sequences;
typedef tuple<map<string, vector<int>>, set<pair<int, string>>, multiset<int>, multimap<int, string>> Ordered;
typedef tuple<unordered_map<string, int>, unordered_set<long>, unordered_multiset<int>,
              unordered_multimap<int, bool>> Hashed;
typedef tuple<Scalars, Sequences, Ordered, Hashed, vector<optional<string>>> Everything;
Everything f(const Everything& x, bool empty = false) {"""
ROUND_TRIPS = r"""
int main() {
    Everything x;
    assert(f(x) == x);
    assert(f(x, true) == Everything());
    get<0>(x) = Scalars(true, '\xff', INT_MIN, LLONG_MIN, ULLONG_MAX, -0.0f, 1.0L / 3, string("a\0b", 3));
    get<1>(x) = Sequences({1, -2}, {true, false, true}, {"", "x"}, {{}, {0.1, HUGE_VAL}}, {3, 2, 1}, {1}, {'a'}, {7});
    get<2>(x) = Ordered({{"k", {1, 2}}, {"", {}}}, {{1, "a"}, {0, "b"}}, {2, 1, 2}, {{1, "z"}, {1, "a"}});
    get<3>(x) = Hashed({{"k", 1}, {"l", 2}}, {5, -5}, {2, 1, 2}, {{1, true}, {1, false}});
    get<4>(x) = {nullopt, "held"};
    assert(f(x) == x);
    assert(f(x) != Everything());
    get<5>(get<0>(x)) = NAN;
    assert(std::isnan(get<5>(get<0>(f(x)))));  // of which these tests speak
}
"""


def test_values_of_every_type_come_back_as_they_went(compile_unit: Compile) -> None:
    row = problem(EVERYTHING, ROUND_TRIPS)
    program = program_of(row, "    return empty ? Everything() : x;")
    units = {"tester": cpp_units.tester_unit(row), "candidate": candidate_unit(row, program)}
    with ThreadPoolExecutor() as at_once:  # each takes seconds
        made = [at_once.submit(compile_unit, f"trips_{name}", unit, answer_bytes=65536) for name, unit in units.items()]
    assert run_pair(*(one.result() for one in made)) == (0, 0)


TESTS_BY_NAME = """
int main(int count, char** names) {
    string test = count > 1 ? names[1] : "";
    if (test == "calls") { assert(f(1, "a").size() == 0); assert(f(2, "b").size() == 0); }
    if (test == "fails") assert(f(1, "a").size() == 1);
    if (test == "throws") throw 1;
    if (test == "random") { int first = rand(); f(1, "a"); assert(first == 1804289383 && rand() == 846930886); }
}
"""
NESTED = "vector<map<string, vector<bool>>> f(int x, string s) {"


@pytest.fixture(scope="module")
def tester(compile_unit: Compile) -> Path:
    return compile_unit("tester", cpp_units.tester_unit(problem(NESTED, TESTS_BY_NAME)))


def frame(payload: bytes) -> bytes:
    return struct.pack("<I", len(payload)) + payload


EMPTY_VECTOR = frame(struct.pack("<I", 0))


def judge(tester: Path, test: str, *replies: bytes) -> tuple[int, list[bytes]]:
    """The tests' status against a peer that sends one reply per frame and then no more; the frames that it got."""
    ours, theirs = socket.socketpair()
    process = start(tester, theirs, test)
    frames = []
    with ours:
        for reply in replies:
            frames.append(ours.recv(1 << 16))
            ours.sendall(reply)
        ours.shutdown(socket.SHUT_WR)
        while last := ours.recv(1 << 16):
            frames.append(last)
    return status(process), frames


def test_a_call_is_one_frame_of_its_arguments(tester: Path) -> None:
    ended, frames = judge(tester, "calls", EMPTY_VECTOR, EMPTY_VECTOR, frame(b""))
    assert ended == 0
    assert frames[0] == frame(b"\x01" + struct.pack("<iI", 1, 1) + b"a")
    assert frames[2] == frame(b"")


def test_the_tests_end_with_a_status_that_says_why(tester: Path) -> None:
    assert judge(tester, "fails", EMPTY_VECTOR)[0] == 4
    assert judge(tester, "random", EMPTY_VECTOR, frame(b""))[0] == 0
    assert judge(tester, "throws")[0] not in (0, 4, 5)


@pytest.mark.parametrize("test", ["calls", "none"])
def test_a_lost_candidate_fails_even_tests_that_do_not_call_it(tester: Path, test: str) -> None:
    assert judge(tester, test)[0] == 5
    assert judge(tester, "calls", EMPTY_VECTOR, EMPTY_VECTOR)[0] == 5


@pytest.mark.parametrize(
    "reply",
    [
        b"\x04",
        b"\xff\xff\xff\xff",
        struct.pack("<I", ANSWER_BYTES + 1),
        frame(b""),
        frame(b"\0\0\0"),
        frame(struct.pack("<I", 0xFFFFFFFF)),
        frame(struct.pack("<I", 1)),
        frame(struct.pack("<II", 1, 0xFFFFFFFF) + b"\0" * 1000),
        frame(struct.pack("<III", 1, 1, 0xFFFFFFFF) + b"k" * 1000),
        frame(struct.pack("<III", 1, 1, 1) + b"k"),
        frame(struct.pack("<III", 1, 1, 1) + b"k" + struct.pack("<I", 1) + b"\x02"),
        frame(struct.pack("<II", 0, 0)),
        EMPTY_VECTOR + b"\0",
        EMPTY_VECTOR * 3,
        b"\0" * 3,
    ],
)
def test_a_reply_that_is_no_value_of_the_type_ends_the_tests(tester: Path, reply: bytes) -> None:
    assert judge(tester, "calls", reply)[0] == 5


def test_a_reply_may_come_in_pieces(tester: Path) -> None:
    ours, theirs = socket.socketpair()
    process = start(tester, theirs, "fails")
    with ours:
        assert ours.recv(1 << 16)
        for byte in frame(struct.pack("<II", 1, 0)):
            ours.sendall(bytes([byte]))
        assert ours.recv(1 << 16) == frame(b"")
        ours.sendall(frame(b""))
    assert status(process) == 0


NUMBERS = "tuple<float, long double, vector<double>, list<optional<float>>, array<double, 1>> f(int x) {"
ONE_IS_NAN = """
int main(int count, char** names) {
    f(atoi(names[1]));
    return 0;
}
"""
ANSWERS = """
    const double none = x ? std::numeric_limits<double>::quiet_NaN() : 0;
    double all[] = {1, 1, 1, 1, 1, 1};
    all[x] = none;
    return {all[1], -all[2], {0, all[3]}, {nullopt, all[4]}, {all[5]}};"""


def test_a_nan_anywhere_in_an_answer_ends_the_tests(compile_unit: Compile) -> None:
    row = problem(NUMBERS, ONE_IS_NAN)
    tests = compile_unit("nan_tester", cpp_units.tester_unit(row))
    candidate = compile_unit("nan_candidate", candidate_unit(row, program_of(row, ANSWERS)))
    for place in range(6):
        ours, theirs = socket.socketpair()
        processes = start(tests, ours, str(place)), start(candidate, theirs)
        assert [status(process) for process in processes] == [7 if place else 0, 0]


BEHAVIOURS = """
    if (x == 1) throw runtime_error("no");
    if (x == 2) for (vector<string> all;;) all.push_back(string(1 << 20, 'x'));
    if (x == 3) exit(0);
    if (x == 4) return string(5000, 'x');
    return to_string(x);"""


@pytest.fixture(scope="module")
def candidate(compile_unit: Compile) -> Path:
    row = problem("string f(int x) {")
    return compile_unit("candidate", candidate_unit(row, program_of(row, BEHAVIOURS)))


@pytest.mark.parametrize(("argument", "ended"), [(1, 6), (2, 77), (3, 0), (4, 78)])
def test_the_candidate_ends_with_a_status_that_says_why(candidate: Path, argument: int, ended: int) -> None:
    ours, theirs = socket.socketpair()
    process = start(candidate, theirs)
    with ours:
        for number in (10, -1):
            ours.sendall(frame(b"\x01" + struct.pack("<i", number)))
            text = str(number).encode()
            assert ours.recv(1 << 16) == frame(struct.pack("<I", len(text)) + text)
        ours.sendall(frame(b""))
        assert ours.recv(1 << 16) == frame(b"")
        ours.sendall(frame(b"\x01" + struct.pack("<i", argument)))
        assert ours.recv(1 << 16) == b""
    assert status(process) == ended


def test_the_candidate_ends_when_the_tests_do(candidate: Path) -> None:
    ours, theirs = socket.socketpair()
    process = start(candidate, theirs)
    ours.close()
    assert status(process) == 0


@pytest.mark.parametrize(
    "head",
    ["int f(vector<int>& x) {", "int f(int* x) {", "int& f(int x) {", "int f(string_view x) {", "int f(string&& x) {"],
)
def test_types_that_cannot_cross_are_refused_by_the_compiler(compile_unit: Compile, head: str) -> None:
    with pytest.raises(AssertionError, match="split tests: "):
        compile_unit("refused", cpp_units.tester_unit(problem(head)), "-fsyntax-only")


def test_the_runtime_is_cpp11_and_needs_no_header_of_the_containers() -> None:
    head = "vector<map<string, int>> f(vector<bool> x) {"
    row = problem(head) | {"prompt": f"#include <map>\n#include <vector>\nusing namespace std;\n{head}"}
    flags = ["-std=c++11", "-pedantic-errors", "-Wall", "-Wextra", "-Werror", "-fsyntax-only"]
    command = ["g++", *flags, "-x", "c++", "-"]
    subprocess.run(command, input=cpp_units.tester_unit(row), text=True, check=True)


def test_a_whole_program_out_of_memory_ends_with_its_own_status(compile_unit: Compile) -> None:
    source = PREAMBLE + 'int main(int n, char**) { vector<char> v(n > 1 ? 1 << 29 : 1); cout << "ok"; }'
    binary = compile_unit("whole", stdio_unit(source))
    ours, theirs = socket.socketpair()
    with ours:
        assert status(start(binary, theirs, "much")) == 77
    assert subprocess.run([binary], capture_output=True).stdout == b"ok"
