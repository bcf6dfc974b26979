"""The table on the terminal, the JSON file, and the table of docs/performance.md."""

import json

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
HEADERS = ["what", "against", "ours", "theirs", "ratio", "goal", "met"]


def number(value):
    if value is None:
        return ""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def cells(figure):
    unit = f" {figure['unit']}"
    theirs = "" if figure["theirs"] is None else number(figure["theirs"]) + unit
    ratio = "" if figure["ratio"] is None else f"{figure['ratio']:.3g}"
    return [
        figure["what"], figure["against"], number(figure["ours"]) + unit, theirs, ratio, figure["goal"],
        "yes" if figure["met"] else "NO",
    ]


def as_table(figures):
    rows = [HEADERS] + [cells(figure) for figure in figures]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADERS))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows)


def as_markdown(run):
    machine = run["machine"]
    lines = [
        f"{run['date']}, commit {run['commit']}: {machine['cores']} cores ({machine['cpu']}), {machine['memory_gib']} GiB, "
        f"Linux {machine['kernel']}, {run['docker']}; load average {machine['load_average']:.1f} at the start; "
        f"the run took {run['seconds']:.0f} s.",
        "",
        "| " + " | ".join(HEADERS) + " | note |",
        "|---" * (len(HEADERS) + 1) + "|",
    ]
    lines += ["| " + " | ".join([*cells(figure), figure["note"]]) + " |" for figure in run["figures"]]
    if run["not_measured"]:
        lines += ["", f"Not measured in this run: {', '.join(run['not_measured'])}."]
    return "\n".join(lines)


def save(run, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(run, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def write_into(document, run):
    """Puts the table between the two marks; the words around it are people's."""
    text = document.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    document.write_text(f"{before}{BEGIN}\n{as_markdown(run)}\n{END}{after}", encoding="utf-8")
