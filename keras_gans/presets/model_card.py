"""Model cards: what a preset is, how it was made and how good it is, with the metadata that the Hugging Face Hub reads.

A card is made from `preset.json` alone, so the two cannot disagree (Mitchell et al. 2019, "Model Cards for Model Reporting").
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_gans.conditions import CONTEXT, FRAMES, IMAGES, LABELS, MASKS, MELS
from keras_gans.files import replacing
from keras_gans.presets.hub import is_address
from keras_gans.presets.preset import Preset, find_preset, list_presets
from keras_gans.registry import get_entry, list_models

if TYPE_CHECKING:
    from keras_gans._typing import PathLike
    from keras_gans.media import Medium

CARD, PICTURE, INTERPOLATION, FAILURES = "README.md", "samples.png", "interpolation.png", "failures.png"
_UNKNOWN = "not said"


def render(folder: PathLike, address: str | None = None) -> str:
    """Return the card of a preset, as Markdown.

    Args:
        folder: Folder or name of the preset.
        address: What the card tells readers to load; the name of a bundled preset, or else the folder, if None.

    Raises:
        ValueError: If there is no such preset.
    """
    return _Card(find_preset(folder), address).render()


def write(folder: PathLike) -> Path:
    """Write the card of a preset into its folder, as `README.md`, and return its path.

    Args:
        folder: Folder or name of the preset.

    Raises:
        ValueError: If the preset is elsewhere: a download is kept as it came.
    """
    if is_address(folder):
        raise ValueError(f"Cards are written into folders on this computer, and {folder} is elsewhere.")
    path = find_preset(folder).folder / CARD
    with replacing(path) as temporary:
        temporary.write_text(render(folder), encoding="utf-8")
    return path


def for_upload(folder: PathLike, address: str) -> str:
    """Return the card that goes with a preset to an address: the `README.md` if someone has edited it, else a new card.

    Args:
        folder: Folder or name of the preset.
        address: Where the preset goes.
    """

    def text_without_place(card: str) -> str:
        return re.sub(r"load_pretrained\(.*?\)", "", card)

    path = find_preset(folder).folder / CARD
    written = path.read_text(encoding="utf-8") if path.is_file() else None
    new = render(folder, address)
    return new if written is None or text_without_place(written) == text_without_place(new) else written


# Metrics that compare pixels, or have an extractor of their own.
_WITHOUT_FEATURES = ("psnr", "ssim", "haarpsi", "lr_psnr", "patch_fid", "hole_l1", "hole_psnr", "hole_fid", "swd", "ms_ssim")


class _Card:
    """The card of one preset."""

    def __init__(self, preset: Preset, address: str | None) -> None:
        from keras_gans.evaluation import known_metrics

        folder = preset.folder.resolve()
        self.preset, self.metadata = preset, preset.metadata
        self.medium: Medium | type[Medium] = preset.medium
        self.files = {path.name for path in folder.iterdir()}
        # The best model of a run lies in RUN/best.
        self.name = folder.parent.name if folder.name == "best" else folder.name
        bundled = self.name in list_presets() or bool(self.metadata.pretrain)
        self.address = address or (self.name if bundled else Path(preset.name).as_posix())
        model = preset.config["model"]
        self.paper = get_entry(model).paper if model in list_models() else ""
        # A model may learn from classes without being told any. Old presets do not say their conditions.
        told = LABELS in self.metadata.conditions or "conditions" not in self.metadata.names
        self.labelled = told and preset.config["arguments"].get("num_classes") is not None
        self.contexts = CONTEXT in self.metadata.conditions
        self.metrics = known_metrics()
        self.maps_images = IMAGES in self.metadata.conditions
        self.task = "image-to-image" if self.maps_images else self.medium.pipeline_tag

    def render(self) -> str:
        """Return the text."""
        parts = [self._front_matter(), f"# {self.name}", self._introduction(), *self._samples()]
        parts += ["## Uses", _sentence(self.metadata.use) or "Not said."]
        parts += ["## Limitations", _sentence(self.metadata.limits) or "Not said.", *self._failures()]
        parts += [
            "## Training",
            _table(("", ""), list(self._training())),
            *self._evaluation(),
            *self._privacy(),
            *self._citation(),
        ]
        parts.append(f"Saved by keras_gans {self.metadata.version}." if self.metadata.version else "")
        return "\n\n".join(part for part in parts if part) + "\n"

    def _front_matter(self) -> str:
        metadata, model = self.metadata, self.preset.config["model"]
        lines = [f"license: {metadata.licence.lower()}"] if metadata.licence else []
        lines.append("library_name: keras_gans")
        if self.task:
            lines.append(f"pipeline_tag: {self.task}")
        lines.append(f"tags: {json.dumps(['keras', 'keras-gans', 'gan', model])}")
        if re.fullmatch(r"[\w.-]+(/[\w.-]+)?", metadata.dataset):  # a name, not one of our sources with a path
            lines.append(f"datasets: {json.dumps([metadata.dataset])}")
        if metadata.evaluations:
            lines += ["model-index:", f"- name: {_quoted(self.name)}", "  results:"]
        for evaluation in metadata.evaluations:
            protocol = evaluation["protocol"]
            data = {"type": protocol["dataset"], "name": protocol["dataset"], "split": protocol["split"]}
            lines.append(f"  - task: {{type: {self.task or 'other'}}}")
            lines.append(f"    dataset: {{{', '.join(f'{key}: {_quoted(value)}' for key, value in data.items())}}}")
            lines.append("    metrics:")
            for name, values in _measured(evaluation):
                value = round(values["mean"], 5)
                lines.append(f"    - {{type: {name}, name: {_quoted(self._title(name))}, value: {value}}}")
        return "\n".join(["---", *lines, "---"])

    def _introduction(self) -> str:
        model, package = self.preset.config["model"], self.preset.config.get("requires_package")
        text = f"{_sentence(self.metadata.description)} Model: `{model}` of {package or 'keras_gans'}.".strip()
        install = f"    pip install keras-gans {package}\n\n" if package else ""
        usage = self.medium.usage(self.labelled and bool(self.metadata.classes))
        if set(self.metadata.conditions) - {LABELS, CONTEXT, IMAGES, MASKS, MELS}:
            usage = f"{self.medium.many} = model.generate(64, seed=0, conditions=model.example_conditions(64))"
        if FRAMES in self.metadata.conditions:
            usage = "clips = model.forecast(frames, members=8, seed=0)  # several continuations of the frames before"
        if self.contexts:
            usage = 'sentences = model.write(3, seed=0, temperature=0.8, context="what stands before")'
        if self.maps_images:
            mask = ', mask="mask.png"' if MASKS in self.metadata.conditions else ""
            usage = f'keras_gans.apply_file(model, "picture.jpg", "output.png"{mask})  # or model.apply(images) for arrays'
        code = f'import keras_gans\n\nmodel = keras_gans.load_pretrained("{self.address}")\n{usage}'
        return f"{text}\n\n{install}```python\n{code}\n```"

    def _samples(self) -> Iterator[str]:
        if PICTURE in self.files:
            yield f"![samples]({PICTURE})"
            if self.maps_images:
                yield "Inputs, what the model makes of them, and targets if they are known, side by side; not selected."
            else:
                yield "Random samples, not selected."
        if INTERPOLATION in self.files:
            yield f"![interpolations]({INTERPOLATION})"
            within = ", within a class" if self.labelled else ""
            yield f"Each row interpolates between the latents of two samples{within}."
        many = self.medium.many
        for path in sorted(self.preset.folder.glob("samples.*")):
            if path.suffix == ".txt":
                lines = path.read_text(encoding="utf-8").splitlines()
                if self.contexts:
                    yield (
                        f"Random {many}, not selected (temperature 1, seed 0), after what stood before in held-out text (`>`), "
                        "and what followed there (`real:`):"
                    )
                    yield "\n".join(f"    {line}" for line in self._after_contexts(lines))
                else:
                    yield f"Random {many}, not selected (temperature 1, seed 0):"
                    yield "\n".join(f"    {line}" for line in self._by_class(lines))
            elif path.name != PICTURE:
                yield f"[{path.name}]({path.name}): random {many}, not selected."

    def _by_class(self, lines: list[str]) -> Iterator[str]:
        """Yield lines of text; where they are `LABEL<TAB>SENTENCE`, those of each class below its name."""
        names, last = self.metadata.classes or [], ""
        for line in lines:
            label, tab, sentence = line.partition("\t") if self.labelled else ("", "", line)
            if tab and label != last:
                yield f"{names[int(label)] if label.isdigit() and int(label) < len(names) else label}:"
                last = label
            yield f"  {sentence}" if tab else line

    def _after_contexts(self, lines: list[str]) -> Iterator[str]:
        """Yield lines of text `CONTEXT<TAB>SENTENCE<TAB>REAL SENTENCE`, which begin with a label if there are classes."""
        names = self.metadata.classes or []
        for line in lines:
            label, _, rest = line.partition("\t") if self.labelled else ("", "", line)
            *turns, sentence, real = rest.split("\t")
            if label:
                yield f"{names[int(label)] if label.isdigit() and int(label) < len(names) else label}:"
            yield from (f"  > {turn}" for turn in turns if turn)
            yield f"  {sentence}"
            yield f"  real: {real}"
            yield ""

    def _failures(self) -> Iterator[str]:
        failures = _sentence(self.metadata.failures)
        if FAILURES in self.files:
            yield f"![failures]({FAILURES})"
            worst = "The 16 out of 1,000 samples whose features are farthest from those of any training image (at most 10,000)."
            failures = f"{worst} {failures}".strip()
        yield failures

    def _training(self) -> Iterator[tuple[str, str]]:
        """Yield the rows of the table."""
        metadata, training = self.metadata, self.metadata.training
        yield "Data", ", ".join(filter(None, [metadata.dataset, metadata.dataset_source])) or _UNKNOWN
        yield "Licence of the data", metadata.dataset_licence or _UNKNOWN
        yield "Licence of the weights", metadata.licence or _UNKNOWN
        if metadata.fine_tuned_from:
            origin = metadata.fine_tuned_from
            yield "Fine-tuned from", f"`{origin['preset']}`" + (f" ({origin['dataset']})" if origin.get("dataset") else "")
        if metadata.pretrain:
            yield "Made by", f"`{metadata.pretrain}`"
        if metadata.recipe:
            yield "Training", f"`{metadata.recipe}`"
        if training.epoch:
            yield "Chosen", f"epoch {training.epoch} of {training.epochs}, the one with the {self._best()} during training"
        if training.cpu_seconds:
            where = f" ({training.hardware})" if training.hardware else ""
            yield "Time", f"{_minutes(training.cpu_seconds)} of CPU{where}, including evaluation"
        elif training.seconds:
            where = f" on {training.hardware}, including evaluation" if training.hardware else ""
            yield "Time", _minutes(training.seconds) + where
        if training.cpu_seconds or training.seconds:
            yield "Energy, carbon", "not measured"
        if metadata.parameters:
            parts = ", ".join(f"{count:,} {network}" for network, count in metadata.parameters.items() if count)
            yield "Parameters", f"{sum(metadata.parameters.values()):,} ({parts})"
        kind = f", {metadata.rounding['dtype']}" if metadata.rounding else ""
        yield "Weights", f"{self.preset.size / 1000:,.0f} kB{kind}, SHA-256 `{metadata.sha256}`"
        if rounding := metadata.rounding:
            title = self._title(rounding["metric"])
            yield "Rounding", f"{title}: {rounding['float32']:.4f} in float32, {rounding['float16']:.4f} in float16 (one seed)"
        if self.paper:
            yield "Paper", self.paper

    def _evaluation(self) -> Iterator[str]:
        evaluations = self.metadata.evaluations
        if not evaluations:
            return
        yield "## Evaluation"
        for evaluation in evaluations:
            temperature = f", temperature {evaluation['temperature']}" if "temperature" in evaluation else ""
            yield f"`{evaluation['command']}`{temperature}"
            rows = [
                (f"{self._title(name)} (`{name}`)", _spread(values), _number(evaluation["real"].get(name)))
                for name, values in _measured(evaluation)
            ]
            yield _table(("metric", "this model", f"real {self.medium.name}"), rows)
        protocol = evaluations[0]["protocol"]
        if "extractor" in protocol and any(name not in _WITHOUT_FEATURES for name, _ in _measured(evaluations[0])):
            yield (
                f"Features come from the extractor `{protocol['extractor']}` ({protocol['extractor_sha256'][:8]}). Values from "
                "other extractors cannot be compared with these."
            )
        if protocol.get("biased"):
            yield f"**These values are biased**: the model was {protocol['biased']}."
        if "memorisation" in self.metadata.metrics:
            yield (
                "`memorisation` is the share of samples that are closer to a training sample than to a held-out one; 0.5 means "
                "no memorisation."
            )

    def _privacy(self) -> Iterator[str]:
        if not self.metadata.privacy and not self.metadata.audit:
            return
        yield "## Privacy"
        if promise := self.metadata.privacy:
            yield (
                f"Training was differentially private: epsilon {promise['epsilon']:.4g}, delta {promise['delta']:g}, if one "
                f"sample is added or removed (accountant: {promise['accountant'].upper()}, {promise['sampling']} sampling of "
                f"{promise['batch_size']:,} of {promise['samples']:,} samples, {promise['steps']:,} steps, noise "
                f"{promise['noise']:.4g}, gradients clipped to {promise['clip']:g}). The seed is {promise['seed']}. The "
                "promise holds for one sample, not for several of one person."
            )
            if promise["epsilon"] > 3:
                yield "An epsilon of this size promises little against a strong attacker; the noise still hinders a real one."
            if self.metadata.fine_tuned_from:
                yield f"The data of `{self.metadata.fine_tuned_from['preset']}`, from which training began, are not covered."
        if audit := self.metadata.audit:
            yield f"`{audit['command']}`" if audit.get("command") else ""
            rows = [
                (
                    attack["title"],
                    f"{attack['auc']['value']:.3f} ({attack['auc']['low']:.3f} to {attack['auc']['high']:.3f})",
                    *(f"{rate['value']:.2%} ({rate['low']:.2%} to {rate['high']:.2%})" for rate in attack["rates"]),
                )
                for attack in audit["attacks"]
            ]
            found = [f"found at {rate['false_alarms']:.1%} false alarms" for rate in audit["attacks"][0]["rates"]]
            yield _table(("attack", "AUC", *found), rows)
            yield (
                f"Each attack ranks {audit['members']:,} training samples and as many of {audit['held_out']}: an AUC of 0.5 "
                "means that it cannot tell them apart. Intervals are of 95 %."
            )

    def _citation(self) -> Iterator[str]:
        data = self.metadata.dataset_source or self.metadata.dataset
        citation = self.metadata.citation or self.paper
        if citation or data:
            yield "## Citation"
            yield _sentence(citation)
            yield f"The data: {_sentence(data)}" if data else ""

    def _best(self) -> str:
        """Return by which metric the epoch was chosen, and whether it was the lowest or the highest."""
        metric = (
            (self.metadata.training.metrics or "").partition(",")[0] or (self.metadata.rounding or {}).get("metric") or "fid"
        )
        lowest = metric not in self.metrics or not self.metrics[metric].higher_is_better
        return f"{'lowest' if lowest else 'highest'} {metric.upper() if len(metric) <= 4 else f'`{metric}`'}"

    def _title(self, metric: str) -> str:
        return self.metrics[metric].title if metric in self.metrics else metric


def _measured(evaluation: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return the metrics of an evaluation that have a value."""
    return [(name, values) for name, values in evaluation["metrics"].items() if values["mean"] is not None]


def _table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in (header, ("---",) * len(header), *rows))


def _sentence(text: str) -> str:
    """Return a text with a full stop at its end."""
    text = text.strip()
    return text if not text or text[-1] in ".!?" else f"{text}."


def _quoted(text: Any) -> str:
    return json.dumps(text, ensure_ascii=False)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds >= 600 else f"{seconds / 60:.1f} minutes"


def _spread(values: Mapping[str, Any]) -> str:
    """Return a mean with its standard deviation."""
    spread = f" ± {values['std']:.2g}" if values.get("std") is not None else ""
    return _number(values["mean"]) + spread
