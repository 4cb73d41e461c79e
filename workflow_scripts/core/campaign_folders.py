"""Whose a campaign is, and where its files lie: the first one is one for all controllers (the paper's shared C1)."""

SHARED = "first"


def owner_of(controller: str, campaign: int) -> str:
    """Under whose name a campaign of this controller's chain lies."""
    return SHARED if campaign == 1 else controller


def campaign_folder(chain: str, controller: str, seed: int | str, campaign: int) -> str:
    """The folder of a campaign, below ``results/{testbed}``."""
    return f"chains/{chain}/{owner_of(controller, campaign)}/s{seed}/c{campaign:02d}"
