"""The operators' page lists the figures that there are."""

from answerable.core.figures import FIGURES
from tests.docs.operating import PAGE, page


def test_the_table_of_figures_is_the_codes():
    assert PAGE.read_text("utf-8") == page()
    assert all(f"`{one.name}`" in page() for one in FIGURES)
