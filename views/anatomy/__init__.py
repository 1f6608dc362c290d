"""The parts of the Anatomy page below the picture, one behind the other."""
