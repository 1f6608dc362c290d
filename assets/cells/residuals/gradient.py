from core.gradients import MOST_TOKENS, DeepNetwork, depth_gradients

residuals_network = "linear layers"
residuals_layers = 24
residuals_blocks = 12
residuals_activation = "gelu_tanh"
residuals_gain = 1.0

blocks = residuals_network == "GPT blocks" and len(ids) > 1
how = {
    "depth": residuals_blocks if blocks else residuals_layers,
    "activation": residuals_activation,
    "gain": residuals_gain,
    "ids": tuple(ids[:MOST_TOKENS]) if blocks else (),
    "vocab_size": model.config.vocab_size,
}
both = depth_gradients(DeepNetwork(residual=True, norm=True, **how))
neither = depth_gradients(DeepNetwork(residual=False, norm=False, **how))
numbers = {
    "both": both[0] / both[-1] if both[-1] else 0.0,
    "neither": neither[0] / neither[-1] if neither[-1] else 0.0,
    "both_size": both[-1],
}
numbers
