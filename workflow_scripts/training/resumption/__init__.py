"""Campaigns that are interrupted and go on: states, checkpoints, who holds a folder."""
