"""Documents hold what their templates make of the reference tables, and no number outlives its row."""

from pathlib import Path

import pytest

from workflow_scripts.core.errors import UserError
from workflow_scripts.reference.documents import (
    BEGIN,
    DOCUMENTS,
    END,
    fill,
    number,
    p_value,
    percent,
    points,
    readers,
    with_region,
)

ROOT = Path(__file__).resolve().parents[2]
CSV = "of,measure,mean,holm\nA0,carried,0.7645,\nA3,carried,0.7205,0.02\nA3,end,0.73,0.04\n"


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables/carried.csv").write_text(CSV)
    (tmp_path / "tables/carried.md").write_text("# Table carried. What is delivered\n\n| a |\n")
    return tmp_path


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_what_its_template_makes_of_the_reference(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    region = fill(ROOT / DOCUMENTS[name], ROOT / "paper/reference")
    assert with_region(text, region, name) == text, "make documents"


def test_a_template_takes_one_row_by_its_values(reference: Path) -> None:
    template = reference / "t.md.j2"
    template.write_text(
        '{% set a = one("carried", of="A3", measure="carried") %}{{ a.mean | percent }} ({{ a.holm | p }})'
    )
    assert fill(template, reference) == "72.0 (0.02)\n"
    assert readers(reference)["one"]("carried", of="A0", measure="carried")["holm"] is None
    assert [row["mean"] for row in readers(reference)["rows"]("carried")] == [0.7645, 0.7205, 0.73]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{{ one("carried", of="A3").mean }}', r"carried\.csv: 2 rows with of = 'A3'; one is needed"),
        ('{{ one("carried", of="A9").mean }}', r"carried\.csv: 0 rows with of = 'A9'"),
        ('{{ one("carried", of="A0").median }}', r"t\.md\.j2: .*median"),
        ('{{ one("none", of="A0").mean }}', r"none\.csv: is missing; `make reference` writes it"),
        ("{{ mean", r"t\.md\.j2: "),
    ],
)
def test_a_number_that_is_not_there_is_an_error(reference: Path, text: str, message: str) -> None:
    (reference / "t.md.j2").write_text(text)
    with pytest.raises(UserError, match=message):
        fill(reference / "t.md.j2", reference)


def test_a_template_lists_what_there_is(reference: Path) -> None:
    (reference / "t.md.j2").write_text(
        '{% for name in names("tables", ".md") %}{{ name }}: {{ title(name) }}{% endfor %}'
    )
    assert fill(reference / "t.md.j2", reference) == "carried: Table carried. What is delivered\n"


def test_numbers_are_written_as_readers_expect_them() -> None:
    assert [number(-0.04), number(2.5, 0), number(1.25, 2)] == ["0.0", "2", "1.25"]
    assert [percent(0.7645), points(-0.044), points(0.0)] == ["76.4", "-4.4", "+0.0"]
    assert [p_value(value) for value in (0.00001, 0.0005, 0.0625, 0.5)] == ["< 0.0001", "0.0005", "0.062", "0.50"]


def test_only_the_region_is_written() -> None:
    document = f"by hand\n{BEGIN}\nold\n{END}\nby hand too\n"
    assert with_region(document, "new\n", "d.md") == f"by hand\n{BEGIN}\nnew\n{END}\nby hand too\n"
    with pytest.raises(UserError, match=r"d\.md: has not exactly one region"):
        with_region("nothing", "new\n", "d.md")
    with pytest.raises(UserError, match=r"d\.md: has not exactly one region"):
        with_region(document * 2, "new\n", "d.md")
