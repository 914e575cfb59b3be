//! A node in a handle of any kind, in a list, in a queue and in a stack. Nothing here is run.
#![allow(dead_code)]

use std::{marker::PhantomData, pin::Pin, ptr::NonNull, rc::Rc};

use pintle_intrusive::{Linked, list, mpsc_queue, stack};

pub struct Node<M> {
    list: list::Links<Node<M>>,
    queue: mpsc_queue::Links<Node<M>>,
    stack: stack::Links<Node<M>>,
    pub n: u32,
    marker: PhantomData<M>,
}

/// A node that may go anywhere, in a box that may.
pub struct InBox;

/// A node that may go anywhere, in a handle that may not: the contract of `Linked` is broken.
pub struct InRc;

/// A node that says what it owes to its handle.
pub struct InRcAndSaysSo(PhantomData<*mut ()>);

macro_rules! linked {
    ($($marker:ident: $handle:ty;)*) => {$(
        unsafe impl Linked<list::Links<Self>> for Node<$marker> {
            type Handle = $handle;
            fn into_ptr(_: Self::Handle) -> NonNull<Self> { unimplemented!() }
            unsafe fn from_ptr(_: NonNull<Self>) -> Self::Handle { unimplemented!() }
            unsafe fn links(_: NonNull<Self>) -> NonNull<list::Links<Self>> { unimplemented!() }
        }

        unsafe impl Linked<mpsc_queue::Links<Self>> for Node<$marker> {
            type Handle = $handle;
            fn into_ptr(_: Self::Handle) -> NonNull<Self> { unimplemented!() }
            unsafe fn from_ptr(_: NonNull<Self>) -> Self::Handle { unimplemented!() }
            unsafe fn links(_: NonNull<Self>) -> NonNull<mpsc_queue::Links<Self>> { unimplemented!() }
        }

        unsafe impl Linked<stack::Links<Self>> for Node<$marker> {
            type Handle = $handle;
            fn into_ptr(_: Self::Handle) -> NonNull<Self> { unimplemented!() }
            unsafe fn from_ptr(_: NonNull<Self>) -> Self::Handle { unimplemented!() }
            unsafe fn links(_: NonNull<Self>) -> NonNull<stack::Links<Self>> { unimplemented!() }
        }
    )*};
}

linked! {
    InBox: Pin<Box<Self>>;
    InRc: Pin<Rc<Self>>;
    InRcAndSaysSo: Pin<Rc<Self>>;
}

pub fn is_send<T: Send>() {}
pub fn is_sync<T: Sync>() {}
