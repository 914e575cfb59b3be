//! What is no struct: a field of it may not be there, or not be dropped.

use std::{mem::ManuallyDrop, pin::Pin};

use pintle_intrusive::{linked, list};

enum Enum {
    One { links: list::Links<Self> },
    Other,
}

linked!(Enum { links: list::Links<Self> } as Pin<Box<Self>>);

union Union {
    links: ManuallyDrop<list::Links<Self>>,
    other: u8,
}

linked!(Union { links: ManuallyDrop<list::Links<Self>> } as Pin<Box<Self>>);

fn main() {}
