"""Seeds are equal on every machine, and differ wherever a part does."""

from hypothesis import given
from hypothesis import strategies as st

from workflow_scripts.core.seeds import derive_seed

parts = st.lists(st.one_of(st.integers(-5, 5), st.text("ab1", max_size=3)), max_size=4).map(tuple)


def test_a_pinned_seed() -> None:
    assert derive_seed("7B-reinforce-py-20", "A3", 42, 3, 11, "py/train/0001") == 9036955655481469093


def test_parts_are_separated_and_typed() -> None:
    seeds = [derive_seed(*p) for p in (("a", "bc"), ("ab", "c"), ("abc",), ("bc", "a"), (1,), ("1",), (1, 1), (11,))]
    assert len(set(seeds)) == len(seeds)


@given(parts, parts)
def test_equal_seeds_mean_equal_parts(one: tuple[str | int, ...], other: tuple[str | int, ...]) -> None:
    assert (derive_seed(*one) == derive_seed(*other)) == (one == other)
    assert 0 <= derive_seed(*one) < 2**63
