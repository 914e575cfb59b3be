//! A node for the models: a number in a box, and a count of those that are alive.

use std::{cell::Cell, pin::Pin, ptr::NonNull};

use pintle_intrusive::{Linked, list, stack};

pub(crate) type Handle = Pin<Box<Entry>>;

thread_local!(static ALIVE: Cell<usize> = const { Cell::new(0) });

pub(crate) struct Entry {
    links: list::Links<Entry>,
    stack_links: stack::Links<Entry>,
    pub(crate) number: u32,
}

pub(crate) fn entry(number: u32) -> Handle {
    ALIVE.set(ALIVE.get() + 1);
    Box::pin(Entry {
        links: list::Links::new(),
        stack_links: stack::Links::new(),
        number,
    })
}

/// How many entries of this thread there are.
pub(crate) fn alive() -> usize {
    ALIVE.get()
}

impl Drop for Entry {
    fn drop(&mut self) {
        ALIVE.set(ALIVE.get() - 1);
        assert!(!self.links.is_linked(), "dropped while linked");
    }
}

// SAFETY: the box owns its node and pins it; `links` goes by raw pointers.
unsafe impl Linked<list::Links<Entry>> for Entry {
    type Handle = Handle;

    fn into_ptr(handle: Handle) -> NonNull<Self> {
        // SAFETY: the node is not moved.
        let boxed = unsafe { Pin::into_inner_unchecked(handle) };
        NonNull::from(Box::leak(boxed))
    }

    unsafe fn from_ptr(ptr: NonNull<Self>) -> Handle {
        // SAFETY: the pointer is from `into_ptr`.
        Box::into_pin(unsafe { Box::from_raw(ptr.as_ptr()) })
    }

    unsafe fn links(ptr: NonNull<Self>) -> NonNull<list::Links<Self>> {
        // SAFETY: the node is live.
        let links = unsafe { &raw mut (*ptr.as_ptr()).links };
        // SAFETY: a field's address is not null.
        unsafe { NonNull::new_unchecked(links) }
    }
}

// SAFETY: as above, by other links.
unsafe impl Linked<stack::Links<Entry>> for Entry {
    type Handle = Handle;

    fn into_ptr(handle: Handle) -> NonNull<Self> {
        <Self as Linked<list::Links<Self>>>::into_ptr(handle)
    }

    unsafe fn from_ptr(ptr: NonNull<Self>) -> Handle {
        // SAFETY: the pointer is from `into_ptr`.
        unsafe { <Self as Linked<list::Links<Self>>>::from_ptr(ptr) }
    }

    unsafe fn links(ptr: NonNull<Self>) -> NonNull<stack::Links<Self>> {
        // SAFETY: the node is live.
        let links = unsafe { &raw mut (*ptr.as_ptr()).stack_links };
        // SAFETY: a field's address is not null.
        unsafe { NonNull::new_unchecked(links) }
    }
}
