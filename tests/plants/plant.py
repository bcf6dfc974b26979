"""Plants bugs in copies of Berth's sources.

    plant.py LIST files      which files of src/ the list touches
    plant.py LIST SRC OUT    writes copies of these files, with the plants of the list in them, and plants.cpp

LIST is canaries (what the simulation must find) or holes (what a contract test must). Each plant replaces a piece of text
that stands in its file exactly once; a piece that is gone fails the build, so that no plant dies in silence. IF(name) is
true in a run with that plant.
"""

import importlib
import pathlib
import re
import sys

sys.dont_write_bytecode = True


def replace_once(text, name, file, before, after):
    if text.count(before) != 1:
        sys.exit(f"plant.py: {name}: its text stands {text.count(before)} times in {file}, not once:\n{before}")
    return text.replace(before, after)


def write_copies(plants, src, out):
    texts = {}
    for name, file, before, after in plants:
        text = texts.get(file) or (src / file).read_text(encoding="utf-8")
        texts[file] = replace_once(text, name, f"src/{file}", before, after)
    for file, text in texts.items():
        text = text.replace("IF(", "berth::plants::is_planted(")
        (out / file.replace("/", "_")).write_text('#include "planted.hpp"\n' + text, encoding="utf-8")


def names_of(plants):
    """In the order of the list. One replacement may serve several plants of the same place."""
    return list(dict.fromkeys(name for *_, after in plants for name in re.findall(r'\bIF\("([^"]+)"\)', after)))


def write_names(plants, out):
    names = "".join(f'    "{name}",\n' for name in names_of(plants))
    (out / "plants.cpp").write_text(
        '#include "planted.hpp"\n\nnamespace berth::plants {\n\n'
        f"const std::vector<std::string> kNames{{\n{names}}};\n\n}}  // namespace berth::plants\n", encoding="utf-8")


def main(which, *folders):
    plants = importlib.import_module(which).PLANTS
    if folders == ("files",):
        print(";".join(dict.fromkeys(plant[1] for plant in plants)), end="")
        return
    src, out = map(pathlib.Path, folders)
    out.mkdir(exist_ok=True)
    write_copies(plants, src, out)
    write_names(plants, out)


if __name__ == "__main__":
    main(*sys.argv[1:])
