"""The translation units of a C++ problem whose tests and candidate run as two programs.

The candidate's unit is its program and a main() that serves calls of the entry point; it holds no test. The tests' unit
is the prompt up to the entry point (its includes and helper functions), a stand-in for the entry point that sends the
arguments to the candidate's program and returns the answer, and the test code with its own main(). The two talk over
descriptor 3, which both inherit (remote_frames.hpp, remote_values.hpp, remote_calls.hpp). The macro
SPLIT_TESTS_ANSWER_BYTES bounds the size of an answer. The tests' program has the pipe of its report as its descriptor
16 and says there when it comes to its first call.

Exit statuses of the tests' program: 0 all assertions held, 4 one failed, 5 the candidate's program is gone or answered
what is no value of the type, 7 an answer holds a NaN of which the problem does not speak. Of the candidate's: 0 at the
end of the calls, 5 its socket is broken, 6 an exception left the entry point, 77 out of memory (any unit that has the
memory guard), 78 the answer is too large.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workflow_scripts.grading.expectations import speaks_of_nan
from workflow_scripts.grading.verdicts import UnsupportedTests

_HERE = Path(__file__).parent
MEMORY_GUARD = (_HERE / "memory_guard.hpp").read_text(encoding="utf-8")
REMOTE_CALLS = MEMORY_GUARD + "".join(
    (_HERE / name).read_text(encoding="utf-8")
    for name in ("remote_frames.hpp", "remote_values.hpp", "remote_calls.hpp")
)

# Comments and literals. Each alternative that has begun also ends, at the latest with the line or the text, so that no
# character is read twice: a search that gives up at the end of the text and begins anew would take quadratic time.
_COMMENT = r"//(?:\\.|[^\\\n])*|/\*.*?(?:\*/|\Z)"
_QUOTED = r""""(?:\\.|[^"\\\n])*"?|(?<!\w)(?:u8|[uUL])?'(?:\\.|[^'\\\n])*'?"""
_RAW = r"""(?<!\w)(?:u8|[uUL])?R"(?P<mark>[^()\\\s]{0,16})\(.*?(?:\)(?P=mark)"|\Z)"""
_COMMENT_OR_LITERAL = re.compile(f"{_COMMENT}|{_RAW}|{_QUOTED}", re.DOTALL)
# Text with no code in it: preprocessor lines besides.
_NOT_CODE = re.compile(
    rf"^[ \t]*#(?:{_COMMENT}|{_QUOTED}|\\.|[^\\\n])*|{_COMMENT}|{_RAW}|{_QUOTED}", re.DOTALL | re.MULTILINE
)
_WORD = re.compile(r"(?<!\w)[A-Za-z_]\w*")
_CALLED = re.compile(r"\b(\w+)\s*\(")
_SPECIFIERS = {"inline", "static", "constexpr", "extern"}
_UNNAMED = {"int", "char", "bool", "double", "float", "long", "short", "unsigned", "signed", "const", "auto"}

_SERVE = """
int main() {{
    try {{
        split_tests::Calls calls;
        while (calls.next()) {{
{arguments}            calls.answer<{return_type}>({name}({passed}));
        }}
    }} catch (...) {{
        split_tests::leave(split_tests::exception_escaped);
    }}
    split_tests::leave(0);
}}
"""
_FORWARD = """
extern "C" [[noreturn]] void __assert_fail(const char*, const char*, unsigned, const char*) noexcept {{
    split_tests::leave(split_tests::assertion_failed);
}}
static split_tests::Candidate split_tests_candidate({may_answer_nan});

{return_type} {name}({declared}) {{
    return split_tests::call<{types}>(split_tests_candidate{passed});
}}
"""


@dataclass(frozen=True)
class Parameter:
    """A parameter as the prompt declares it; ``default`` is empty where there is none."""

    type: str
    name: str
    default: str


@dataclass(frozen=True)
class Signature:
    """The head of the entry point's definition."""

    return_type: str
    name: str
    parameters: tuple[Parameter, ...]


def signature_of(problem: Mapping[str, Any]) -> Signature:
    """The entry point's signature, from its last definition at file scope in the prompt.

    Raises UnsupportedTests where the prompt has none, or one that two programs cannot share.
    """
    return _definition(problem)[0]


def preamble_of(problem: Mapping[str, Any]) -> str:
    """The prompt before the entry point's definition: its includes and helper functions; raises UnsupportedTests."""
    return _definition(problem)[1]


def functions_of(program: str) -> set[str]:
    """The names of the functions that a C++ text defines at file scope, and of what stands in their heads like one."""
    code = _without_text(program)
    return {name for begin, end in _heads(code) for name in _CALLED.findall(code, begin, end)}


def words_of(text: str) -> set[str]:
    """The words of a C++ text outside its comments and literals, without those of the runtime that units begin with."""
    return set(_WORD.findall(_COMMENT_OR_LITERAL.sub(" ", text.removeprefix(REMOTE_CALLS))))


def candidate_unit(problem: Mapping[str, Any], program: str) -> str:
    """The candidate's whole ``program`` (prompt and completion, where it continues one), made to serve calls."""
    signature = signature_of(problem)
    names = [f"split_tests_argument_{number}" for number in range(len(signature.parameters))]
    arguments = "".join(
        f"            auto {name} = calls.argument<{parameter.type}>();\n"
        for name, parameter in zip(names, signature.parameters, strict=True)
    )
    serve = _SERVE.format(
        arguments=arguments, return_type=signature.return_type, name=signature.name, passed=", ".join(names)
    )
    return f'{REMOTE_CALLS}#line 1 "program.cpp"\n{program}\n{serve}'


def tester_unit(problem: Mapping[str, Any]) -> str:
    """The tests with a stand-in for the entry point; the same for every candidate."""
    signature, before = _definition(problem)
    forward = _FORWARD.format(
        may_answer_nan=str(speaks_of_nan(problem)).lower(),
        return_type=signature.return_type,
        name=signature.name,
        declared=", ".join(f"{p.type} {p.name}{p.default}" for p in signature.parameters),
        types=", ".join([signature.return_type, *(p.type for p in signature.parameters)]),
        passed="".join(f", {p.name}" for p in signature.parameters),
    )
    return f'{REMOTE_CALLS}#line 1 "prompt.cpp"\n{before}\n{forward}#line 1 "tests.cpp"\n{problem["tests"]["code"]}\n'


def plain_unit(problem: Mapping[str, Any], program: str) -> str:
    """The published form: program and tests in one, so that the program can decide its own verdict."""
    return f"{program}\n{problem['tests']['code']}\n"


def stdio_unit(program: str) -> str:
    """A whole program, its own main() included, that ends with a status of its own when out of memory."""
    return f'{MEMORY_GUARD}#line 1 "program.cpp"\n{program}\n'


def _definition(problem: Mapping[str, Any]) -> tuple[Signature, str]:
    """The entry point's signature, and the prompt before its definition."""
    prompt, name = problem["prompt"], problem["entry_point"]
    code = _without_text(prompt)
    called = re.compile(rf"\b{re.escape(name or '')}\s*\(")
    found = [(begin, match, end) for begin, end in _heads(code) if name and (match := called.search(code, begin, end))]
    if not found:
        raise _unsupported(problem, f"its prompt defines no function {name!r} at file scope")
    start, match, end = found[-1]
    words = code[start : match.start()].split()
    return_type = " ".join(word for word in words if word not in _SPECIFIERS)
    if return_type in ("", "void", "auto") or words[0].startswith("template"):
        raise _unsupported(problem, f"{name!r} returns {return_type!r}: no value of a type known beforehand")
    offset = match.end()
    parameters = code[offset : end - 1]
    spans = [] if parameters.strip() in ("", "void") else _split(parameters)
    read = [
        _parameter(problem, number, parameters[begin:end], prompt[offset + begin : offset + end])
        for number, (begin, end) in enumerate(spans)
    ]
    return Signature(return_type, name, tuple(read)), prompt[: start + _leading_space(code[start:])]


def _parameter(problem: Mapping[str, Any], number: int, code: str, text: str) -> Parameter:
    """A parameter from its declaration, ``code`` without and ``text`` with its comments and literals."""
    equals = code.find("=")
    declaration = " ".join((code if equals < 0 else code[:equals]).split())
    if re.search(r"[\[()]|\.\.\.", declaration):
        raise _unsupported(problem, f"parameter {declaration!r} is no value that can be sent to another program")
    match = re.fullmatch(r"(?P<type>.*[\s&*>])(?P<name>[A-Za-z_]\w*)", declaration)
    default = "" if equals < 0 else f" {text[equals:].strip()}"
    if match is None or match["name"] in _UNNAMED:
        return Parameter(declaration, f"split_tests_parameter_{number}", default)
    return Parameter(match["type"].strip(), match["name"], default)


def _split(parameters: str) -> list[tuple[int, int]]:
    """Where each parameter begins and ends: between the commas that no bracket encloses."""
    spans, begin, depth = [], 0, 0
    for position, character in enumerate(parameters):
        depth += (character in "<([") - (character in ">)]")
        if character == "," and depth == 0:
            spans.append((begin, position))
            begin = position + 1
    return [*spans, (begin, len(parameters))]


def _without_text(program: str) -> str:
    """The program with blanks in place of comments, literals and preprocessor lines."""
    return _NOT_CODE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), program)


def _heads(code: str) -> Iterator[tuple[int, int]]:
    """Where each head of a function's definition at file scope begins and ends; macros may stand before it."""
    depth = begin = 0
    for mark in re.finditer("[{};]", code):
        if mark[0] == "{" and depth == 0:
            head = code[begin : mark.start()].rstrip().removesuffix("noexcept").rstrip()
            if head.endswith(")"):
                yield begin, begin + len(head)
        depth += (mark[0] == "{") - (mark[0] == "}")
        begin = mark.end()


def _leading_space(code: str) -> int:
    return len(code) - len(code.lstrip())


def _unsupported(problem: Mapping[str, Any], reason: str) -> UnsupportedTests:
    return UnsupportedTests(f"problem {problem['task_id']}: its C++ tests cannot run apart from the program: {reason}")
