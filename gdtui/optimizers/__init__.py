"""How it is minimised: one file an optimizer, each with its rule and an ``OPTIMIZER`` record."""
