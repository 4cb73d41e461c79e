"""Steps, onsets, positions in the chain and costs: do the tables agree with one another and with the protocol?"""

from collections.abc import Iterator
from statistics import mean

from scipy import stats

from workflow_scripts.core.contracts.experiments import Finding
from workflow_scripts.published.findings import finding, half_unit, held_against, number
from workflow_scripts.published.printed import Printed


def steps_of_naive_chains(printed: Printed) -> Iterator[Finding]:
    """A naive chain takes the whole budget; Table 7 counts fewer steps."""
    budget, campaigns = printed.claims["budget"], printed.claims["campaigns"]
    said, expected = printed.value("tab07", "A0 naive", "total_steps"), budget.value * campaigns.value
    yield finding(
        "steps of a naive chain", "Table 7 and section 5.1", f"{said:g}", f"{expected:g}",
        held_against(said, expected),
        f"{campaigns.text} campaigns of {budget.text} steps, none of which naive chaining shortens",
    )  # fmt: skip


def efficiency(printed: Printed) -> Iterator[Finding]:
    """Section 5.7's two relative numbers, and Table 7's mean of ratios."""
    steps = [printed.value("tab07", label, "total_steps") for label in ("A0 naive", "A3 CARE v2")]
    rates = [printed.value("tab07", label, "pass_rate_per_100_steps") for label in ("A0 naive", "A3 CARE v2")]
    ends = [printed.value("tab07", label, "end_pass_rate") for label in ("A0 naive", "A3 CARE v2")]
    for column, pair in (("relative_steps", steps), ("relative_efficiency", rates)):
        said, found = printed.value("tab07", "A3-A0", column), 100 * (pair[1] / pair[0] - 1)
        yield finding(
            f"{column.replace('_', ' ')} of CARE", "section 5.7", f"{said:+g} %", f"{found:+.1f} %",
            held_against(said, found), "ratio of the two numbers of Table 7",
        )  # fmt: skip
    for label, rate, end, taken in zip(("A0 naive", "A3 CARE v2"), rates, ends, steps, strict=True):
        yield finding(
            f"pass rate per 100 steps: {label}", "Table 7", f"{rate:g}", f"{100 * end / taken:.2f}",
            "consistent" if held_against(rate, 100 * end / taken) == "consistent" else "cannot be checked",
            "ratio of the printed means; the paper's is a mean of ratios, whose seeds are not printed",
        )  # fmt: skip


def early_stop_steps(printed: Printed) -> Iterator[Finding]:
    """ES cannot take fewer steps than its own rule lets it, and two places say how many it took."""
    said = printed.value("tab09", "ES deployed", "oracle_steps")
    budget, campaigns, floor = (printed.claims[name].value for name in ("budget", "campaigns", "es_floor"))
    least = budget + (campaigns - 1) * floor
    yield finding(
        "steps of an ES chain against its rule", "Table 9 and section 5.8", f"{said:g}", f"at least {least:g}",
        "consistent" if said >= least else "inconsistent",
        f"a first campaign of {budget:g} steps, which all share, and {campaigns - 1:g} of at least {floor:g}",
    )  # fmt: skip
    each = printed.claims["es_mean_steps"]
    low, high = (campaigns * (each.value + sign * 0.5) for sign in (-1, 1))
    yield finding(
        "steps of an ES chain, said twice", f"Table 9 and {each.source}", f"{said:g}", f"{campaigns * each.value:g}",
        "consistent" if low <= said <= high else "inconsistent", f"{campaigns:g} campaigns of about {each.text} steps",
    )  # fmt: skip
    share, found = printed.claims["es_share"], 100 * each.value / budget
    yield finding(
        "ES's share of the cost", share.source, f"{share.text} %", f"{number(found, 0)} %",
        held_against(share.value, found), f"about {each.text} of {budget:g} steps of a campaign",
    )  # fmt: skip


def cost_of_care(printed: Printed) -> Iterator[Finding]:
    """Table 18 has CARE dearer than naive chaining, Table 7 has it take fewer steps."""
    naive, care = (printed.value("tab18", label, "hours") for label in ("A0 naive", "A3 CARE v2"))
    steps = printed.value("tab07", "A3-A0", "relative_steps")
    found = 100 * (care / naive - 1)
    yield finding(
        "CARE's cost against its steps", "Tables 7 and 18", f"{found:+.0f} % GPU hours", f"{steps:+g} % steps",
        "consistent" if (found < 0) == (steps < 0) else "inconsistent",
        "both relative to naive chaining, which runs the same trainer; GPU hours are printed as approximate",
    )  # fmt: skip


def oracle_peaks(printed: Printed) -> Iterator[Finding]:
    """The oracle stops three declines after a peak: its steps say how early peaks are."""
    campaigns, declines = printed.claims["campaigns"].value, printed.claims["oracle_declines"].value
    for label in ("A0 naive", "A3 CARE v2"):
        said = printed.value("tab09", label, "oracle_steps")
        yield finding(
            f"where the oracle's peaks are: {label}", "Table 9", f"{said:g} steps a chain",
            f"step {number(said / campaigns - declines, 1)} or before", "cannot be checked",
            f"{said / campaigns:g} steps a campaign less {declines:g} declines; where campaigns peak is not printed",
        )  # fmt: skip


def onsets(printed: Printed) -> Iterator[Finding]:
    """Onset and steps left after it make up a campaign; one that ends at its onset has collapsed (Table 8)."""
    budget = printed.claims["budget"].value
    chains = printed.claims["campaigns"].value * printed.claims["seeds"].value
    means, counts = [], []
    for label in ("A0 naive", "A3 CARE v2"):
        onset, latency = printed.value("tab16", label, "onset"), printed.value("tab16", label, "latency")
        n = printed.count("tab16", label, "onset")
        means.append(onset)
        counts.append(n)
        if label == "A0 naive":
            yield finding(
                f"onset and latency: {label}", "Table 16 and section 5.1", f"{onset:g} + {latency:g}", f"{budget:g}",
                held_against(budget, onset + latency, half_unit(onset) + half_unit(latency)),
                "steps up to the onset and steps left after it are a campaign's steps",
            )  # fmt: skip
        collapses = printed.value("tab08", label, "collapses") * printed.claims["seeds"].value
        ended = n if latency == 0 else 0
        yield finding(
            f"campaigns that end collapsed: {label}", "Tables 8 and 16", f"{number(collapses, 0)} of {chains:g}",
            f"{ended} of {chains:g}", "consistent" if abs(ended - collapses) <= 0.5 else "inconsistent",
            "Table 8 counts ends below 0.3 of the peak; an onset with no step after it is such an end",
        )  # fmt: skip
    both = sum(value * n for value, n in zip(means, counts, strict=True)) / sum(counts)
    said = printed.claims["onset_of_both"]
    yield finding(
        "mean onset over both methods", f"{said.source} and Table 16", said.text, number(both, 1),
        held_against(said.value, both, 0.05), "Table 16's two means, weighted by their campaigns",
    )  # fmt: skip


def positions(printed: Printed) -> Iterator[Finding]:
    """Section 5.9's means by position in the chain: the last one is the headline, their mean is Table 11's end."""
    for label, main in (("REINFORCE (W4)", "REINFORCE, A0 naive"), ("GRPO (W17)", "GRPO, A0 naive")):
        by_position = [printed.value("tab11", label, f"end_{position}") for position in range(1, 11)]
        last, said = by_position[-1], printed.value("tab10", main, "end_pass_rate")
        yield finding(
            f"last position: {label}", "section 5.9 and Table 10", f"{last:g}", f"{said / 100:.3f}",
            held_against(last, said / 100), "the same mean over seeds at two places",
        )  # fmt: skip
        end = printed.value("tab11", label, "end")
        yield finding(
            f"mean end over positions: {label}", "section 5.9 and Table 11", f"{end:g}", number(mean(by_position), 3),
            held_against(end, mean(by_position), 0.005), "mean of the ten printed positions",
        )  # fmt: skip
        peak, gap = printed.value("tab11", label, "peak"), printed.value("tab11", label, "gap")
        yield finding(
            f"peak less end: {label}", "Table 11", f"{gap:g}", number(peak - end, 3),
            held_against(gap, peak - end, 0.0005), "difference of the two printed means",
        )  # fmt: skip
    reinforce = [printed.value("tab11", "REINFORCE (W4)", f"end_{position}") for position in range(1, 11)]
    line = stats.linregress(range(1, 11), reinforce)
    yield finding(
        "REINFORCE drifts down", "section 5.9, (c)", "\"down-and-flat\"",
        f"{100 * line.slope:+.1f} points a campaign, p = {line.pvalue:.2f}",
        "cannot be checked" if line.pvalue > 0.05 else "consistent" if line.slope < 0 else "inconsistent",
        "least squares over the ten means, which are not independent; below 5 % a trend could be told from none",
    )  # fmt: skip


def failed_chain(printed: Printed) -> Iterator[Finding]:
    """GRPO at 3B: which of the two conditions lost a chain?"""
    said, known = printed.cell("tab10", "GRPO, A0 naive", "end_pass_rate", "3B"), printed.claims["grpo_small_n"]
    other = printed.cell("tab10", "GRPO, A3 CARE v2", "end_pass_rate", "3B")
    yield finding(
        "n of GRPO at 3B", f"section 5.9, (iii), and {known.source}", f"A0: n = {said.n}, A3: n = {other.n}",
        f"A0: n = {known.text}", "consistent" if said.n == known.value else "inconsistent", known.says,
    )  # fmt: skip


def ranking(printed: Printed) -> Iterator[Finding]:
    """Table 5's text: the same ranking of methods in Python and C++."""
    orders = []
    for domain in ("py", "cpp"):
        rows = [row for row in printed.tables["tab05"].rows if row.label.startswith(f"{domain}, ") and not row.contrast]
        ends = {row.label.split()[1]: printed.value("tab05", row.label, "end_pass_rate") for row in rows}
        orders.append([name for name, _ in sorted(ends.items(), key=lambda item: -item[1])])
    yield finding(
        "one ranking in Python and C++", "section 5.5 and Table 5", " > ".join(orders[0]), " > ".join(orders[1]),
        "consistent" if orders[0] == orders[1] else "inconsistent", "methods by their printed means, Python and C++",
    )  # fmt: skip
