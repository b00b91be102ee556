//! Transfer a live phone call to another number, and know what became of it.
