"""Every vector, through the C++ interface, over the real sandbox: what C is held to."""

from __future__ import annotations

from c.test_vectors import (  # noqa: F401
    test_every_option_at_once_arrives,
    test_invalid_transfer_is_refused_by_its_field,
    test_request_arrives_as_given,
    test_response_is_reported_as_the_vector_says,
    test_wrong_input_of_a_driver_is_named,
    way,
)
