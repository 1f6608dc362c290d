from core.attention_cost import crossover, weight_bytes, work
from core.config import GPT2_SMALL

attention_length = "1,024"

config = model.config
tokens = int(attention_length.replace(",", ""))
numbers = {
    "tokens": tokens,
    "bytes": weight_bytes(config, tokens),  # L·H·T²·4
    "crossing": crossover(config),
    "gpt2": crossover(GPT2_SMALL),
    "share": work(config, config.context_length).share,
}
numbers
