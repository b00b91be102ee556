"""Every vector of the v2 API that C++ can say, over the real sandbox: what C is held to."""

from __future__ import annotations

from c.test_v2_vectors import (  # noqa: F401
    test_v2_answer_is_read_so,
    test_v2_request_arrives_as_given,
    test_v2_request_is_refused_by_its_field,
    test_v2_whisper_is_written_so,
)
