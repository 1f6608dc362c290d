numbers = {"vocab": vocab_size}
if curve:
    best_step, _, best = min(curve, key=lambda evaluation: evaluation[2])
    _, train_loss, validation_loss = curve[-1]
    numbers |= {
        "first": curve[0][2],
        "last": validation_loss,
        "best": best,
        "best_step": best_step,
        "gap": validation_loss - train_loss,
    }
numbers
