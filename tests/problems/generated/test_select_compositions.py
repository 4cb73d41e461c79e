"""The mix of depths, and splits that never meet."""

from itertools import combinations, islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_scripts.core.errors import UserError
from workflow_scripts.problems.generated.behaviour import accepted_signature
from workflow_scripts.problems.generated.buckets import BUCKETS, bucket_of
from workflow_scripts.problems.generated.catalogue import compositions, topic_of
from workflow_scripts.problems.generated.primitive import TOPICS
from workflow_scripts.problems.generated.select_compositions import count_per_depth, parse_depth_weights, stream_bucket


def test_depth_weights_are_parsed():
    assert parse_depth_weights("1:8,2:52,3:40") == {1: 8.0, 2: 52.0, 3: 40.0}


@pytest.mark.parametrize("text", ["", "1", "1:x", "4:1", "0:1", "1:-1,2:3", "1:0", "1:2;2:3"])
def test_wrong_depth_weights_are_named(text):
    with pytest.raises(UserError, match="--depths"):
        parse_depth_weights(text)


@given(st.dictionaries(st.integers(1, 3), st.integers(1, 100), min_size=1), st.integers(1, 1000))
def test_counts_sum_and_stay_within_one_of_their_share(weights, count):
    counts = count_per_depth(weights, count)
    assert sum(counts.values()) == count
    for depth, weight in weights.items():
        assert abs(counts[depth] - count * weight / sum(weights.values())) < 1


def test_depth_1_is_dealt_out_whole():
    buckets = [bucket_of(c, "") for c in compositions(1)]
    assert {bucket: buckets.count(bucket) for bucket in BUCKETS} == {
        "train": 45, "probe": 9, "tuning": 9, "main": 9, "hard": 0, "corpus": len(buckets) - 72,
    }  # fmt: skip


def test_buckets_are_disjoint_whatever_the_seed_and_by_behaviour_too():
    streams = {
        bucket: {c for seed in (0, 1) for c in islice(stream_bucket(bucket, 2, seed), 200)} for bucket in BUCKETS
    }
    for first, second in combinations(BUCKETS, 2):
        assert not streams[first] & streams[second]
        signatures = [{accepted_signature(c) for c in streams[bucket]} for bucket in (first, second)]
        assert not signatures[0] & signatures[1]


def test_a_stream_takes_the_topics_in_turn_and_no_behaviour_twice():
    drawn = list(islice(stream_bucket("train", 3, 0), 100))
    assert [topic_of(c) for c in drawn[:10]] == [*TOPICS, *TOPICS]
    assert len({accepted_signature(c) for c in drawn}) == 100


def test_another_seed_gives_another_order():
    drawn = [list(islice(stream_bucket("main", 2, seed), 20)) for seed in (0, 0, 1)]
    assert drawn[0] == drawn[1] != drawn[2]
