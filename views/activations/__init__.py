"""The parts of the Activations page, one behind the other."""
