//! A Redis-protocol server on a runtime made of the kit.
fn main() {}
