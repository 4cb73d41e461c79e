"""The note on the coverage of a table's intervals: which numbers of seeds it is of, and those that nobody simulated."""

from dataclasses import replace

from tests.makers.made_up_coverage import make_coverage
from tests.tables.built_tables import TABLES, build, published
from workflow_scripts.tables.frame.notes import coverage_note, sign_flip_note
from workflow_scripts.tables.frame.records import MEASURED, Column, Estimate, Interval, Record, Row, SignFlip


def record(n: int | None, low: float | None = 0.0, test: SignFlip | None = None) -> Record:
    ours = Estimate(0.5, n=n, n_seeds=n, interval=Interval(low, low, "exact bootstrap over seeds"))
    ours = replace(ours, sign_flip=test or SignFlip())
    return Record(Row("A0"), Column("end", "end"), None, None, MEASURED, ours, Estimate())


def test_each_number_of_seeds_that_has_an_interval_is_named_once() -> None:
    (note,) = coverage_note([record(5), record(3), record(5), record(2, low=None), record(None)], make_coverage())
    found = note.partition("0.013): ")[2]
    assert found == (
        "n = 3: bootstrap 0.70 to 0.80, Student t 0.90 to 0.96, BCa 0.72 to 0.82; "
        "n = 5: bootstrap 0.70 to 0.81, Student t 0.91 to 0.96, BCa 0.72 to 0.82."
    )


def test_what_was_not_simulated_is_said_and_without_intervals_there_is_no_note() -> None:
    assert coverage_note([record(7)], make_coverage())[0].endswith("n = 7: not simulated.")
    assert coverage_note([record(3, low=None), record(None)], make_coverage()) == []


def test_every_table_of_waves_with_intervals_over_seeds_has_the_note() -> None:
    for name in TABLES:
        if "statistics" not in published(name).reads or name == "tab13":
            continue
        records, table = build(name)
        has_intervals = any(one.ours.interval.low is not None for one in records)
        told = sum(note.startswith("Coverage of 95 % intervals") for note in table.notes)
        assert told == has_intervals == ("coverage" in published(name).reads), name


def test_tests_beside_each_other_have_holms_p_and_say_of_how_many() -> None:
    method = "exact two-sided sign-flip test"
    tested = [record(5, test=SignFlip(p, 0.0625, method, holm)) for p, holm in ((0.0625, 0.125), (0.5, 0.5))]
    first, second = sign_flip_note(tested)
    assert first.endswith("attainable: end 0.0625 (0.0625), Holm 0.1250; end 0.5000 (0.0625), Holm 0.5000.")
    assert "over the 2 sign-flip tests of this table" in second
