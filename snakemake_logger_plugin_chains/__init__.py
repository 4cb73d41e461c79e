"""`python -m snakemake --logger chains` from this folder: Snakemake finds a logger by its package's name."""

from workflow_scripts.console.chain_log import LogHandler

__all__ = ["LogHandler"]
