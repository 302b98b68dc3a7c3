"""What is installed besides is said to be missing only if it is."""

import sys

import pytest

from reformsim.calibration.sampling import import_pyabc
from reformsim.experiments.design import _by_salib
from reformsim.running.cluster import Dask

SHORT = "failed to map segment from shared object"


class Short:
    """Finds a package, for which there is no memory."""

    def __init__(self, package):
        self.package = package

    def find_spec(self, name, *_):
        if name.partition(".")[0] == self.package:
            raise ImportError(SHORT)


@pytest.mark.parametrize(
    ("package", "use"),
    [
        ("SALib", lambda: _by_salib("morris", 2, 4, 1)),
        ("distributed", lambda: Dask(None, 1)),
        ("pyabc", import_pyabc),
    ],
)
def test_what_cannot_be_loaded_is_not_said_to_be_missing(monkeypatch, package, use):
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [Short(package), *sys.meta_path])
    with pytest.raises(ImportError, match=SHORT):
        use()
