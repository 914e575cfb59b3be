//! Links that may be at any address.

use std::pin::Pin;

use pintle_intrusive::{linked, list};

#[repr(C, packed)]
struct Packed {
    number: u8,
    links: list::Links<Self>,
}

linked!(Packed { links: list::Links<Self> } as Pin<Box<Self>>);

fn main() {}
