"""HumanEval and what was made of it: HumanEval+ (more tests), HumanEval-XL (other languages), HumanEval-X (C++).

Task ids are the published ones. A completion continues the prompt, as in the published harnesses.
"""

import re

from workflow_scripts.core.contracts.problems import Problem
from workflow_scripts.core.published_rows import NotExpressible, PublishedRow
from workflow_scripts.problems.formats.published_problem import problem_of
from workflow_scripts.problems.formats.python_tests import assert_tests, require_completable

# HumanEval-XL names its 23 languages in English.
LANGUAGE_CODES = {
    "Afrikaans": "af",
    "Arabic": "ar",
    "Bulgarian": "bg",
    "Chinese": "zh",
    "Dutch": "nl",
    "English": "en",
    "Estonian": "et",
    "Finnish": "fi",
    "French": "fr",
    "German": "de",
    "Greek": "el",
    "Hebrew": "he",
    "Hungarian": "hu",
    "Indonesian": "id",
    "Italian": "it",
    "Malay": "ms",
    "Persian": "fa",
    "Portuguese": "pt",
    "Russian": "ru",
    "Spanish": "es",
    "Tagalog": "tl",
    "Turkish": "tr",
    "Vietnamese": "vi",
}

# The published C++ harness puts those of these lines that the prompt lacks in front of every program.
CPP_HEADER_LINES = (
    "#include<stdlib.h>",
    "#include<algorithm>",
    "#include<math.h>",
    "#include<stdio.h>",
    "#include<vector>",
    "#include<string>",
    "#include<climits>",
    "#include<cstring>",
    "#include<iostream>",
)
_CPP_COMMENT_OR_TEXT = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)
_CPP_BRACE = re.compile(r"[{}]")
_CPP_HEAD = re.compile(r"(\w+)\s*\([^;{}]*\)\s*$")


def human_eval(row: PublishedRow, natural_language: str = "en") -> Problem:
    """A row of HumanEval or HumanEval+: assert tests in ``check(candidate)``."""
    prompt, entry_point, reference = row.text("prompt"), row.text("entry_point"), row.text("canonical_solution")
    tests = assert_tests(row.text("test"), entry_point)
    require_completable(prompt, reference, entry_point)
    return problem_of(
        task_id=row.text("task_id"),
        language="python",
        natural_language=natural_language,
        completion_kind="continuation",
        prompt=prompt,
        entry_point=entry_point,
        reference=reference,
        tests=tests,
    )


def human_eval_xl(row: PublishedRow) -> Problem:
    """A row of HumanEval-XL's Python part, which is HumanEval's form with a natural language."""
    language = row.text("language")
    if language != "python":
        raise NotExpressible(f"it is to be solved in {language}; only the Python part is imported")
    name = row.text("natural_language")
    if name not in LANGUAGE_CODES:
        raise row.wrong("natural_language", f"one of {', '.join(LANGUAGE_CODES)}")
    return human_eval(row, LANGUAGE_CODES[name])


def human_eval_x_cpp(row: PublishedRow) -> Problem:
    """A row of HumanEval-X for C++: the test is a ``main()`` of asserts.

    The prompt begins with the header lines that the published harness adds to it, so that prompt + completion + test is
    the published program.
    """
    prompt, test = row.text("prompt"), row.text("test")
    missing = [line for line in CPP_HEADER_LINES if line not in prompt]
    entry_point = _last_definition(row.text("declaration"))
    code = _CPP_COMMENT_OR_TEXT.sub(" ", test)
    if not re.search(r"\bmain\s*\(", code):
        raise NotExpressible("its test has no main()")
    if not re.search(rf"\b{entry_point}\b", code):
        raise NotExpressible(f"its tests do not call {entry_point}")
    if not re.search(r"\b(?:assert|abort|exit|throw|return)\b", code):
        raise NotExpressible("every program passes its tests: they assert nothing")
    return problem_of(
        task_id=row.text("task_id"),
        language="cpp",
        completion_kind="continuation",
        prompt="".join(f"{line}\n" for line in missing) + prompt,
        entry_point=entry_point,
        reference=row.text("canonical_solution"),
        tests={"kind": "asserts", "code": test},
    )


def _last_definition(declaration: str) -> str:
    """The function whose body a C++ text opens last at its top level; statements within bodies do not count."""
    code = _CPP_COMMENT_OR_TEXT.sub(" ", declaration)
    depth, segment_start, name = 0, 0, None
    for brace in _CPP_BRACE.finditer(code):
        if brace[0] == "{":
            head = _CPP_HEAD.search(code, segment_start, brace.start()) if depth == 0 else None
            name = head[1] if head else name
        depth += 1 if brace[0] == "{" else -1
        segment_start = brace.end()
    if name is None:
        raise NotExpressible("its declaration defines no function")
    return name
