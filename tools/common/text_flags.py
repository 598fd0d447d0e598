"""Flags that say how `text:PATH` becomes tokens, and what training makes of it."""

from absl import flags

_TOKENS = flags.DEFINE_enum(
    "tokens", None, ["words", "characters", "subwords"], "What text:PATH is split into (default: words)."
)
_VOCABULARY_SIZE = flags.DEFINE_integer("vocabulary_size", None, "Tokens at most (default: all; of subwords 8000).")
_LENGTH = flags.DEFINE_integer("length", None, "Tokens of a sentence at most (default: those of the longest, at most 64).")
_LONGER = flags.DEFINE_enum("longer", None, ["cut", "drop"], "What is done with longer ones (default: cut).")
_WINDOWS = flags.DEFINE_boolean("windows", None, "The file is running text, cut into windows of --length.")
_LABELLED = flags.DEFINE_boolean("labelled", None, "Lines are LABEL<TAB>SENTENCE.")

# What a resumed run takes over from the run it goes on with.
RECORDED = ("tokens", "vocabulary_size", "length", "longer", "windows", "labelled")


def options(training, tokenizer=None):
    """Returns the `TextOptions` that a run's recorded arguments ask for; None where they ask for nothing.

    Args:
        training: The recorded arguments.
        tokenizer: One to use in place of learning one.

    Raises:
        ValueError: If they make no sense, or the data are no text.
    """
    given = {name: training[name] for name in RECORDED if training.get(name) is not None}
    if not training["dataset"].startswith("text:"):
        if given:
            raise ValueError(f"--{min(given)} is about text:PATH, and {training['dataset']} is none.")
        return None
    from keras_gans.data.text import TextOptions

    if tokenizer is not None:
        given = {name: value for name, value in given.items() if name not in ("tokens", "vocabulary_size")}
    given |= {"kind": given.pop("tokens")} if "tokens" in given else {}
    return TextOptions(tokenizer=tokenizer, **given)


def held_out(data, training):
    """Returns the held-out part of a text, as `fit` takes `validation_data`; None for other data.

    Args:
        data: What is trained on, a `keras_gans.Data`.
        training: The recorded arguments.
    """
    if data.tokenizer is None or data.split != "train":
        return None
    from keras_gans.data import load_data

    text = options({**training, "length": data.shape[0]}, data.tokenizer)
    others = load_data(training["dataset"], split="held_out", text=text)
    return (others.samples,) if others.labels is None else (others.samples, others.labels)


def arguments_of_the_data(data, training):
    """Returns the builder arguments of a model that writes."""
    arguments = {"vocabulary_size": data.tokenizer.size, "length": data.shape[0], "seed": training["seed"]}
    return arguments | ({} if data.num_classes is None else {"num_classes": data.num_classes})
