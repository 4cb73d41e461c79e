"""What LaTeX must be to compile in any document: for the tests of tables."""

import re


def assert_sound_latex(tex: str) -> None:
    """Balanced, escaped, ASCII, every tabular with one number of columns, and no cell of several lines justified."""
    assert tex.startswith("% Needs \\usepackage{array,booktabs}.\n")
    tex = tex.partition("\n")[2]
    opened = re.findall(r"\\begin\{([a-z*]+)\}", tex)
    assert sorted(opened) == sorted(re.findall(r"\\end\{([a-z*]+)\}", tex))
    plain = re.sub(r"\\[{}%_&#$]", "", tex)
    assert plain.count("{") == plain.count("}")
    assert plain.count("$") % 2 == 0
    assert not re.search(r"[%#]|(?<!\\)_", plain)
    assert tex.isascii()
    for formats in re.findall(r"\\begin\{tabular\}\{(.*)\}", tex):
        assert formats.count("p{") == formats.count(r">{\raggedright\arraybackslash}p{")
    for tabular in re.findall(r"\\toprule\n(.*?)\\bottomrule", tex, flags=re.DOTALL):
        columns = {len(re.findall(r"(?<!\\)&", line)) for line in tabular.splitlines() if "&" in line}
        assert len(columns) == 1
