"""A profile of hypothesis for mutation testing: few examples, and no search for smaller ones."""

from hypothesis import HealthCheck, Phase, settings

settings.register_profile(
    "mutants",
    max_examples=25,
    phases=[Phase.explicit, Phase.generate],
    database=None,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
