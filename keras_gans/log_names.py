"""The names of an adversarial model's logs, and what they were called before."""

# Runs of earlier versions are continued and reported under the present names.
_FORMER = {
    "discriminator_loss": "d_loss",
    "generator_loss": "g_loss",
    "real_accuracy": "d_real",
    "fake_accuracy": "d_fake",
    "discriminator_gradient_norm": "d_grad",
    "generator_gradient_norm": "g_grad",
}


def current_name(name: str) -> str:
    """Return the present name of a log, given its present or former name, with or without `val_` or `usual_`."""
    for prefix in ("val_", "usual_"):
        if name.startswith(prefix):
            return prefix + _FORMER.get(name.removeprefix(prefix), name.removeprefix(prefix))
    return _FORMER.get(name, name)
