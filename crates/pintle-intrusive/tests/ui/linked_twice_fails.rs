//! Two fields for one collection, and one field for two.

use std::pin::Pin;

use pintle_intrusive::{linked, list};

enum All {}

struct TwoFields {
    first: list::Links<Self>,
    second: list::Links<Self>,
}

linked!(TwoFields { first: list::Links<Self>, second: list::Links<Self> } as Pin<Box<Self>>);

struct OneField {
    links: list::Links<Self>,
}

linked!(OneField { links: list::Links<Self>, links: list::Links<Self> } as Pin<Box<Self>>);

/// The two of one type are said in one go.
struct InTwoGoes {
    links: list::Links<Self>,
    all: list::Links<Self, All>,
}

linked!(InTwoGoes { links: list::Links<Self> } as Pin<Box<Self>>);
linked!(InTwoGoes { all: list::Links<Self, All> } as Pin<Box<Self>>);

fn main() {}
