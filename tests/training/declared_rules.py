"""The update rules as config.yaml declares them."""

from pathlib import Path

import yaml

from workflow_scripts.training.settings import UpdateRule

CONFIG = Path(__file__).parents[2] / "config.yaml"
RULES = {
    name: UpdateRule(name=name, **options)
    for name, options in yaml.safe_load(CONFIG.read_text(encoding="utf-8"))["update_rules"].items()
}
REINFORCE = RULES["reinforce"]
