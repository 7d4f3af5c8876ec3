"""The embedded server's settings follow the machine, within bounds."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from answerable.adapters.postgres.tuning import MB, render, settings


def make(**changes):
    return settings(**({"memory": 8192 * MB, "socket_folder": Path("/s"), "shm": 4096 * MB} | changes))


@given(st.integers(min_value=0, max_value=10**13))
def test_memory_stays_modest_on_any_machine(memory):
    values = make(memory=memory)
    assert 64 <= int(values["shared_buffers"].removesuffix("MB")) <= 512
    assert 64 <= int(values["maintenance_work_mem"].removesuffix("MB")) <= 512


def test_more_memory_gives_more_buffers():
    assert make(memory=2048 * MB)["shared_buffers"] == "128MB"
    assert make(memory=4096 * MB)["shared_buffers"] == "256MB"


def test_a_small_dev_shm_is_not_relied_on():
    assert make(shm=64 * MB)["dynamic_shared_memory_type"] == "sysv"
    assert make()["dynamic_shared_memory_type"] == "posix"


def test_it_is_durable_and_deaf():
    values = make()
    assert (values["fsync"], values["full_page_writes"], values["listen_addresses"]) == ("on", "on", "")


def test_a_quote_in_a_path_stays_inside_its_value():
    assert render({"unix_socket_directories": "/it's"}) == "unix_socket_directories = '/it''s'\n"
