"""The views of the Sampling page: what each shows, and the numbers of its sentences."""
