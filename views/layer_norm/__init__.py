"""The parts of the Layer norm page, one behind the other."""
