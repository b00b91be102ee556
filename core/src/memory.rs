//! Whether there is memory for what came from outside: an allocation that fails ends the process.

/// Less is not checked: a process that lacks this much can't go on anyway.
const SMALL: usize = 4 * 1024;
/// Factor between a text and the memory needed to parse it.
const PARSE_FACTOR: usize = 16;

/// Whether `bytes` from outside can be copied and read.
pub fn has_room_for(bytes: usize) -> bool {
    if bytes <= SMALL {
        return true;
    }
    let mut probe: Vec<u8> = Vec::new();
    let reserved = probe.try_reserve_exact(bytes.saturating_mul(PARSE_FACTOR));
    // The compiler leaves out an allocation that is never used.
    std::hint::black_box(&mut probe);
    reserved.is_ok()
}

#[cfg(test)]
mod tests {
    use super::has_room_for;

    #[test]
    fn more_than_there_can_be_is_refused() {
        assert!(has_room_for(0) && has_room_for(1024 * 1024));
        assert!(!has_room_for(usize::MAX));
        assert!(!has_room_for(isize::MAX.unsigned_abs() / 2));
    }
}
