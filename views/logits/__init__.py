"""The parts of the Logits page below the lens, one behind the other."""
