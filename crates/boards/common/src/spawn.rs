//! [`spawn!`](crate::spawn!): tasks of `async fn`s in statics.
//!
//! The future of an `async fn` has a type without a name, and a `static` needs one. What can be had
//! without the name is the future's size: a `const fn` that is given the function infers the type. So the
//! `static` is a [`Place`] of that many bytes.

use core::{cell::UnsafeCell, future::Future, mem::MaybeUninit};

use pintle::{
    base::atomic::{AtomicBool, Ordering::Relaxed},
    scheduler::StaticScheduler,
    task::{StaticStorage, Task},
};

/// Memory for one value whose type need not be named.
///
/// # Invariants
///
/// `memory` is used by who has set `is_taken`, and by nobody else, for ever.
#[repr(C, align(8))]
pub struct Place<const SIZE: usize> {
    memory: UnsafeCell<MaybeUninit<[u8; SIZE]>>,
    is_taken: AtomicBool,
}

// SAFETY: the memory belongs to one caller of `put`, by the invariant, and what it puts there it may send.
unsafe impl<const SIZE: usize> Sync for Place<SIZE> {}

/// A function that returns a future, with its arguments as a tuple.
pub trait TaskFn<Arguments>: Copy {
    /// What it returns.
    type Future: Future;
}

/// The size of the task of a function.
///
/// Of a scheduler a task has a reference, which has one size for all of them.
pub const fn size_of_task<F: TaskFn<Arguments>, Arguments>(_: F) -> usize {
    size_of::<Task<&'static StaticScheduler, F::Future, StaticStorage>>()
}

/// Spawns a task that calls an `async fn`. Its memory is a `static` of its own, so each *place* where this
/// stands spawns once.
///
/// # Panics
///
/// The second time.
#[macro_export]
macro_rules! spawn {
    ($scheduler:expr, $($function:ident)::+($($argument:expr),* $(,)?)) => {{
        static PLACE: $crate::spawn::Place<{ $crate::spawn::size_of_task($($function)::+) }> =
            $crate::spawn::Place::new();
        let future = $($function)::+($($argument),*);
        $scheduler.spawn_allocated::<_, ::pintle::task::StaticStorage>(
            PLACE.put(::pintle::task::Task::new(future)),
        )
    }};
}

macro_rules! task_fn {
    ($($Argument:ident)*) => {
        impl<F, Fut: Future, $($Argument),*> TaskFn<($($Argument,)*)> for F
        where
            F: Copy + FnOnce($($Argument),*) -> Fut,
        {
            type Future = Fut;
        }
    };
}

task_fn!();
task_fn!(A);
task_fn!(A B);
task_fn!(A B C);

// === impl Place ===

impl<const SIZE: usize> Place<SIZE> {
    /// Memory that nobody uses.
    #[allow(
        clippy::new_without_default,
        reason = "it stands in statics, and nowhere else"
    )]
    pub const fn new() -> Self {
        Self {
            memory: UnsafeCell::new(MaybeUninit::uninit()),
            is_taken: AtomicBool::new(false),
        }
    }

    /// Puts a value there, for ever.
    ///
    /// # Panics
    ///
    /// If there is one already.
    #[allow(
        clippy::mut_from_ref,
        reason = "one caller gets it: the flag keeps the others out"
    )]
    pub fn put<T: Send>(&'static self, value: T) -> &'static mut T {
        const { assert!(align_of::<T>() <= align_of::<Self>()) };
        const { assert!(size_of::<T>() <= SIZE) };
        assert!(!self.is_taken.swap(true, Relaxed), "spawned twice");
        let memory = self.memory.get().cast::<MaybeUninit<T>>();
        // SAFETY: the memory is the caller's by the flag, comes first in the place, and has the size and
        // the alignment.
        let memory = unsafe { &mut *memory };
        memory.write(value)
    }
}
