"""What a domain declares takes the place of the testbed's own, and nothing else changes."""

import copy

import pytest

from workflow_scripts.core.domains import in_domain, qualified, role_and_domain

TESTBED = {
    "problems": {
        "seed": 1,
        "splits": {"train": {"count": 5, "depths": "1:1"}, "hard": {"count": 2}},
        "corpus": {"pairs": 9},
    },
    "models": {"3B": {"steps": 1}, "7B": {"steps": 2, "layers": 3}},
    "training": {"learning_rate": 0.1, "prompts_per_step": 4},
    "grading": {"workers": 1},
    "domains": {
        "cpp": {
            "splits": {"train": {"count": 3}},
            "training": {"prompts_per_step": 1},
        }
    },
}


def test_the_first_domain_is_the_testbed_as_it_is():
    assert in_domain(TESTBED, "py") == TESTBED


def test_another_domain_replaces_whole_splits_and_single_keys():
    before = copy.deepcopy(TESTBED)
    bed = in_domain(TESTBED, "cpp")
    assert bed["problems"] == {
        "seed": 1,
        "splits": {"train": {"count": 3}, "hard": {"count": 2}},
        "corpus": {"pairs": 9},
    }
    assert bed["models"] == TESTBED["models"]
    assert bed["training"] == {"learning_rate": 0.1, "prompts_per_step": 1}
    assert bed["grading"] == TESTBED["grading"]
    assert before == TESTBED


@pytest.mark.parametrize(("role", "domain", "name"), [("7B", "py", "7B"), ("7B", "cpp", "7B-cpp")])
def test_names_of_roles_in_domains(role, domain, name):
    assert qualified(role, domain) == name
    assert role_and_domain(name) == (role, domain)
