"""Printed per-seed values: the means, intervals and differences that follow from them, and what a batch can give."""

import itertools
from collections.abc import Iterator, Sequence
from statistics import mean

from workflow_scripts.core.contracts.experiments import Finding
from workflow_scripts.published.findings import Verdict, finding, half_unit, held_against, number
from workflow_scripts.published.printed import Printed, name_of
from workflow_scripts.statistics.contrasts import sign_flip
from workflow_scripts.statistics.intervals import Bootstrap, exact_bootstrap

_LEVEL = 0.95
_LARGEST_BATCH = 10_000
_WORST: tuple[Verdict, ...] = ("inconsistent", "cannot be checked", "rounding", "consistent")


def means_and_intervals(printed: Printed) -> Iterator[Finding]:
    """Of every printed cell whose seeds are all printed: mean and bootstrap interval over seeds."""
    for table, declared in printed.tables.items():
        for row in declared.rows:
            for column, cell in row.cells.items():
                values = [value for value in cell.seeds.values() if value is not None]
                if cell.value is None or len(values) < 2 or len(values) != cell.n:
                    continue
                printed.read.add((table, name_of(row)))
                place = f"{name_of(row)}, {column}"
                slack = max(map(half_unit, values))
                yield finding(
                    f"mean of {table}: {place}", cell.source or table, f"{cell.value:g}", number(mean(values)),
                    held_against(cell.value, mean(values), slack),
                    f"mean of the {len(values)} printed seeds ({cell.seeds_source})",
                )  # fmt: skip
                if cell.interval.low is not None and cell.interval.high is not None:
                    bounds = (cell.interval.low, cell.interval.high)
                    yield _interval(f"interval of {table}: {place}", cell.source or table, bounds, values)


def printed_twice(printed: Printed) -> Iterator[Finding]:
    """Ends that several tables print, for the same chains and as many seeds: value and interval must agree."""
    places: dict[tuple[str | None, ...], list[tuple[str, str, str]]] = {}
    for table, declared in printed.tables.items():
        for row in declared.rows:
            cell = row.cells.get("end_pass_rate")
            if cell is None or cell.value is None or cell.interval.low is None:
                continue
            text = f"{cell.value:g} [{cell.interval.low:g}, {cell.interval.high:g}]"
            places.setdefault((row.role, row.wave, row.name, str(cell.n)), []).append((table, name_of(row), text))
    for (role, wave, name, n), found in places.items():
        if len(found) < 2:
            continue
        printed.read.update((table, row) for table, row, _ in found)
        texts = [text for *_, text in found]
        yield finding(
            f"end of {name}, {wave} ({role}), at several places", ", ".join(table for table, *_ in found), texts[0],
            "; ".join(dict.fromkeys(texts)), "consistent" if len(set(texts)) == 1 else "inconsistent",
            f"the same chains with n = {n} in {len(found)} tables",
        )  # fmt: skip


def morbo(printed: Printed) -> Iterator[Finding]:
    """The MORBO proxy's three ends are printed without their seeds (appendix I.2)."""
    place, seeds = ("tab09", "M1 MORBO proxy", "end_pass_rate"), printed.claims["morbo_seeds"]
    said, found = printed.value(*place), mean(seeds.values)
    yield finding(
        "mean of tab09: M1 MORBO proxy", "Table 9", f"{said:g}", number(found), held_against(said, found, 0.05),
        f"mean of the three values of {seeds.source}",
    )  # fmt: skip
    yield _interval("interval of tab09: M1 MORBO proxy", "Table 9", printed.interval(*place), seeds.values)


def _interval(check: str, source: str, printed: tuple[float, float], values: Sequence[float]) -> Finding:
    found = exact_bootstrap(values, _LEVEL)
    # A run of random resamples can end one atom beside the exact quantile: a tenth of a point in the paper's tables.
    verdicts = [held_against(one, other, 0.1) for one, other in zip(printed, found, strict=True)]
    verdict = min(verdicts, key=_WORST.index)
    said, follows = (f"[{low:g}, {high:g}]" for low, high in (printed, (round(found[0], 2), round(found[1], 2))))
    return finding(check, source, said, follows, verdict, f"exact percentile bootstrap over {len(values)} seeds, 95 %")


def last_seeds(printed: Printed) -> dict[str, dict[int, float]]:
    """The five ends of A0 and A3 at 7B: four are printed (Table 15), seed 42's follows from the mean (Table 6)."""
    ends = {}
    for label in ("A0 naive", "A3 CARE v2"):
        place = ("tab06", label, "end_pass_rate")
        four = {seed: value for seed, value in printed.cell(*place).seeds.items() if value is not None}
        ends[label] = {**four, 42: printed.count(*place) * printed.value(*place) - sum(four.values())}
    return ends


def main_chains(printed: Printed) -> Iterator[Finding]:
    """Table 6 at 7B: the seed that is not printed must be possible, and give the printed interval."""
    for label, ends in last_seeds(printed).items():
        possible = 0 <= ends[42] <= 100
        yield finding(
            f"seed 42 of tab06: {label} (7B)", "Tables 6 and 15", "not printed", number(ends[42], 1),
            "consistent" if possible else "inconsistent",
            "five times the mean less the four printed seeds, which must be in [0, 100]",
        )  # fmt: skip
        bounds = printed.interval("tab06", label, "end_pass_rate")
        yield _interval(f"interval of tab06: {label} (7B)", "Tables 6 and 15", bounds, list(ends.values()))


def advantage_of_three_seeds(printed: Printed) -> Iterator[Finding]:
    """No three of the five seeds have the advantage that an earlier estimate had."""
    first, second = last_seeds(printed).values()
    differences = [second[seed] - first[seed] for seed in first]
    largest = max(mean(three) for three in itertools.combinations(differences, 3))
    # Each end is printed to 0.1; seed 42's carries the error of five means and four ends.
    slack = 0.1 + 0.9 / 3
    said, again = printed.claims["advantage_of_three"], printed.claims["advantage_of_three_again"]
    yield finding(
        "three seeds' advantage at 7B", said.source, f"+{said.text}", f"at most +{number(largest, 1)}",
        "inconsistent" if said.value > largest + slack else "consistent",
        "largest mean of A3 - A0 over any three of the five seeds of Tables 6 and 15; two were added to those three",
    )  # fmt: skip
    yield finding(
        "three seeds' advantage, said twice", f"{said.source} and {again.source}", f"+{said.text}",
        f"{again.values[0]:g} to {again.values[1]:g}",
        "consistent" if again.values[0] <= said.value <= again.values[1] else "inconsistent",
        "the same quantity at two places",
    )  # fmt: skip


def headline(printed: Printed) -> Iterator[Finding]:
    """3B: how many seeds gain, by what factor, and what an exact test says."""
    cell = printed.cell("tab06", "A3-A0", "end_pass_rate", "3B")
    differences = [value for value in cell.seeds.values() if value is not None]
    positive, said = sum(value > 0 for value in differences), printed.claims["positive_seeds"]
    yield finding(
        "seeds that gain at 3B", said.source, said.text, str(positive),
        "consistent" if positive == said.value else "inconsistent", "printed differences above 0",
    )  # fmt: skip
    factor = printed.value("tab06", "A3 CARE v2", "end_pass_rate", "3B") / printed.value(
        "tab06", "A0 naive", "end_pass_rate", "3B"
    )
    doubles = printed.claims["doubles"]
    yield finding(
        "\"nearly doubles\" at 3B", doubles.source, f"{doubles.value:g} times", f"{number(factor)} times",
        "consistent" if abs(factor - doubles.value) < 0.1 * doubles.value else "inconsistent",
        "ratio of the two means, within a tenth",
    )  # fmt: skip
    test = sign_flip(differences, Bootstrap(_LEVEL, 10**6, 10_000), 0)
    yield finding(
        "the 3B effect excludes zero", "abstract", "by a bootstrap interval", f"sign-flip p = {test['p_value']:g}",
        "cannot be checked",
        "no test is printed; the exact two-sided sign-flip test of the five differences does not reach 5 %",
    )  # fmt: skip


def granularity(printed: Printed) -> Iterator[Finding]:
    """Ends with two decimals are shares of a batch: of which size?"""
    ends = [
        value
        for label in ("GRPO, ES", "GRPO, A0, same seeds")
        for value in printed.cell("tab12", label, "end_pass_rate").seeds.values()
        if value
    ]
    smallest = next((size for size in range(1, _LARGEST_BATCH) if all(_is_share(one, size) for one in ends)), None)
    samples = printed.claims["samples"]
    wanted = [f"{one:g}" for one in ends]
    fits = all(_is_share(one, round(samples.value)) for one in ends)
    yield finding(
        "ends as shares of a batch", "Table 12 and appendix F", f"{', '.join(wanted)} % of {samples.text} samples",
        f"no batch below {smallest}" if smallest else f"no batch below {_LARGEST_BATCH}",
        "consistent" if fits else "inconsistent",
        "smallest batch of which every printed end is a share, to two decimals; a step asks one problem 16 times",
    )  # fmt: skip


def _is_share(percent: float, size: int) -> bool:
    """Whether some count of ``size`` rounds to this share."""
    nearest = round(percent * size / 100)
    return abs(100 * nearest / size - percent) <= 0.005 + 1e-9
