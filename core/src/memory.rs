//! Whether there is memory for what came from outside: an allocation that fails ends the process.

/// Less is not probed: a process that lacks this much can't go on anyway.
const SMALL: usize = 64 * 1024;
/// Factor between a text and the memory needed for its copies.
const PARSE_FACTOR: usize = 16;
/// The memory that one value of JSON needs, however short its text: its place in a list that grows
/// or in a map, its name, and a copy of both.
const VALUE: usize = 8 * size_of::<serde_json::Value>();
/// The same for an object: a node of a map, and the call that is made of it.
const OBJECT: usize = 4 * 1024;

/// Whether a text of so many bytes from outside can be copied and read, other than as JSON.
pub fn has_room_for(bytes: usize) -> bool {
    probe(bytes.saturating_mul(PARSE_FACTOR))
}

/// Whether this text from outside can be parsed as JSON, and copies be made of its values.
pub fn has_room_to_parse(text: &[u8]) -> bool {
    probe(needed_to_parse(text))
}

/// At most so many bytes are needed to parse this text, whatever its shape: `[[0],[0]` needs far
/// more for each byte than a sentence. A query string has its values between `&`.
pub fn needed_to_parse(text: &[u8]) -> usize {
    let (mut values, mut objects) = (0_usize, 0_usize);
    for byte in text {
        values += usize::from(matches!(byte, b'[' | b',' | b':' | b'&'));
        objects += usize::from(*byte == b'{');
    }
    let values = values.saturating_mul(VALUE);
    let objects = objects.saturating_mul(OBJECT);
    let copies = text.len().saturating_mul(PARSE_FACTOR);
    copies.saturating_add(values).saturating_add(objects)
}

/// Whether so many bytes can be allocated now.
fn probe(bytes: usize) -> bool {
    if bytes <= SMALL {
        return true;
    }
    let mut probe: Vec<u8> = Vec::new();
    let reserved = probe.try_reserve_exact(bytes);
    // The compiler leaves out an allocation that is never used.
    std::hint::black_box(&mut probe);
    reserved.is_ok()
}

#[cfg(test)]
mod tests {
    use super::{has_room_for, has_room_to_parse, probe};

    #[test]
    fn more_than_there_can_be_is_refused() {
        assert!(has_room_for(0) && has_room_for(1024 * 1024));
        assert!(!has_room_for(usize::MAX));
        assert!(!has_room_for(isize::MAX.unsigned_abs() / 2));
        assert!(has_room_to_parse(b"{}") && !probe(usize::MAX));
    }
}
