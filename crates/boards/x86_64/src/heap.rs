//! The heap.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::ptr::{self, NonNull};

use linked_list_allocator::Heap;
use pintle::lock::blocking::Mutex;

use crate::lock::IrqLock;

const SIZE: usize = 16 << 20;

/// Memory that the heap alone knows.
#[repr(align(4096))]
struct Memory(UnsafeCell<[u8; SIZE]>);

/// The last waker of a task may be dropped by an interrupt handler, and with it the task: so the lock masks interrupts.
struct LockedHeap(Mutex<Heap, IrqLock>);

// SAFETY: nobody but the heap, which is locked, touches it.
unsafe impl Sync for Memory {}

static MEMORY: Memory = Memory(UnsafeCell::new([0; SIZE]));

#[global_allocator]
static HEAP: LockedHeap = LockedHeap(Mutex::new_with_raw_mutex(Heap::empty(), IrqLock::new()));

/// Gives the heap its memory.
pub(crate) fn start() {
    // SAFETY: called once, with memory that is nobody else's.
    HEAP.0
        .with_lock(|heap| unsafe { heap.init(MEMORY.0.get().cast(), SIZE) });
}

/// How many bytes are in use.
pub(crate) fn used() -> usize {
    HEAP.0.with_lock(|heap| heap.used())
}

// === impl LockedHeap ===

// SAFETY: the heap hands out memory of its own, once, as `GlobalAlloc` asks.
unsafe impl GlobalAlloc for LockedHeap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let found = self.0.with_lock(|heap| heap.allocate_first_fit(layout));
        found.map_or(ptr::null_mut(), NonNull::as_ptr)
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: it came from `alloc`, so it is not null.
        let memory = unsafe { NonNull::new_unchecked(memory) };
        // SAFETY: by the caller's promise it came from this heap, with this layout.
        self.0
            .with_lock(|heap| unsafe { heap.deallocate(memory, layout) });
    }
}
