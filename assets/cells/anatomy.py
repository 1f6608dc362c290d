from core.anatomy import parts_of, tables_share
from core.gpt import parameter_count

anatomy_good = model.config

config = anatomy_good  # the model of the controls
parts = {part.name: part.count for part in parts_of(config)}
numbers = {
    "total": parameter_count(config),
    "share": tables_share(config),
    "attention": parts["attention"],
    "feed_forward": parts["feed-forward"],
    "all_feed_forward": config.n_layers * parts["feed-forward"],
    "saved": config.vocab_size * config.emb_dim,
}
numbers
