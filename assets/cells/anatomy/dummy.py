from core.interventions import pass_through
from core.sampling import last_logits, next_token_probs
from core.trace import chain

anatomy_step = 2

real = max(0, anatomy_step - 2)
numbers = {"real": real, "blocks": model.config.n_layers}
if ids and anatomy_step > 1:
    dummies = chain(*(pass_through(block) for block in range(real, model.config.n_layers)))
    numbers["chance"] = next_token_probs(last_logits(model, ids, tap=dummies)).max().item()
    numbers["whole"] = next_token_probs(last_logits(model, ids)).max().item()
numbers
