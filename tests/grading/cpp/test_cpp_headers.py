"""What a partial precompiled header leaves out of the standard library."""

from pathlib import Path

from workflow_scripts.grading.cpp import cpp_units, dialects, toolchain


def test_the_words_that_a_partial_header_leaves_out(compiled: Path) -> None:
    tools = toolchain.Toolchain(compiled)
    tools.prepare()
    containers, streams = dialects.PARTIAL_DIALECTS
    for dialect, word, covered in [
        (containers, "priority_queue", True),
        (containers, "string", False),
        (containers, "cout", False),
        (streams, "cout", True),
        (streams, "ostringstream", True),
        (streams, "regex_match", False),
        (streams, "beta", False),  # a member of a class besides
        (streams, "lock", False),
        (streams, "_GLIBCXX_REGEX_STATE_LIMIT", False),
        (dialects.TEST_DIALECTS[0], "beta", True),
        (dialects.TEST_DIALECTS[1], "beta", True),
    ]:
        unit = cpp_units.REMOTE_CALLS + f'int main() {{ return "{word}"[0]; }} // beta\n'
        assert tools.covers(dialect, unit), (dialect, word)
        assert tools.covers(dialect, f"{unit}\n{word}") == covered, (dialect, word)
