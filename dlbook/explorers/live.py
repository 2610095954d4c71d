"""An explorer in a live kernel: the same controls as ipywidgets, which call the function."""

from __future__ import annotations

import base64
from html import escape
from typing import TYPE_CHECKING, Any

from dlbook.explorers.frame import number_text
from dlbook.explorers.grid import ExplorerError, Parameter

if TYPE_CHECKING:
    import ipywidgets as widgets

    from dlbook.explore import Explorer

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def widget_view(explorer: Explorer) -> dict[str, Any]:
    """Return the part of a mimebundle that shows the widgets; empty where there is no kernel."""
    bundle = build(explorer)._repr_mimebundle_()
    return {WIDGET_VIEW: bundle[WIDGET_VIEW]} if bundle else {}


def build(explorer: Explorer) -> widgets.VBox:
    """Build controls, picture and readout.

    A changed control draws at once; while the kernel draws, the browser holds the newest change only: no queue grows.
    """
    import ipywidgets as widgets

    controls = {parameter.name: control(parameter) for parameter in explorer.grid.parameters}
    picture = widgets.HTML()  # not widgets.Image: that has no alternative text, and its tooltip fails in the browser
    readout = widgets.HTML()

    def show(change: Any = None) -> None:
        values = {name: widget.value for name, widget in controls.items()}
        try:
            frame = explorer.frame(**values)
            text = explorer.alt.text(values, frame.numbers)
        except ExplorerError as error:
            readout.value = f'<b role="alert">{escape(str(error))}</b>'
            return
        picture.value = (
            f'<img src="data:{frame.mime};base64,{base64.b64encode(frame.data).decode()}" alt="{escape(text)}" '
            f'width="{frame.width}" decoding="sync" style="max-width: 100%; height: auto">'
        )
        numbers = "".join(
            f"<span>{escape(name)} <b>{escape(number_text(value))}</b></span>" for name, value in frame.numbers.items()
        )
        readout.value = f'<div style="display:flex;flex-wrap:wrap;gap:.25rem 1.5rem">{numbers}</div>'

    def reset(button: Any) -> None:
        for parameter in explorer.grid.parameters:
            controls[parameter.name].value = parameter.values[parameter.start]

    button = widgets.Button(description="Reset", layout=widgets.Layout(width="auto", align_self="flex-start"))
    button.on_click(reset)
    rows = []
    for parameter in explorer.grid.parameters:
        widget = controls[parameter.name]
        widget.observe(show, "value")
        rows.append(widgets.HBox([widget, player(parameter, widget)]) if parameter.play else widget)
    show()
    title = widgets.HTML(f"<b>{escape(explorer.title)}</b>")
    return widgets.VBox([title, *rows, picture, readout, button])


def control(parameter: Parameter) -> Any:
    """Return the ipywidget for a parameter's kind."""
    import ipywidgets as widgets

    shared: dict[str, Any] = {
        "description": parameter.label,
        "value": parameter.values[parameter.start],
        "style": {"description_width": "9rem"},
        "layout": widgets.Layout(width="30rem", max_width="100%"),
    }
    if parameter.kind == "switch":
        return widgets.Checkbox(**shared, indent=True)
    options = list(zip(parameter.texts, parameter.values, strict=True))
    if parameter.kind == "slider":
        return widgets.SelectionSlider(options=options, **shared)
    shared["style"] |= {"button_width": "auto"}
    return widgets.ToggleButtons(options=options, **shared)


def player(parameter: Parameter, slider: Any) -> Any:
    """Return a play button that moves the slider from value to value."""
    import ipywidgets as widgets

    last = len(parameter.values) - 1
    interval = round(min(600, max(150, 5000 / last)))
    play = widgets.Play(min=0, max=last, value=parameter.start, interval=interval, show_repeat=False)
    widgets.jslink((play, "value"), (slider, "index"))
    return play
