//! What else is called `core` or `Linked` does not matter.
#![forbid(unsafe_code)]

extern crate self as core;

use std::pin::Pin;

use pintle_intrusive::{List, linked, list};

pub mod marker {
    pub trait Unpin {}
}

pub mod ptr {}

pub trait Linked {}

pub struct Job {
    links: list::Links<Self>,
}

linked!(Job { links: list::Links<Self> } as Pin<Box<Self>>);

fn main() {
    let mut list = List::<Job>::new();
    list.push_back(Box::pin(Job {
        links: list::Links::new(),
    }));
    assert!(list.pop_front().is_some());
}
