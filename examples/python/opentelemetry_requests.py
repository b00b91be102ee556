"""One trace from a transfer to its end, with OpenTelemetry: the trace's context travels in the tag of the transfer.

Needs opentelemetry-sdk. The account comes from the environment: of v2, whose event transferComplete carries the tag.
"""

from __future__ import annotations

import sys
import time

import calltransfer
from opentelemetry import propagate, trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor

tracer = trace.get_tracer("calltransfer")


def span_of(request: calltransfer.RequestRecord) -> None:
    """A span for each request, under the one in which it was made. Names: semantic conventions, HTTP clients."""
    end = time.time_ns()
    known = {
        "calltransfer.action": request.action,
        "calltransfer.api": request.api,
        "calltransfer.outcome": request.outcome,
        "calltransfer.call_id": request.call_id,
        "calltransfer.new_call_id": request.new_call_id,
        "server.address": request.host,
        "http.response.status_code": request.http_status,
        "http.request.resend_count": request.attempts - 1 if request.attempts > 1 else None,
        "error.type": request.error_kind,
    }
    span = tracer.start_span(
        f"calltransfer {request.action}",
        kind=trace.SpanKind.CLIENT,
        start_time=end - int(request.elapsed * 1e9),
        attributes={name: value for name, value in known.items() if value is not None},
    )
    if request.error_kind is not None:
        span.set_status(trace.StatusCode.ERROR)
    span.end(end)


def tag() -> str:
    """The context of this trace, for the tag of a transfer."""
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    return carrier["traceparent"]


def event_span(event: calltransfer.Event) -> None:
    """A span for an event, in the trace of the transfer that it belongs to."""
    context = propagate.extract({"traceparent": event.tag or ""})
    with tracer.start_as_current_span(f"event {event.kind}", context, trace.SpanKind.CONSUMER) as span:
        span.set_attribute("calltransfer.call_id", event.call_id or "")
        span.set_attribute("calltransfer.cause", event.cause or "")


if __name__ == "__main__":
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter()))
    trace.set_tracer_provider(provider)
    calltransfer.observe(span_of)
    with tracer.start_as_current_span("decide where the call goes"):
        calltransfer.transfer(sys.argv[1], "+18382947878", tag=tag(), callback_url=sys.argv[2])
