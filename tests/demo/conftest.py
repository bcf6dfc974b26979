"""`demo`: a simulated lab that the tests of this folder share; none of them needs an engine."""

import pytest

from harness.demo import Demo


@pytest.fixture
def make_demo(tmp_path):
    """make_demo(WORDS...): a demo that is ended with the test, if it still runs then."""
    made = []

    def make(*words):
        folder = tmp_path / f"demo-{len(made)}"
        folder.mkdir()
        made.append(Demo(folder, *words))
        return made[-1]

    yield make
    for each in made:
        each.stop()


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    lab = Demo(tmp_path_factory.mktemp("demo")).start()
    yield lab
    lab.stop()


@pytest.fixture
def member(demo):
    return demo.log_in("lin.wei")


@pytest.fixture
def admin(demo):
    return demo.log_in("prof.liu")
