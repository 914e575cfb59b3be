//! A node that could be moved while it is linked: with an `impl Unpin`, be it for some parameters.

use std::pin::Pin;

use pintle_intrusive::{linked, list};

struct Job {
    links: list::Links<Self>,
}

linked!(Job { links: list::Links<Self> } as Pin<Box<Self>>);

impl Unpin for Job {}

struct Generic<T> {
    links: list::Links<Self>,
    value: T,
}

linked!(impl<T> Generic<T> { links: list::Links<Self> } as Pin<Box<Self>>);

impl<T: Copy> Unpin for Generic<T> {}

struct Concrete<T> {
    links: list::Links<Self>,
    value: T,
}

linked!(Concrete<u32> { links: list::Links<Self> } as Pin<Box<Self>>);

impl<T> Unpin for Concrete<T> {}

fn main() {}
