"""Makes the weights of LeNet-5 that are shipped with the package.

    python -m dlbook.make_lenet5_weights             # writes dlbook/assets/lenet5.npz and LENET5.txt; 4 minutes
    python -m dlbook.make_lenet5_weights FOLDER      # keeps its checkpoint in FOLDER, and goes on from there

It needs the full MNIST set. The network learns from 55,000 training images, each shifted by up to 2 pixels and turned
by up to 15 degrees, anew in every epoch; the first 5,000 are held out. The weights are stored in half precision.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from dlbook import storage, zoo
from dlbook.datafiles import ASSETS
from dlbook.experiments import mnist, record
from dlbook.experiments.resumable import Plan, train
from dlbook.train import accuracy
from dlbook.weights import LENET5, trained_lenet5

EPOCHS, BATCH_SIZE = 30, 50
PLAN = Plan("lenet5", 0, EPOCHS * 55000 // BATCH_SIZE, BATCH_SIZE, 0.001, True, 2, 15.0)

ABOUT = """\
{file}: trained weights of LeNet-5 in its modern form, dlbook.zoo.lenet5, {n:,} numbers in half precision

Data       55,000 of the 60,000 training images of MNIST, CC BY-SA 3.0; see MNIST.txt
Training   {epochs} epochs, batches of {plan.batch_size}, Adam {plan.learning_rate} with cosine decay, seed {plan.seed},
           shifts of up to {plan.max_pixels} pixels and rotations of up to {plan.max_degrees:g} degrees
Accuracy   {validation:.4f} on the 5,000 training images held out, {test:.4f} on the 10,000 test images, as stored
Made       {date} in {minutes:.0f} minutes by `python -m dlbook.make_lenet5_weights`,
           with Python {environment[python]}, NumPy {environment[numpy]}
"""


def make(folder: Path) -> None:
    """Train, or go on from the checkpoint in ``folder``, and write the weights and what is to be said of them."""
    split, X_test, y_test = mnist.digits(mnist.SETTINGS)

    def show(step: int) -> None:
        if step % 1100 == 0:
            sys.stdout.write(f"\r{step:6,} of {PLAN.steps:,} steps")
            sys.stdout.flush()

    model, progress = train(PLAN, zoo.lenet5, split, folder / "lenet5.checkpoint.npz", show)
    storage.save(ASSETS / LENET5, {name: p.astype(np.float16) for name, p in model.params.items()})
    stored, made = trained_lenet5(), record.make("lenet5", {}, {}, sum(progress.seconds))
    text = ABOUT.format(
        file=LENET5,
        n=stored.n_params,
        epochs=EPOCHS,
        plan=PLAN,
        validation=accuracy(stored, split.X_validation, split.y_validation),
        test=accuracy(stored, X_test, y_test),
        date=made.date,
        minutes=made.seconds / 60,
        environment=made.environment,
    )
    (ASSETS / "LENET5.txt").write_text(text, encoding="utf-8")
    sys.stdout.write(f"\n{text}")


def main(arguments: Sequence[str]) -> int:
    """Run the command line; return the exit status."""
    if arguments:
        make(Path(arguments[0]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            make(Path(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
