from core.anatomy import forward_flops, memory_of

anatomy_good = model.config

config = anatomy_good  # the model of the controls
weights, gradients, means, activations, _ = (one.bytes for one in memory_of(config, 8))
numbers = {
    "weights": weights / 2**20,  # MiB
    "training": (weights + gradients + means + activations) / 2**20,
    "operations": forward_flops(config, 1, config.context_length) / config.context_length,
}
numbers
