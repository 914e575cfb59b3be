//! What `linked!` refuses in an `unsafe impl`, and where there must be one.

use std::{mem::ManuallyDrop, ops::Deref, pin::Pin, ptr::NonNull, sync::Weak};

use pintle_intrusive::{Linked, linked, list};

struct OtherHandle {
    links: list::Links<Self>,
}

unsafe impl Linked<list::Links<Self>> for OtherHandle {
    linked!(links: list::Links<Self> as Weak<Self>);
}

struct NotOfIt {
    links: list::Links<Self>,
}

unsafe impl Linked<list::Links<Self>> for NotOfIt {
    linked!(links: list::Links<Self> as NonNull<OtherHandle>);
}

struct NeverDropped {
    links: ManuallyDrop<list::Links<Self>>,
}

unsafe impl Linked<list::Links<Self>> for NeverDropped {
    linked!(links: list::Links<Self> as NonNull<Self>);
}

struct Elsewhere {
    inner: &'static Inner,
}

struct Inner {
    links: list::Links<Elsewhere>,
}

impl Deref for Elsewhere {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        self.inner
    }
}

unsafe impl Linked<list::Links<Self>> for Elsewhere {
    linked!(links: list::Links<Self> as NonNull<Self>);
}

mod careful {
    #![forbid(unsafe_code)]
    use super::*;

    struct Waiter {
        links: list::Links<Self>,
    }

    unsafe impl Linked<list::Links<Self>> for Waiter {
        linked!(links: list::Links<Self> as NonNull<Self>);
    }

    struct Promised {
        links: list::Links<Self>,
    }

    impl Linked<list::Links<Self>> for Promised {
        linked!(links: list::Links<Self> as Pin<Box<Self>>);
    }
}

fn main() {}
