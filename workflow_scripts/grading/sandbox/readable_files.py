"""Which files a sandbox may read: those of Python's library, or of the libraries of compiled programs, and no others.

Rights can be granted below a folder, not taken away there again. So a folder that holds more than what is needed, as
Python's does with the packages that were installed into it, is granted by its entries.
"""

import os
import sys
from collections.abc import Iterable, Iterator

# Of Python's library, what no module's name tells.
_WITHOUT_MODULE = ("__pycache__",)
_BUILD_SETTINGS = "_sysconfigdata"
# Folders that a whole system, or a whole prefix, keeps its libraries in, among much else.
_SHARED = ("lib", "lib64")


def python_library() -> Iterator[str]:
    """The standard library of this interpreter, without installed packages and whatever else lies beside it."""
    for folder in filter(os.path.isdir, sys.path):
        for entry in os.scandir(folder):
            stem = entry.name.partition(".")[0]
            known = stem in sys.stdlib_module_names or stem in _WITHOUT_MODULE or stem.startswith(_BUILD_SETTINGS)
            if known and (not entry.is_symlink() or os.path.exists(entry.path)):
                yield entry.path


def remember_python_library() -> None:
    """Let imports find modules by what is known of the library's folders now; these cannot be listed any more."""
    for folder in sys.path:
        finder = sys.path_importer_cache.get(folder)
        if finder is not None:
            finder.find_spec("no_such_module")  # which lists the folder
            vars(finder)["_fill_cache"] = lambda: None


def libraries(folders: Iterable[str]) -> Iterator[str]:
    """Folders that hold nothing but libraries, and the libraries of those that hold more."""
    for folder in dict.fromkeys(os.path.realpath(folder) for folder in folders):
        if not os.path.isdir(folder):
            continue
        if os.path.basename(folder) not in _SHARED:
            yield folder
            continue
        for entry in os.scandir(folder):
            if _is_library(entry.name) and os.path.isfile(entry.path):
                yield entry.path


def shared_folders(folders: Iterable[str]) -> Iterator[str]:
    """Of folders with libraries, those that hold more, whose entries a quick linker lists before it opens any."""
    found = dict.fromkeys(os.path.realpath(folder) for folder in folders)
    yield from (folder for folder in found if os.path.isdir(folder) and os.path.basename(folder) in _SHARED)


def _is_library(name: str) -> bool:
    """Whether a name is that of an object, an archive or a shared library, with a version or without."""
    shared, _, version = name.partition(".so.")
    return name.endswith((".so", ".a", ".o")) or (bool(shared) and version.replace(".", "").isdigit())
