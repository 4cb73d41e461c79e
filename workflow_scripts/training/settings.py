"""The settings of a campaign that do not come from its plan."""

from workflow_scripts.core.training_models import CampaignTraining, UpdateRuleOptions


class UpdateRule(UpdateRuleOptions):
    """How a step's rewards become a loss: one line of ``update_rules`` in config.yaml and its name.

    ``use_score_centering``, ``use_importance_sampling_ratio`` and ``num_alter_tokens`` are the paper's (appendix H),
    the others TRL's or verl's where they have one; docs/decisions.md maps them.
    """

    name: str


class TrainingSettings(CampaignTraining):
    """Sizes, sampling and optimisation of a campaign (paper sections 5.1 and F); recorded whole in every trace."""

    update_rule: UpdateRule

    def measures_kl(self, coefficient: float) -> bool:
        """Whether a step of a plan with this coefficient is compared with the campaign's first policy."""
        return self.measure_kl or coefficient > 0
