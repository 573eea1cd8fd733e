"""Every file that is flashed compiles for both families of chips, native code included."""

from pathlib import PurePosixPath

import pytest

from mynah.errors import MynahError
from mynah.maker.boards import ARCHITECTURES
from mynah.maker.compiled import compile_file
from tests.repo.sources import REPOSITORY, python_files


@pytest.mark.parametrize("architecture", sorted(set(ARCHITECTURES.values())))
def test_every_firmware_file_compiles(architecture):
    sources = python_files("firmware")

    assert sources
    for path in sources:
        assert compile_file(REPOSITORY / path, PurePosixPath(path), architecture)


def test_what_micropython_can_not_compile_is_refused(tmp_path):
    source = tmp_path / "matching.py"
    source.write_text("match x:\n    case 1: pass\n")

    with pytest.raises(MynahError, match="does not compile for xtensawin"):
        compile_file(source, PurePosixPath("matching.py"), "xtensawin")
