"""The dialects of C++ in which a unit is compiled, and which others are tried where the first refuses it.

A contest's judge compiles in g++'s own dialect, of the version that the author chose: a program may use what came
later, or what is gone. A refusal is no reason to try every version, which would take several times as long for each of
a model's many programs that compile nowhere: the first error tells what another version could change.
"""

import re
from collections.abc import Callable, Set
from dataclasses import dataclass

from workflow_scripts.grading.cpp.cpp_headers import CONTAINERS, STREAMS, WHOLE, Header
from workflow_scripts.grading.cpp.cpp_units import words_of

# Without -pipe: a source that includes its own compiler's output would wait for it for ever.
# The first error decides; looking for the others, with names that could have been meant, takes longer than compiling.
_COMMON_FLAGS = ("-w", "-fno-diagnostics-show-caret", "-fmax-errors=1")


@dataclass(frozen=True)
class Dialect:
    """How a unit is compiled: the version of the language, the optimization, and the precompiled header before it.

    ``definitions`` are macros that a contest's judge defines.
    """

    standard: str
    optimization: str
    header: Header | None
    definitions: tuple[str, ...] = ()

    @property
    def flags(self) -> list[str]:
        """The compiler's flags; a precompiled header only serves the flags that it was made with."""
        return [f"-std={self.standard}", self.optimization, *_COMMON_FLAGS]


def _script(standard: str, header: Header | None = None) -> Dialect:
    return Dialect(standard, "-O2", header, ("-DONLINE_JUDGE",))


# The first that covers a unit of split tests is tried before the others.
PARTIAL_DIALECTS = tuple(Dialect("gnu++17", "-O0", header) for header in (CONTAINERS, STREAMS))
# The precompiled header makes compiling three times as fast, but brings in every name of the standard library; where
# that is a clash, tests of asserts are compiled as HumanEval-X's harness does.
TEST_DIALECTS = (Dialect("gnu++17", "-O0", WHOLE), Dialect("gnu++11", "-O0", None))
SCRIPT_DIALECTS = (_script("gnu++17", WHOLE), _script("gnu++17"))
NEWER_DIALECTS = (_script("gnu++20", WHOLE), _script("gnu++23"))
OLDER_DIALECTS = tuple(map(_script, ("gnu++14", "gnu++11", "gnu++98")))
STANDARD_DIALECTS = (_script("c++17"),)

# What g++ says where a program's names meet those of a library that it did not ask for.
_CLASH = re.compile(r"ambiguous|redeclar|redefinition|conflicting|different kind of")
_OWN_NAME_CLASHES = re.compile(r"reference to '\w+' is ambiguous")
_MISSING = re.compile(
    r"'(?:[\w:]+::)?(\w+)' (?:was not declared|does not name|has not been declared|is not a member of|is not a class)|"
    r"no (?:member named|type named|template named) '(\w+)'|'(\w+)' in namespace"
)
# What later versions allow: their words, a name that only members had, lambdas in types and default-constructed ones,
# aggregates in parentheses, fewer typenames.
_NEWER_WORDS = {"concept", "requires", "co_await", "co_yield", "co_return", "consteval", "constinit", "char8_t"}
_SPACESHIP = "<=>"
_NEW_FUNCTIONS = {"erase"}
_RELAXED = re.compile(
    r"available with|fcoroutines|unevaluated|deleted function '.*<lambda|structural|need 'typename'|"
    r"no matching function for call to '(?:[^']*::)?(\w+)(?:<[^']*>)?::\1\(|constexpr|constant expression"
)
# What earlier ones did.
_WITHDRAWN = re.compile(r"ISO C\+\+\d+ does not allow|forbidden in C\+\+|'gets'")
# Macros of g++'s own dialect.
_GNU_WORDS = {"linux", "unix", "i386"}


def clashes(error: str) -> bool:
    """Whether names of the program meet those of the standard library."""
    return _CLASH.search(error) is not None


def further_dialects(unit: str, error: str, new_names: Callable[[Dialect], Set[str]]) -> list[Dialect]:
    """The dialects that may accept a contest's program of which g++'s own says this; ``new_names`` are a dialect's own.

    None where no version means anything else by what the error is about.
    """
    if _WITHDRAWN.search(error) or _OWN_NAME_CLASHES.search(error):
        return list(OLDER_DIALECTS)
    words = words_of(unit)
    if _SPACESHIP in unit or _NEWER_WORDS & words or _RELAXED.search(error):
        return list(NEWER_DIALECTS)
    if "before numeric constant" in error and _GNU_WORDS & words:
        return list(STANDARD_DIALECTS)
    found = _MISSING.search(error)
    missing = next(filter(None, found.groups()), "") if found else ""
    return [
        dialect
        for dialect in NEWER_DIALECTS
        if missing in _NEW_FUNCTIONS or (missing and missing in new_names(dialect))
    ]
