"""Lists of calls through the C++ interface: what C is held to."""

from __future__ import annotations

from c.test_lists import (  # noqa: F401
    test_list_has_the_calls_of_the_sandboxs_record,
    test_list_is_what_the_vector_says,
)
