from core.cache_savings import kept_bytes, work_of_next_token

sampling_timed = 30

config = model.config
without, kept = (work_of_next_token(config, len(ids), cached) for cached in (False, True))
numbers = {
    "one": kept_bytes(config, 1),
    "now": kept_bytes(config, len(ids) + sampling_timed) / 2**20,  # MiB
    "full": kept_bytes(config, config.context_length) / 2**20,
    "times": without / kept,
}
numbers
