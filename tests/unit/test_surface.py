"""The public surface stands still: a name that comes or goes is a decision, made here."""

import answerable

SURFACE = {
    "Answer",
    "Citation",
    "Claim",
    "Filter",
    "Outcome",
    "Principal",
    "Project",
    "Query",
    "System",
    "__version__",
    "open_system",
}


def test_the_surface_is_what_is_listed():
    assert set(answerable.__all__) == SURFACE
    assert all(getattr(answerable, name) is not None for name in SURFACE)


def test_what_is_not_listed_is_not_there():
    try:
        answerable.Pipelin  # noqa: B018
    except AttributeError as error:
        assert "Pipelin" in str(error)
    else:
        raise AssertionError("a misspelled name must fail")
