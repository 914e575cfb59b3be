//! Handles that do not own their node alone, or do not pin it.

use std::{
    pin::Pin,
    ptr::NonNull,
    rc::Rc,
    sync::{Arc, MutexGuard},
};

use pintle_intrusive::{linked, list};

macro_rules! node {
    ($($name:ident: $handle:ty),* $(,)?) => {$(
        struct $name {
            links: list::Links<Self>,
        }

        linked!($name { links: list::Links<Self> } as $handle);
    )*};
}

node! {
    InArc: Arc<Self>,
    InPinnedArc: Pin<Arc<Self>>,
    InRc: Pin<Rc<Self>>,
    OnAStack: NonNull<Self>,
    InAStatic: &'static Self,
    Pinned: Pin<&'static Self>,
    NotPinned: &'static mut Self,
    NotPinnedBox: Box<Self>,
    Guarded: Pin<MutexGuard<'static, Self>>,
    Other: Pin<Box<OnAStack>>,
}

struct Borrowed<'a> {
    links: list::Links<Self>,
    name: &'a str,
}

linked!(impl<'a> Borrowed<'a> { links: list::Links<Self> } as Pin<&'a mut Self>);

fn main() {}
