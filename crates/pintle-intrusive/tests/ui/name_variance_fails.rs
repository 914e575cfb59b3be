//! Names of which one is a subtype of the other are names of different links.

use std::ptr::NonNull;

use pintle_intrusive::{Linked, List, list};

type Sub = for<'a> fn(&'a ());
type Super = fn(&'static ());

struct Node {
    sub: list::Links<Self, Sub>,
    other: list::Links<Self, Super>,
}

macro_rules! linked {
    ($($name:ty)*) => {$(
        unsafe impl Linked<list::Links<Self, $name>> for Node {
            type Handle = NonNull<Self>;
            fn into_ptr(_: Self::Handle) -> NonNull<Self> { unimplemented!() }
            unsafe fn from_ptr(_: NonNull<Self>) -> Self::Handle { unimplemented!() }
            unsafe fn links(_: NonNull<Self>) -> NonNull<list::Links<Self, $name>> { unimplemented!() }
        }
    )*};
}

linked!(Sub Super);

fn up(list: List<Node, Sub>) -> List<Node, Super> {
    list
}

fn down(list: List<Node, Super>) -> List<Node, Sub> {
    list
}

fn main() {}
