"""Learning rates as pure functions of the step: one file a schedule, each with a ``SCHEDULE`` record."""
