"""Where the embedded server cannot run, it says so in words."""

import pytest

from answerable.adapters.postgres.binaries import check_cpu, check_platform
from answerable.core.errors import ConfigError


@pytest.mark.parametrize(
    ("flags", "missing"), [("fpu sse2", "AVX2 and FMA"), ("fpu avx2", "FMA"), ("fpu fma avx", "AVX2")]
)
def test_a_cpu_that_would_crash_is_refused_with_what_it_lacks(flags, missing):
    with pytest.raises(ConfigError, match=missing) as caught:
        check_cpu(f"processor\t: 0\nflags\t\t: {flags}\nbugs\t: none\n")
    assert "database.url" in caught.value.hint


def test_a_cpu_with_everything_will_do_and_so_will_one_that_tells_nothing():
    check_cpu("processor\t: 0\nflags\t\t: fpu avx2 fma sse2\n")
    check_cpu("processor\t: 0\n")


def test_windows_is_pointed_at_a_server_of_its_own():
    with pytest.raises(ConfigError) as caught:
        check_platform("Windows")
    assert "database.url" in caught.value.hint
