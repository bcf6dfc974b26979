"""The scripts that guard the others: a rule that is broken is seen."""

import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def layers(folder):
    done = subprocess.run([ROOT / "script/layers", folder], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout.splitlines()


def put(folder, path, *includes):
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(f'#include "{header}"\n' for header in includes))


def test_what_points_forward_passes(tmp_path):
    put(tmp_path, "core/ledger.hpp", "base/ids.hpp", "core/claim.hpp")
    put(tmp_path, "control/driver.cpp", "engine/engine.hpp", "store/store.hpp", "secrets/seal.hpp")
    put(tmp_path, "engine/docker/engine.cpp", "engine/engine.hpp", "http/client.hpp", "json/decode.hpp")
    put(tmp_path, "core/ledger_test.cpp", "core/ledger.hpp", "fakes/clock.hpp")
    put(tmp_path, "main.cpp", "cli/serve.hpp")
    assert layers(tmp_path) == (0, [])


@pytest.mark.parametrize(
    "file, header",
    [
        ("base/log.cpp", "core/ledger.hpp"), ("core/ledger.cpp", "store/store.hpp"), ("core/ledger.cpp", "http/server.hpp"),
        ("store/store.hpp", "control/driver.hpp"), ("engine/engine.hpp", "engine/docker/spec.hpp"),
        ("control/driver.cpp", "engine/docker/spec.hpp"), ("control/driver.cpp", "store/sql/sql_store.hpp"),
        ("control/driver.cpp", "http/server.hpp"), ("control/driver.cpp", "host/system_host.hpp"),
        ("api/platform/x.cpp", "store/sql/sql_store.hpp"), ("api/x.cpp", "cli/serve.hpp"), ("http/x.cpp", "api/answers.hpp"),
        ("core/ledger.cpp", "fakes/clock.hpp"), ("main.cpp", "control/driver.hpp"), ("json/x.cpp", "async/task.hpp"),
    ],
)
def test_what_points_backwards_is_named(tmp_path, file, header):
    put(tmp_path, file, header)
    code, said = layers(tmp_path)
    assert code == 1
    assert said == [f"{file}:1: {said[0].split(': ')[1].split()[0]} must not include {header}"]


def test_a_folder_without_a_row(tmp_path):
    put(tmp_path, "utils/misc.cpp", "base/ids.hpp")
    assert layers(tmp_path)[0] == 1


def run_ci(tmp_path, test, gate=None):
    (tmp_path / ".ci").mkdir()
    (tmp_path / "script").mkdir()
    (tmp_path / ".ci/run").write_text((ROOT / ".ci/run").read_text())
    for name, text in (("engine", "true"), ("test", test), ("gate", gate)):
        if text is not None:
            (tmp_path / "script" / name).write_text("#!/bin/bash\n" + text + "\n")
            (tmp_path / "script" / name).chmod(0o755)
    done = subprocess.run(["bash", tmp_path / ".ci/run"], capture_output=True, text=True, timeout=30)
    return done.returncode, done.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    "test, gate, expected",
    [
        ("echo '7 passed, 0 failed'", None, (0, "7 passed, 0 failed")),
        ("echo '7 passed, 0 failed, 2 skipped'", "echo '3 passed, 0 failed'", (0, "10 passed, 0 failed")),
        ("echo '7 passed, 2 failed'; exit 1", "echo '1 passed, 0 failed'", (1, "8 passed, 2 failed")),
        ("exit 1", None, (1, "0 passed, 1 failed")),
        ("echo '7 passed, 0 failed'; exit 1", None, (1, "7 passed, 1 failed")),
        ("echo '7 passed, 0 failed'", "kill -9 $$", (1, "7 passed, 1 failed")),
    ],
)
def test_ci_sums_up(tmp_path, test, gate, expected):
    assert run_ci(tmp_path, test, gate) == expected


def test_the_server_names_the_demo_where_no_engine_can_be_had(tmp_path):
    (tmp_path / "script").mkdir()
    (tmp_path / "script/server").write_text((ROOT / "script/server").read_text())
    for name, text in (("bootstrap", "true"), ("web", "true"), ("build", "true"), ("engine", "echo why >&2; exit 1")):
        (tmp_path / "script" / name).write_text("#!/bin/bash\n" + text + "\n")
        (tmp_path / "script" / name).chmod(0o755)
    done = subprocess.run(["bash", tmp_path / "script/server"], capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert "why" in done.stderr and "script/demo" in done.stderr
    assert (ROOT / "script/demo").exists()
