//! Who calls another crate `core` gets no other `Unpin` into the macro, and none beside it.
#![forbid(unsafe_code)]

extern crate self as core;

use std::pin::Pin;

use pintle_intrusive::{linked, list};

pub mod marker {
    pub trait Unpin {}
}

pub mod ptr {
    pub use std::ptr::NonNull;
}

pub struct Job {
    links: list::Links<Self>,
}

linked!(Job { links: list::Links<Self> } as Pin<Box<Self>>);

impl Unpin for Job {}

fn main() {}
