"""What the names of judge and answerer give away: a judge in its own case, or one that may change."""

from __future__ import annotations

from answerable.core.model_names import family, floats


def concerns(judges: dict[str, bool], answerers: list[str]) -> list[str]:
    """What speaks against these judges, in sentences. `judges`: model → whether its vendor serves it.

    Judges rate their own words higher (Panickssery et al. 2024, arXiv:2404.13076).
    """
    found = []
    for judge, vendor in judges.items():
        if judge in answerers:
            found.append(f"{judge} judges its own answers: take another model for the judge")
        elif family(judge) in {family(one) for one in answerers}:
            found.append(f"{judge} is of the same family as the model that answers ({family(judge)})")
        if floats(judge, vendor=vendor):
            found.append(f"{judge} may change under its name: pin a version, or yesterday's check says nothing")
    return found
