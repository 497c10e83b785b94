"""What is minimised: one file an objective, each with its kernels, its facts and an ``OBJECTIVE`` record."""
