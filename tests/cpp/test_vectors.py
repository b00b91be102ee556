"""Every vector, through the C++ interface, over the real sandbox: what C is held to."""

from __future__ import annotations

from c.test_vectors import (  # noqa: F401
    test_every_option_at_once_arrives,
    test_response_is_reported_as_the_vector_says,
    test_what_cant_be_sent_is_refused_by_its_field,
    test_what_is_asked_is_what_arrives,
    way,
)
