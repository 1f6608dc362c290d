from core.normalisation import MOST_TOKENS, UntrainedStack, stream_by_depth

layer_norm_depth = 12
layer_norm_gain = 12.0
layer_norm_volume = 1.0

stack = UntrainedStack(depth=layer_norm_depth, gain=layer_norm_gain, volume=layer_norm_volume)
sizes = {norm: stream_by_depth(norm, ids[:MOST_TOKENS], stack) for norm in ("pre", "post", "none")}
numbers = {norm: size[-1] for norm, size in sizes.items()}
numbers["start"] = sizes["pre"][0]
numbers
