"""What is compiled before every C++ program: the standard library, whole or in part, and the runtime of split tests.

A compiler spends most of its time on a short program at what the whole standard library's header leaves to be done at
the end of every unit. A partial header leaves out what few programs use. It only serves a unit that holds no word of
what it leaves out, so that such a unit means the same after either header; a unit that it refuses is compiled again
after the whole one.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from workflow_scripts.grading.cpp.cpp_units import REMOTE_CALLS, words_of

_DEFINED_ELSEWHERE = "#define SPLIT_TESTS_DEFINED_ELSEWHERE\n"
# The guard of libstdc++'s file of the special functions of C++17, templates all; without effect in another library.
_NO_SPECIAL_FUNCTIONS = "#define _GLIBCXX_BITS_SPECFUN_H 1\n"
_CONTAINERS = (
    *("cassert", "cctype", "cerrno", "cfenv", "cfloat", "cinttypes", "climits", "clocale", "cmath", "csetjmp"),
    *("csignal", "cstdarg", "cstddef", "cstdint", "cstdio", "cstdlib", "cstring", "ctime", "cwchar", "cwctype"),
    *("algorithm", "array", "deque", "forward_list", "functional", "initializer_list", "iterator", "limits", "list"),
    *("map", "memory", "numeric", "optional", "queue", "set", "stack", "tuple", "type_traits", "typeinfo"),
    *("unordered_map", "unordered_set", "utility", "variant", "vector"),
)
_STREAMS = (
    *("any", "bitset", "charconv", "complex", "fstream", "iomanip", "iostream", "random", "ratio", "sstream"),
    *("stdexcept", "string", "string_view"),
)
# Which the containers' headers declare, and the streams' define.
_DECLARED = ("string", "wstring", "istream", "ostream", "iostream", "istringstream", "ostringstream", "stringstream")
_NUMBERS = ["bool", "char", "int", "long", "long long", "float", "double"]


@dataclass(frozen=True)
class Header:
    """The ``includes``, and the types whose ``values`` the runtime of split tests sends: their code is compiled once.

    A header without ``values`` comes without the runtime. Names that are ``declared`` it does not define.
    """

    includes: tuple[str, ...]
    values: tuple[str, ...] = ()
    declared: tuple[str, ...] = ()

    @property
    def partial(self) -> bool:
        """Whether parts of the standard library are left out."""
        return self != WHOLE

    @property
    def library(self) -> str:
        """The source text of the standard library's part."""
        lines = "".join(f"#include <{name}>\n" for name in self.includes)
        return _NO_SPECIAL_FUNCTIONS + lines if self.partial else lines

    @property
    def text(self) -> str:
        """The source text of the header."""
        if not self.values:
            return self.library
        return f"{self.library}{_DEFINED_ELSEWHERE}{REMOTE_CALLS}{self._transfers('extern template')}"

    @property
    def runtime(self) -> str:
        """The source text of what the header declares and does not define."""
        return f"{self.library}{REMOTE_CALLS}{self._transfers('template')}"

    def _transfers(self, template: str) -> str:
        return "\n" + "".join(
            f"{template} void split_tests::put_value<{value}>(split_tests::Writer&, const {value}&);\n"
            f"{template} {value} split_tests::get_value<{value}>(split_tests::Reader&);\n"
            for value in self.values
        )


def _vectors(values: list[str]) -> list[str]:
    return [f"std::vector<{value}>" for value in values]


_SENT = [*_NUMBERS, *_vectors(_NUMBERS), *_vectors(_vectors(["int"]))]
_SENT_STRINGS = ["std::string", *_vectors(["std::string"])]
WHOLE = Header(("bits/stdc++.h",))
CONTAINERS = Header(_CONTAINERS, tuple(_SENT), _DECLARED)
STREAMS = Header((*_CONTAINERS, *_STREAMS), (*_SENT, *_SENT_STRINGS))


def left_out(header: Header, preprocess: Callable[[str], str], complain: Callable[[str], str]) -> set[str]:
    """The words, macros' names among them, of the whole standard library that mean less after a partial header.

    Those that the partial header does not hold at all, and those that it holds in another meaning: ``lock`` is a member
    of a class and a function that another header declares. ``preprocess`` gives a source text as the preprocessor
    leaves it, with the macros' definitions, and ``complain`` the compiler's messages about a text, in English.
    """
    known = words_of(preprocess(WHOLE.library))
    # Words with an underscore first are the library's own.
    names = sorted(word for word in known if not word.startswith("_"))
    unnamed = _unnamed(WHOLE, names, complain)
    named = [name for name in names if name not in unnamed]
    return (known - words_of(preprocess(header.library))) | _unnamed(header, named, complain) | set(header.declared)


def _unnamed(header: Header, names: Sequence[str], complain: Callable[[str], str]) -> set[str]:
    """Of the names, those that namespace std does not hold after a header."""
    no_macros = "".join(f"#undef {name}\n" for name in names)
    uses = "".join(f"using std::{name};\n" for name in names)
    messages = complain(f'{header.library}{no_macros}#line 1 "names"\n{uses}')
    return {names[int(line) - 1] for line in re.findall(r"^names:(\d+):\d+: error", messages, re.MULTILINE)}
