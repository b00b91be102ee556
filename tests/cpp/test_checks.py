"""Checks of one transfer through the C++ interface: what C is held to."""

from __future__ import annotations

from c.test_checks import (  # noqa: F401
    test_finding_is_what_the_vector_says,
    test_only_the_transfer_in_question_is_found,
)
