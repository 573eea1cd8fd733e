"""Commands that take long run beside the other tests; rings that a whole module shares."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.end_to_end import background, running

FOLDER = Path(__file__).parent
JOBS = background.JOBS | {"sessions": running.run_all}


def pytest_collection_modifyitems(items):
    """First this folder's, since they start the commands; last of all those that wait for one."""
    items.sort(key=lambda item: (bool(JOBS.keys() & _fixtures(item)), not _is_ours(item)))


def _is_ours(item):
    return FOLDER in item.path.parents


def _fixtures(item):
    return set(getattr(item, "fixturenames", ()))  # a check of tests/micropython has none


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Of a whole module, which shares what was done in it once."""
    folder = tmp_path_factory.mktemp("module")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MYNAH_DATA", str(folder / "data"))
        yield folder


@pytest.fixture(scope="session", autouse=True)
def _started(request, tmp_path_factory):
    """What a collected test will wait for is started with the first test of this folder."""
    wanted = {name for item in request.session.items for name in _fixtures(item)}
    with ThreadPoolExecutor(background.AT_ONCE) as executor:
        jobs = {
            name: executor.submit(job, tmp_path_factory.mktemp(name))
            for name, job in JOBS.items()
            if name in wanted
        }
        yield jobs
        executor.shutdown(cancel_futures=True)
