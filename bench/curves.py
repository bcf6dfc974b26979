"""Cost against size, drawn as SVG into docs/."""

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams.update({"svg.hashsalt": "berth", "font.size": 9, "axes.spines.top": False, "axes.spines.right": False})

from matplotlib import pyplot  # noqa: E402


def draw(curves, folder):
    for curve in curves:
        figure, axes = pyplot.subplots(figsize=(6.4, 3.2), layout="constrained")
        for name, points in curve["lines"].items():
            axes.plot(*zip(*points), marker="o", markersize=3, label=name)
        axes.set(title=curve["title"], xlabel=curve["size"], ylabel=curve["cost"], xscale="log")
        axes.set_ylim(bottom=0)
        axes.grid(alpha=0.3)
        axes.legend(frameon=False)
        # A fixed date: the file changes only when the figures do.
        figure.savefig(folder / f"{curve['name']}.svg", metadata={"Date": None})
        pyplot.close(figure)
