//! A look-alike of the Catapult v1 calls API.
