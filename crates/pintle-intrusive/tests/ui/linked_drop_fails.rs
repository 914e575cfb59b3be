//! A `Drop` gets `&mut` to links, which are linked if the node is overwritten where it stands.

use std::{mem, pin::Pin};

use pintle_intrusive::{linked, list};

#[derive(Default)]
struct Job {
    links: list::Links<Self>,
}

linked!(Job { links: list::Links<Self> } as Pin<Box<Self>>);

impl Drop for Job {
    fn drop(&mut self) {
        // With this, `list.front_mut().unwrap().set(Job::default())` would not end the process.
        mem::forget(mem::take(&mut self.links));
    }
}

struct Generic<T> {
    links: list::Links<Self>,
    value: T,
}

linked!(impl<T: Send> Generic<T> { links: list::Links<Self> } as Pin<Box<Self>>);

impl<T> Drop for Generic<T> {
    fn drop(&mut self) {}
}

fn main() {}
