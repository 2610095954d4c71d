"""The report beside the weights: learning curves, confusion matrix, the misread images, settings and environment."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from dlbook import plot
from dlbook.atomic import writing
from dlbook.experiments.record import Record
from dlbook.experiments.resumable import cannot_write, save_text
from dlbook.shapes import Array

LABELS = {
    "plain": "images as they are",
    "printed": "as the source prints",
    "member": "shifted and turned",
    "further": "two more epochs, bent",
}
SHOWN = 40  # misread images in the figure

PAGE = """\
<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Handwritten digits</title>
<style>body {{ font: 1rem/1.5 sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem }}
table {{ border-collapse: collapse }} th, td {{ padding: 0.2rem 0.8rem; border-bottom: 1px solid #aaa }}
th {{ text-align: left }}
img {{ max-width: 100% }}</style></head>
<body>
<h1>Handwritten digits</h1>
<p>{provenance}</p>
<h2>Accuracy on the test images</h2>
{accuracy}
{figures}
<h2>Settings</h2>
{settings}
<h2>Environment</h2>
{environment}
</body>
</html>
"""


def write(made: Record, X_test: Array, folder: Path) -> None:
    """Write ``report.html`` and the figures that it shows.

    Raises:
        CheckpointError: a file cannot be written.
    """
    plot.use_style()
    results = made.results
    best = (
        results["ensemble"]["views"]
        if "ensemble" in results
        else next(results[group]["first"] for group in LABELS if group in results)
    )
    figures = {
        "curves": (curves(results), "Loss and errors on the held-out images, epoch by epoch"),
        "confusion": (confusion(best["confusion"]), "Digits in rows, answers in columns; right answers are left out"),
        "mistakes": (mistakes(best["wrong"], X_test), "Misread: the digit, then the answer and its probability"),
    }
    shown = ""
    for name, (figure, caption) in figures.items():
        path = folder / f"{name}.png"
        _save(figure, path)
        plt.close(figure)
        shown += f'<h2>{caption}</h2>\n<p><img src="{path.name}" alt="{caption}"></p>\n'
    page = PAGE.format(
        provenance=html.escape(made.provenance()),
        accuracy=_table(accuracies(results)),
        figures=shown,
        settings=_table([(key, value) for key, value in made.settings.items()]),
        environment=_table([(key, value) for key, value in made.environment.items()]),
    )
    save_text(folder / "report.html", page)


def accuracies(results: dict[str, Any]) -> list[tuple[str, str]]:
    """Return one row for each kind of network."""
    rows = []
    for group, label in LABELS.items():
        if group in results:
            r = results[group]
            each = ", ".join(f"{100 * a:.2f} %" for a in r["test"])
            minutes = ", ".join(f"{seconds / 60:.1f}" for seconds in r["seconds"])
            rows.append((label, f"{each}; mean {100 * r['mean']:.2f} %; {minutes} minutes"))
    if "ensemble" in results:
        for what, found in (("", results["ensemble"]), (", each in five views", results["ensemble"]["views"])):
            sizes = ", ".join(f"{100 * a:.2f} %" for a in found["by_size"])
            rows.append((f"the first 1, 2, … of these together{what}", sizes))
    return rows


def curves(results: dict[str, Any]) -> Figure:
    """Draw the validation loss and the share of errors after every epoch, one line for each network."""
    figure, axes = plt.subplots(1, 2, figsize=(8, 3.4))
    for place, (group, label) in enumerate(item for item in LABELS.items() if item[0] in results):
        for i in range(len(results[group]["test"])):
            named = label if i == 0 else None
            style = {"color": plot.COLORS[place], "marker": plot.MARKERS[place], "linewidth": 1.2, "markersize": 4}
            loss, right = results[group]["validation_loss"][i], np.array(results[group]["validation"][i])
            axes[0].plot(np.arange(1, len(loss) + 1), loss, label=named, **style)
            axes[1].plot(np.arange(1, len(loss) + 1), 100 * (1 - right), **style)
    for ax, what in zip(axes, ("loss", "errors in %"), strict=True):
        ax.set(xlabel="epoch", ylabel=f"validation {what}", ylim=(0, None))
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes[0].legend()
    return figure


def confusion(counts: list[list[int]]) -> Figure:
    """Draw the errors of the confusion matrix; its diagonal would drown them."""
    errors = np.array(counts)
    np.fill_diagonal(errors, 0)
    figure, ax = plt.subplots(figsize=(4.4, 4.2))
    ax.imshow(errors, cmap="Blues", vmax=max(1, 2 * errors.max()))
    for (row, column), n in np.ndenumerate(errors):
        if n:
            ax.text(column, row, str(n), ha="center", va="center")
    ax.set(xlabel="answer", ylabel="digit", xticks=range(10), yticks=range(10))
    ax.grid(False)
    return figure


def mistakes(wrong: list[list[float]], X: Array) -> Figure:
    """Draw the first misread images, each with the digit, the answer and its probability."""
    if not wrong:
        return plt.figure(figsize=(2, 1))
    titles = [f"{digit} → {answer}\n{p:.2f}" for _, digit, answer, p, _ in wrong[:SHOWN]]
    plot.images(X[[int(row[0]) for row in wrong[:SHOWN]]], titles)
    return plt.gcf()


def _save(figure: Figure, path: Path) -> None:
    try:
        with writing(path) as file:
            figure.savefig(file, format="png", dpi=120)
    except OSError as error:
        raise cannot_write(path, error) from error


def _table(rows: list[tuple[str, Any]]) -> str:
    cells = "".join(f"<tr><th>{html.escape(key)}</th><td>{html.escape(str(value))}</td></tr>\n" for key, value in rows)
    return f"<table>\n{cells}</table>"
