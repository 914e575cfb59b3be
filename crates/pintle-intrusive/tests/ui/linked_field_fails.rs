//! Links that are not dropped with their node, or are not its own, or not those said.

use std::{cell::UnsafeCell, mem::ManuallyDrop, ops::Deref, pin::Pin, rc::Rc};

use pintle_intrusive::{linked, list};

enum All {}

macro_rules! node {
    ($($name:ident { links: $links:ty })*) => {$(
        struct $name {
            links: $links,
        }

        linked!($name { links: list::Links<Self> } as Pin<Box<Self>>);
    )*};
}

node! {
    NeverDropped { links: ManuallyDrop<list::Links<Self>> }
    Boxed { links: Box<list::Links<Self>> }
    InACell { links: UnsafeCell<list::Links<Self>> }
    OfAnotherName { links: list::Links<Self, All> }
    OfAnotherNode { links: list::Links<Boxed> }
}

struct Inner {
    links: list::Links<Outer>,
}

/// All that point here share the links.
struct Outer {
    inner: Rc<Inner>,
}

impl Deref for Outer {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.inner
    }
}

linked!(Outer { links: list::Links<Self> } as Pin<Box<Self>>);

struct Lifetime<'a> {
    links: list::Links<Lifetime<'static>>,
    name: &'a str,
}

linked!(impl<'a> Lifetime<'a> { links: list::Links<Self> } as Pin<Box<Self>>);

fn main() {}
