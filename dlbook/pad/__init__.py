"""A drawing pad for the page: draw a digit, and a network of this package answers, in the reader's browser.

    from dlbook.pad import DrawingPad

    DrawingPad(model, examples={"a seven": X_test[0]})

No kernel and no network are needed, in a built page, in a file on the disk or in a notebook. The network's weights and
a few lines of JavaScript (``network.js``) stand in the output; what is drawn is brought into the form of MNIST's images
by :func:`as_mnist` (``centre.js``).
"""

from __future__ import annotations

from dlbook.pad.centre import as_mnist, centre_of_mass
from dlbook.pad.drawing import DrawingPad

__all__ = ["DrawingPad", "as_mnist", "centre_of_mass"]
