"""The Attention page: one head of the model, attention by hand, masks, long texts, and what it costs."""
