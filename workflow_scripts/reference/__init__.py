"""The reference results that the repository ships: packed, rebuilt from, compared with."""
