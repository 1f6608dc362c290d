"""The Instructions page: what is learned from, what was learned, and talking with it."""
