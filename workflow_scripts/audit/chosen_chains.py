"""What commands that look at chains are asked for: a testbed, and the waves whose chains count."""

import argparse
from pathlib import Path

from workflow_scripts.audit.campaign_states import ChainSeed, declared_chains
from workflow_scripts.core.configuration import read_configuration, wave
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.nearest import nearest


def add_chain_arguments(parser: argparse.ArgumentParser) -> None:
    """The options that ``chosen_chains`` reads."""
    parser.add_argument("--testbed", help="default: the configuration's")
    parser.add_argument("--wave", nargs="+", default=[], help="only these waves' chains, such as W4 (default: all)")
    parser.add_argument("--configuration", type=Path, default=Path("config.yaml"), help="default: config.yaml")


def chosen_chains(arguments: argparse.Namespace) -> tuple[Path, dict[ChainSeed, int]]:
    """The results' folder, and the campaigns of each chain; raises UserError for what is not declared."""
    config = read_configuration(arguments.configuration)
    testbed = arguments.testbed or config["testbed"]
    if testbed not in config["testbeds"]:
        raise UserError(f"--testbed: {testbed!r} is not declared; {nearest(testbed, config['testbeds'])}")
    for name in arguments.wave:
        wave(config, name)
    return Path("results", testbed), declared_chains(config, arguments.wave or list(config["waves"]))
