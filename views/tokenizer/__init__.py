"""What the Tokenizer page shows: a text in several encodings, in several languages, a vocabulary learned."""
