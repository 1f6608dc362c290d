"""What the Embeddings page shows: what goes in, who is near whom, sums of words, order, and a primer."""
