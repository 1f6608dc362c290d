"""What a person sees: figures, components, lessons, and the one linked state."""
