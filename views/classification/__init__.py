"""What the Classification page is made of."""
