"""The plugin: shipped asserts say what they compared, and a contract bound without its adapter is refused."""

import pytest


BOUND = """
import pytest
from ordering_core.testing.contracts.ids import IdSourceContract

class Stuck:
    def new(self):
        return "the-same-name-for-everything"

class TestStuck(IdSourceContract):
    @pytest.fixture
    def ids(self):
        return Stuck()
"""

FORGOTTEN = """
from ordering_core.testing.contracts.ids import IdSourceContract

class TestForgotten(IdSourceContract):
    pass
"""

REFINED = """
from ordering_core.testing.contracts.ids import IdSourceContract

class OurIdsContract(IdSourceContract):
    pass

def test_nothing():
    pass
"""


def test_a_host_sees_what_a_contract_compared_and_what_it_forgot_to_bind(pytester: pytest.Pytester) -> None:
    pytester.makeconftest('pytest_plugins = ["ordering_core.testing.plugin"]')
    pytester.makepyfile(test_bound=BOUND, test_forgotten=FORGOTTEN, test_refined=REFINED)
    result = pytester.runpytest_subprocess(
        "--continue-on-collection-errors", "-p", "no:cacheprovider", "-p", "no:randomly", "-p", "no:xdist"
    )
    result.assert_outcomes(failed=3, passed=2, errors=1)
    result.stdout.fnmatch_lines_random(
        [
            "E*assert 1 == 1000",
            "E*where 1 = len(*",
            "*TestForgotten does not say what its contract needs: ids*",
        ]
    )
