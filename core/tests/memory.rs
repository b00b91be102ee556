//! How much memory an event needs while it is parsed: never more than was looked for beforehand.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use calltransfer::{Event, memory};
use serde_json::Value;

/// Counts what is allocated now, and the most that ever was.
struct Counting;

static NOW: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);
/// The sizes of the probes, which are freed before the parser begins: of the body, and of JSON in it.
static PROBES: [AtomicUsize; 2] = [AtomicUsize::new(0), AtomicUsize::new(0)];
/// What malloc adds to a small allocation.
const OVERHEAD: usize = 16;

fn is_probe(bytes: usize) -> bool {
    PROBES
        .iter()
        .any(|probe| probe.load(Ordering::Relaxed) == bytes)
}

fn count(bytes: usize) {
    let now = NOW.fetch_add(bytes, Ordering::Relaxed) + bytes;
    MOST.fetch_max(now, Ordering::Relaxed);
}

// SAFETY: the system's allocator does everything; a `realloc` is counted as a copy by the default
// method, which calls `alloc` and `dealloc`.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if !is_probe(layout.size()) {
            count(layout.size() + OVERHEAD);
        }
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        if !is_probe(layout.size()) {
            NOW.fetch_sub(layout.size() + OVERHEAD, Ordering::Relaxed);
        }
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// `unit` as often as it fits into a body, between `start` and `end`.
fn body(start: &str, unit: &str, end: &str) -> String {
    let room = Event::MAX_BODY - start.len() - end.len();
    format!("{start}{}{end}", unit.repeat(room / unit.len()))
}

/// What is looked for when JSON within a text of the body is parsed.
fn needed_for_text(body: &str) -> usize {
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    let text = body["diversion"].as_str().unwrap_or_default();
    memory::needed_to_parse(text.as_bytes())
}

// One test: what others allocate meanwhile would be counted too.
#[test]
fn event_needs_no_more_memory_than_is_looked_for() {
    let list = r#"{"eventType":"x","data":["#;
    let mut bodies = Vec::new();
    for unit in [
        "0,",
        "[0],",
        "[[0]],",
        r#"{"":0},"#,
        r#"{"a":[0]},"#,
        r#""","#,
        r#""a","#,
    ] {
        bodies.push(body(list, unit, "0]}"));
    }
    bodies.push(body(r#"{"eventType":"gather","tag":""#, "x", r#""}"#));
    let fields: String = (0..20_000).map(|name| format!("\"{name}\":0,")).collect();
    bodies.push(format!(r#"{{{fields}"eventType":"x"}}"#));
    let fields: String = (0..20_000).map(|name| format!("{name}&")).collect();
    bodies.push(format!("{fields}eventType=x"));
    // JSON within a text, plain and escaped.
    for unit in [
        "[0],",
        r"[0]\u002c",
        r#"{\"\":0},"#,
        r#"\u007b\"\":0\u007d,"#,
    ] {
        let start = r#"{"eventType":"answer","diversion":"{\"a\":["#;
        bodies.push(body(start, unit, r#"0]}"}"#));
    }
    for body in bodies {
        let needed = memory::needed_to_parse(body.as_bytes());
        PROBES[0].store(needed, Ordering::Relaxed);
        let needed_for_text = needed_for_text(&body);
        PROBES[1].store(needed_for_text, Ordering::Relaxed);
        let before = NOW.load(Ordering::Relaxed);
        MOST.store(before, Ordering::Relaxed);
        let result = Event::parse(&body, None).map(|event| {
            // The interfaces to other languages copy the fields and write them as JSON.
            let copy = event.fields.clone();
            (
                event.to_string(),
                event.details(),
                Value::Object(copy).to_string(),
                event,
            )
        });
        let used = MOST.load(Ordering::Relaxed) - before;
        let shape = &body[..body.len().min(60)];
        assert!(result.is_ok(), "{shape}: {:?}", result.err());
        assert!(
            used <= needed + needed_for_text,
            "{shape}: used {used}, looked for {needed}"
        );
    }
}
