"""script/bench [fast|all] [ROW...]: measures rows, prints the table, writes build/bench/{fast,all,rows}.json.

`all` also writes docs/performance.json, its table into docs/performance.md, and the curves beside it; the page names the rows
that could not be measured. So does --into-docs with some rows.
"""

import argparse
import datetime
import pathlib
import signal
import subprocess
import sys
import time
import traceback

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from bench import report  # noqa: E402
from bench.bed import Bed  # noqa: E402
from bench.rows import catalogue  # noqa: E402


def parse(words):
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__)
    parser.add_argument("--shrink", type=float, default=1.0, help="counts times this, to try a row out")
    parser.add_argument("--into-docs", action="store_true", help="write docs/ although these are not all rows")
    parser.add_argument("part", nargs="?", default="fast", help="fast, all, or a row")
    parser.add_argument("rows", nargs="*", help=f"some of: {' '.join(catalogue.ALL)}")
    chosen = parser.parse_args(words)
    if chosen.part not in ("fast", "all"):
        chosen.rows.insert(0, chosen.part)
        chosen.part = "all"
    if unknown := set(chosen.rows) - set(catalogue.ALL):
        parser.error(f"no such row: {' '.join(sorted(unknown))}; there are: {' '.join(catalogue.ALL)}")
    return chosen


class ToldToEnd(BaseException):
    """What is measured is kept."""


def tell_to_end(*_):
    raise ToldToEnd


def output_of(*command):
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def measure(bed, names):
    """(figures, rows that could not be measured)"""
    figures, failed = [], []
    for position, name in enumerate(names):
        start = time.monotonic()
        print(f"-- {name}", flush=True)
        try:
            for figure in catalogue.ALL[name](bed):
                figures.append({"row": name, **figure.as_json()})
                print("   " + "  ".join(filter(None, report.cells(figures[-1]))), flush=True)
        except ToldToEnd:
            print("   told to end", flush=True)
            return figures, failed + names[position:]
        except Exception:  # one row that cannot be measured must not cost the others
            traceback.print_exc()
            failed.append(name)
        print(f"   {time.monotonic() - start:.0f} s", flush=True)
    return figures, failed


def main(words):
    chosen = parse(words)
    signal.signal(signal.SIGTERM, tell_to_end)
    is_fast = chosen.part == "fast"
    names = chosen.rows or [name for name in catalogue.ALL if not is_fast or name in catalogue.FAST]
    start = time.monotonic()
    bed = Bed(is_fast, chosen.shrink)
    machine = bed.machine
    try:
        figures, failed = measure(bed, names)
        run = {
            "date": datetime.date.today().isoformat(), "commit": output_of("git", "rev-parse", "--short", "HEAD"),
            "docker": output_of("docker", "version", "--format", "Docker {{.Server.Version}}"), "machine": machine,
            "seconds": time.monotonic() - start, "figures": figures,
            "curves": [curve.as_json() for curve in bed.curves], "failed": failed,
            "not_measured": [name for name in catalogue.ALL if name not in names or name in failed],
        }
        report.save(run, ROOT / "build" / "bench" / f"{'rows' if chosen.rows else chosen.part}.json")
    finally:
        bed.close()
    is_for_docs = figures and chosen.shrink == 1 and not is_fast and (chosen.into_docs or not chosen.rows)
    print("\n" + report.as_table(figures))
    print(f"\n{sum(f['met'] for f in figures)} of {len(figures)} goals met; {run['seconds']:.0f} s")
    if is_for_docs:
        from bench import curves as drawings  # matplotlib takes its time to load

        report.save(run, ROOT / "docs" / "performance.json")
        report.write_into(ROOT / "docs" / "performance.md", run)
        drawings.draw(run["curves"], ROOT / "docs")
    if failed:
        print(f"not measured: {' '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
