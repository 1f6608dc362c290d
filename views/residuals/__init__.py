"""The parts of the Residuals page, one behind the other."""
