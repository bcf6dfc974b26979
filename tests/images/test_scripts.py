"""script/engine and script/images where everything is there already: they say so, quickly."""

import os
import shutil
import subprocess
import time

from support.docker import ROOT, RUN_ID, docker


def run(*command, timeout=30, **environment):
    began = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, env={**os.environ, **environment})
    return done, time.monotonic() - began


def test_engine_prints_the_endpoint_of_a_running_engine():
    done, seconds = run(ROOT / "script/engine")
    assert done.returncode == 0 and seconds < 1
    assert done.stdout == os.environ["DOCKER_HOST"] + "\n"


def test_engine_names_the_endpoint_that_does_not_answer():
    done, _ = run(ROOT / "script/engine", BERTH_DOCKER_HOST="unix:///nonexistent/docker.sock")
    assert done.returncode == 1 and "unix:///nonexistent/docker.sock" in done.stderr and done.stdout == ""


def test_images_does_nothing_where_nothing_has_changed():
    done, seconds = run(ROOT / "script/images")
    assert done.returncode == 0 and seconds < 1.5
    assert done.stderr.count("up to date") == 2


def test_images_sees_a_changed_source(tmp_path):
    """A copy of the tree with a tiny image in the workspace's place, so that the build takes a second."""
    shutil.copytree(ROOT / "script", tmp_path / "script")
    folder = tmp_path / "images" / "octave"
    folder.mkdir(parents=True)
    tag = f"berth/test-{RUN_ID}"
    (folder / "Dockerfile").write_text("FROM debian:bookworm-slim\nCOPY file /file\n")
    environment = {"BERTH_IMAGE_PREFIX": tag, "BERTH_BUILD_LOGS": str(tmp_path)}
    for content, said in [("one", "built in"), ("one", "up to date"), ("two", "built in")]:
        (folder / "file").write_text(content)
        done, _ = run(tmp_path / "script/images", "octave", timeout=60, **environment)
        assert done.returncode == 0 and said in done.stderr, done.stderr
    assert docker("run", "--rm", "--network=none", f"{tag}/octave:latest", "cat", "/file") == "two"
    docker("rmi", "-f", f"{tag}/octave:latest")


def test_images_shows_the_builds_last_words_when_it_fails(tmp_path):
    shutil.copytree(ROOT / "script", tmp_path / "script")
    folder = tmp_path / "images" / "octave"
    folder.mkdir(parents=True)
    (folder / "Dockerfile").write_text("FROM debian:bookworm-slim\nRUN echo the-cause; exit 7\n")
    done, _ = run(tmp_path / "script/images", "octave", BERTH_IMAGE_PREFIX=f"berth/test-{RUN_ID}", BERTH_BUILD_LOGS=str(tmp_path))
    assert done.returncode == 1 and "the-cause" in done.stderr and "the build failed" in done.stderr


def test_images_refuses_unknown_names_and_unreadable_ca_files():
    assert "no such image" in run(ROOT / "script/images", "matlab")[0].stderr
    assert "cannot read" in run(ROOT / "script/images", "--ca", "/nonexistent.crt")[0].stderr
