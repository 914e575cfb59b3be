//! Nothing that is said can end an impl and begin another.

use std::pin::Pin;

use pintle_intrusive::{Linked, linked, list};

struct Job {
    links: list::Links<Self>,
}

linked!(impl<> Linked<u8> for Job { links: list::Links<Self> } as Pin<Box<Self>>);
linked!(impl<T> Unpin for Job {} impl<> Job { links: list::Links<Self> } as Pin<Box<Self>>);
linked!(Job { links: list::Links<Self> } as Pin<Box<Self>> where u8: Copy {} impl Unpin for Job);
linked!(Job { } as Pin<Box<Self>>);

fn main() {}
