from core.gpt import parameter_count

config = opened.config
numbers = {
    "heads": config.n_heads,
    "width": config.emb_dim,
    "parameters": parameter_count(config),
    "held": sum(weights.numel() for weights in opened.parameters()),
}
numbers
