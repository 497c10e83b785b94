"""The race: compile, lockstep loop, history, driver. The only package that imports numba."""
