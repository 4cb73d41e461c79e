"""From a policy's completion to what the grader is given: of a chat model's answer, the program in it.

What stands before the last ``</think>`` is no answer, nor is what follows a ``<think>`` that never closes, so that no
thoughts are graded. A tag right between quotes is a program's text. Thoughts whose opening tag was in the prompt
and that were cut off before their end look like any answer.

Of the fenced code blocks of an answer the ones that define the entry point count; where no function is asked for, those
that read or print (in C++: that have a main()). Where there is none, all count. Of these, blocks in the problem's
language go before those without a language, and those before others; then the last one is the program. The last block
is what LiveCodeBench, Open-R1's and verl's code rewards take, since a draft comes before its correction; some of them
want a tag of the language too. That a block defines the function is asked for because chat models like to add a block
that only calls it; EvalPlus meets the same case by keeping what the entry point needs. The text before the first fence
comes last: it is the program where nothing is fenced, or where a fence closes what none has opened.

Blocks are CommonMark's, and models are met half-way: a fence with the language's tag begins a new block where the one
before was left open, and may stand behind words in its line; so may the closing fence of a last block. A block that is
not closed goes on to the end of the answer. So a docstring that holds a fence must be indented by more than 3 blanks
(CommonMark's own rule), or stand in a block with longer fences.

Nothing here parses a model's text with Python's compiler, which a text could crash: that is for the sandbox. All takes
time in proportion to the answer's length.
"""

import ast
import re
from dataclasses import dataclass, field

from workflow_scripts.core.contracts.problems import Problem
from workflow_scripts.core.prompt_formats import PROMPT_FORMATS, begun_body
from workflow_scripts.grading.cpp import cpp_units
from workflow_scripts.grading.verdicts import UnsupportedTests

_TAGS = {"python": ("python", "py"), "cpp": ("cpp", "c++", "cc", "cxx")}  # a version may follow: python3, c++17
# Each part keeps what it took (possessive), so that no line is read twice.
_INDENT = re.compile(r"[ \t]*+(?P<item>(?:[-*+]|\d{1,9}+[.)])[ \t]++)?+")
_FENCE = re.compile(rf"(?P<indent>{_INDENT.pattern})(?P<marks>`{{3,}}+|~{{3,}}+)[ \t]*+(?P<info>[^`]*+)")
_TAG = re.compile(r"[{.]*+(?P<tag>[\w+#-]*+)")  # also of {.python}
_CLOSING_FENCE = re.compile(r"^[ ]{0,3}```", re.MULTILINE)
# A closing fence is indented by at most so much more than its opening one (CommonMark), unlike one in a docstring.
_CLOSING_INDENT = 3
_THOUGHTS_BEGIN, _THOUGHTS_END = (re.compile(rf"(?<![\"'`]){tag}|{tag}(?![\"'`])") for tag in ("<think>", "</think>"))
# A call in code, not in words: behind an operator, a bracket or a keyword, and not between backticks.
_READS_OR_PRINTS = re.compile(
    r"(?:^|[^\w\s`.]|\b(?:in|else|return)\b)[ \t]*(?:print|input)[ \t]*\("
    r"|(?<![\w`])(?:sys\.std(?:in|out)\b|std(?:in|out)\.[a-z]|in[ \t]+stdin[ \t]*:|open\([ \t]*0\b"
    r"|os\.(?:read|write)\(|fileinput\.)",
    re.MULTILINE,
)
_FUTURE = re.compile(r"^from __future__ import [^\n(]*\n?", re.MULTILINE)
_MAIN = re.compile(r"\bmain(?=\s*\()")
_CPP_DIRECTIVES = re.compile(r"^[ \t]*(?:#|using\b|typedef\b)[^\n]*\n?", re.MULTILINE)


def graded_pair(kind: str, problem: Problem, completion: str) -> tuple[Problem, str]:
    """The problem and the completion that the grader is given for a completion in a prompt format.

    ``plain``: both as they are. ``prefilled``: behind the body's begin, up to the fence that closes it. ``chat``: the
    program in the answer; one that should complete a prompt stands behind it, so that the prompt's imports and helper
    functions are there, whether or not the answer repeats them.
    """
    if kind not in PROMPT_FORMATS:
        raise ValueError(f"prompt format {kind!r} is none of {PROMPT_FORMATS}")
    if kind == "plain":
        return problem, completion
    if kind == "prefilled":
        return problem, begun_body(problem) + _CLOSING_FENCE.split(completion, maxsplit=1)[0]
    code = program_in(completion, problem["language"], problem["entry_point"])
    if problem["completion_kind"] == "program":
        return problem, code
    return _complete_cpp(problem, code) if problem["language"] == "cpp" else (problem, _complete_python(problem, code))


def program_in(answer: str, language: str, entry_point: str | None) -> str:
    """The program in an answer, by the rule above."""
    words = _without_thoughts(answer)
    blocks, front = _blocks(words, language)
    # An only fence, without a tag and a second one, may as well close what stands before it.
    is_undecided = len(blocks) == 1 and not blocks[0].is_closed and not blocks[0].fence.tag
    candidates = [(0, front)]
    for block in blocks:
        tag = block.fence.tag
        rank = 0 if is_undecided else 3 if _is_of(tag, language) else 1 if tag else 2
        candidates.append((rank, block.text))

    def preference(candidate: tuple[int, str]) -> tuple[bool, bool, int, bool]:
        rank, code = candidate
        is_body = entry_point is not None and _is_indented(code)
        return _fits(code, language, entry_point), _is_code(code), rank, is_body

    return max(reversed(candidates), key=preference)[1]  # of equals, the last


def fenced_blocks(answer: str, language: str) -> list[tuple[str, str]]:
    """Language tag (lower case, empty where there is none) and text of each fenced code block of a Markdown text.

    A fence with a tag of ``language`` begins a new block even where the one before is not closed.
    """
    return [(block.fence.tag, block.text) for block in _blocks(answer, language)[0]]


@dataclass(frozen=True)
class _Fence:
    """A line that opens or closes a block; ``width`` is that of its indent, a list's marker included."""

    width: int
    marks: str
    tag: str
    may_close: bool


@dataclass
class _Block:
    fence: _Fence
    lines: list[str] = field(default_factory=list)
    is_closed: bool = False

    @property
    def text(self) -> str:
        """Its lines without the fence's indent, as far as the first has it; marks may end the last of an open one."""
        lines = self.lines
        for number, line in enumerate([] if self.is_closed else lines):
            words = line.rstrip()
            if words.endswith(self.fence.marks) and not _FENCE.fullmatch(words):
                lines = [*lines[:number], words.removesuffix(self.fence.marks)]
                break
        width = min(self.fence.width, next((_blanks(line) for line in lines if line.strip()), 0))
        return "".join(line[min(width, _blanks(line)) :] for line in lines)


def _without_thoughts(answer: str) -> str:
    ends = [found.end() for found in _THOUGHTS_END.finditer(answer)]
    words = answer[ends[-1] :] if ends else answer
    begin = _THOUGHTS_BEGIN.search(words)
    return words[: begin.start()] if begin else words


def _blocks(answer: str, language: str) -> tuple[list[_Block], str]:
    """The fenced blocks, and the text before the first of them."""
    blocks: list[_Block] = []
    front: list[str] = []
    is_open = False
    for line in answer.splitlines(keepends=True):
        fence = _fence(line) or (None if is_open else _fence_behind_words(line, language))
        if fence and (not is_open or _begins_anew(fence, blocks[-1].fence, language)):
            blocks.append(_Block(fence))
            is_open = True
        elif fence and _closes(fence, blocks[-1].fence):
            blocks[-1].is_closed = True
            is_open = False
        elif is_open:
            blocks[-1].lines.append(line)
        elif not blocks:
            front.append(line)
    return blocks, "".join(front)


def _fence(line: str) -> _Fence | None:
    found = _FENCE.fullmatch(line.rstrip())
    if found is None:
        return None
    may_close = not found["info"] and not found["item"]
    return _Fence(len(found["indent"]), found["marks"], _tag(found["info"]), may_close)


def _fence_behind_words(line: str, language: str) -> _Fence | None:
    """The fence at the end of "Maybe ```python", where the tag says that it is none of a code span's."""
    words, marks, info = line.rpartition("```")
    tag = info.strip().lower()
    is_fence = words and _tag(tag) == tag and _is_of(tag, language)
    indent = _INDENT.match(line)
    return _Fence(indent.end() if indent else 0, marks, tag, False) if is_fence else None


def _blanks(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))


def _tag(info: str) -> str:
    found = _TAG.match(info)
    return found["tag"].lower() if found else ""


def _is_of(tag: str, language: str) -> bool:
    return tag.rstrip("0123456789") in _TAGS[language]


def _begins_anew(fence: _Fence, opening: _Fence, language: str) -> bool:
    """Whether a fence within an open block begins a block: a longer fence in the language may hold shorter ones."""
    holds = _is_of(opening.tag, language) and len(opening.marks) > len(fence.marks)
    return _is_of(fence.tag, language) and fence.width <= opening.width and not holds


def _closes(fence: _Fence, opening: _Fence) -> bool:
    near = fence.width <= opening.width + _CLOSING_INDENT
    return near and fence.may_close and fence.marks.startswith(opening.marks)


def _is_code(text: str) -> bool:
    """Whether there is something that is no interpreter's session."""
    return bool(text.strip()) and not text.lstrip().startswith(">>>")


def _is_indented(code: str) -> bool:
    return code.lstrip("\r\n")[:1] in (" ", "\t")


def _fits(code: str, language: str, entry_point: str | None) -> bool:
    """Whether a program has what it is asked for: the function, else a call that reads or prints."""
    if not _is_code(code):
        return False
    if language == "cpp":
        return (entry_point or "main") in cpp_units.functions_of(code)
    if entry_point is None:
        return _READS_OR_PRINTS.search(code) is not None
    # Also as a method or within another function.
    name = re.escape(entry_point)
    pattern = rf"^[ \t]*(?:(?:async[ \t]+)?def[ \t]+{name}\s*[\[(]|{name}[ \t]*=[ \t]*lambda\b)"
    return re.search(pattern, code, re.MULTILINE) is not None


def _complete_python(problem: Problem, code: str) -> str:
    """A completion with which the prompt, a program once its function has a body, becomes the answer's program.

    The answer's function replaces the prompt's. An answer that is indented continues the function instead.
    """
    prompt = problem["prompt"]
    line_end = "" if prompt.endswith("\n") else "\n"
    if _is_indented(code):
        return line_end + code
    # A future import must be a file's first statement, which it is not behind a prompt.
    return f"{line_end}{'' if _is_program(prompt) else '    pass'}\n{_FUTURE.sub('', code)}"


def _is_program(prompt: str) -> bool:
    try:
        ast.parse(prompt)
    except SyntaxError:
        return False
    return True


def _complete_cpp(problem: Problem, code: str) -> tuple[Problem, str]:
    """The answer's program behind what the prompt has before its open function; one that is none continues that."""
    try:
        preamble = cpp_units.preamble_of(problem)
    except UnsupportedTests:
        return problem, code  # the grader refuses them itself
    functions = cpp_units.functions_of(code)
    if problem["entry_point"] not in functions:
        return problem, code
    if functions & cpp_units.functions_of(preamble):
        # C++ has no second definitions: what the answer brings itself stays out.
        preamble = "".join(_CPP_DIRECTIVES.findall(preamble))
    # An answer's example of use is not to be the program's main(), which the tests bring.
    return {**problem, "completion_kind": "program"}, f"{preamble}\n{_MAIN.sub('main_of_the_answer', code)}"
