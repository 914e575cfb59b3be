//! A node that counts its drops, for the unit tests.

use alloc::{boxed::Box, rc::Rc, vec::Vec};
use core::{cell::Cell, pin::Pin, ptr::NonNull};

use crate::{Linked, List, Ring, list, stack};

pub(crate) struct Entry {
    links: list::Links<Entry>,
    stack_links: stack::Links<Entry>,
    pub(crate) n: u32,
    drops: Rc<Cell<u32>>,
    panics: bool,
}

pub(crate) fn entry(n: u32) -> Pin<Box<Entry>> {
    counted(n, &Rc::default())
}

pub(crate) fn counted(n: u32, drops: &Rc<Cell<u32>>) -> Pin<Box<Entry>> {
    Box::pin(unpinned(n, drops))
}

pub(crate) fn unpinned(n: u32, drops: &Rc<Cell<u32>>) -> Entry {
    Entry {
        links: list::Links::new(),
        stack_links: stack::Links::new(),
        n,
        drops: drops.clone(),
        panics: false,
    }
}

/// An entry whose drop panics, after it was counted.
pub(crate) fn panicking(n: u32, drops: &Rc<Cell<u32>>) -> Pin<Box<Entry>> {
    let mut entry = counted(n, drops);
    // SAFETY: nothing is moved.
    unsafe { entry.as_mut().get_unchecked_mut() }.panics = true;
    entry
}

pub(crate) fn ptr(entry: &Pin<Box<Entry>>) -> NonNull<Entry> {
    NonNull::from(&**entry)
}

impl Entry {
    pub(crate) fn is_linked(&self) -> bool {
        self.links.is_linked()
    }

    pub(crate) fn links(&self) -> &list::Links<Entry> {
        &self.links
    }

    pub(crate) fn set(self: Pin<&mut Self>, n: u32) {
        // SAFETY: nothing is moved.
        unsafe { self.get_unchecked_mut() }.n = n;
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.drops.set(self.drops.get() + 1);
        assert!(!self.panics, "told to");
    }
}

// SAFETY: the box owns its node and pins it; `Entry` is `!Unpin` by its links, to which `links`
// goes by raw pointers; it is `!Send`.
unsafe impl Linked<list::Links<Entry>> for Entry {
    type Handle = Pin<Box<Entry>>;

    fn into_ptr(handle: Self::Handle) -> NonNull<Self> {
        // SAFETY: the node is not moved.
        let boxed = unsafe { Pin::into_inner_unchecked(handle) };
        NonNull::from(Box::leak(boxed))
    }

    unsafe fn from_ptr(ptr: NonNull<Self>) -> Self::Handle {
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
    type Handle = Pin<Box<Entry>>;

    fn into_ptr(handle: Self::Handle) -> NonNull<Self> {
        <Self as Linked<list::Links<Self>>>::into_ptr(handle)
    }

    unsafe fn from_ptr(ptr: NonNull<Self>) -> Self::Handle {
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

pub(crate) fn list(numbers: impl IntoIterator<Item = u32>) -> List<Entry> {
    numbers.into_iter().map(entry).collect()
}

pub(crate) fn ring(numbers: impl IntoIterator<Item = u32>) -> Ring<Entry> {
    numbers.into_iter().map(entry).collect()
}

/// The list's numbers, read in both directions.
#[track_caller]
pub(crate) fn numbers(list: &List<Entry>) -> Vec<u32> {
    list.assert_valid();
    let forward: Vec<u32> = list.iter().map(|e| e.n).collect();
    let mut backward: Vec<u32> = list.iter().rev().map(|e| e.n).collect();
    backward.reverse();
    assert_eq!(forward, backward);
    assert_eq!(forward.len(), list.len());
    assert_eq!(forward.is_empty(), list.is_empty());
    forward
}
