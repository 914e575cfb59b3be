//! `domain!`, and what it is made of.

/// Declares a domain of its own: a type that is its [`Scope`](crate::Scope).
///
/// A guard, a cell and a cookie carry the type of their domain, so those of one do not serve another. Sections of one
/// domain do not hold up the writers of another: for data with long sections beside data with short ones.
///
/// # Threads
///
/// Readers are threads, the barrier is the process-wide one. Feature `std`.
///
/// ```
/// # #[cfg(feature = "std")] {
/// use pintle_rcu::RcuDomain;
///
/// pintle_rcu::domain! {
///     /// Readers of the routing table.
///     pub struct Routes;
/// }
///
/// const ROUTES: RcuDomain<Routes> = RcuDomain::new();
///
/// assert_eq!(ROUTES.run(|| 1 + 1), 2);
/// ROUTES.synchronize_blocking();
/// # }
/// ```
///
/// # Cores
///
/// Readers are cores, or whatever has a number below a bound: `current` gives it. Slots are in a static, nothing is
/// allocated, and the barrier is the caller's.
///
/// ```
/// use pintle_rcu::{RcuDomain, domain::Fences};
///
/// fn this_core() -> usize {
///     // A kernel reads a register.
///     0
/// }
///
/// pintle_rcu::domain! {
///     /// Readers of the kernel's tables.
///     // SAFETY: sections run with preemption off, and no interrupt handler reads.
///     pub unsafe struct Tables {
///         slots: 4,
///         current: this_core,
///         barrier: Fences = Fences,
///     }
/// }
///
/// const TABLES: RcuDomain<Tables> = RcuDomain::new();
///
/// assert_eq!(TABLES.run(|| 1 + 1), 2);
/// TABLES.synchronize_blocking();
/// ```
///
/// It is `unsafe` as [`Scope`](crate::Scope) is: whoever writes it promises that no two contexts use the slot of one
/// number at the same time.
///
/// # What does not compile
///
/// ```compile_fail,E0308
/// # use pintle_rcu::{RcuDomain, RcuGuard};
/// pintle_rcu::domain! { struct One; }
/// pintle_rcu::domain! { struct Other; }
///
/// let guard: RcuGuard<One> = RcuDomain::<Other>::new().enter();
/// ```
#[macro_export]
macro_rules! domain {
    ($(#[$meta:meta])* $vis:vis struct $name:ident;) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug)]
        $vis enum $name {}

        $crate::threads!($name);
    };
    (
        $(#[$meta:meta])*
        $vis:vis unsafe struct $name:ident {
            slots: $count:expr,
            current: $current:path,
            barrier: $Barrier:ty = $barrier:expr $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug)]
        $vis enum $name {}

        const _: () = {
            static DOMAIN: $crate::domain::Domain<$Barrier> =
                $crate::domain::Domain::with_barrier($barrier);
            static SLOTS: [$crate::domain::Slot; $count] =
                [const { $crate::domain::Slot::of_scope() }; $count];

            // SAFETY: `DOMAIN` is named here only, and so are the slots. That no two contexts use one of them at
            // the same time was promised by whoever wrote `unsafe`.
            unsafe impl $crate::Scope for $name {
                type Barrier = $Barrier;

                #[inline]
                fn domain() -> &'static $crate::domain::Domain<$Barrier> {
                    &DOMAIN
                }

                #[inline]
                fn slot() -> &'static $crate::domain::Slot {
                    &SLOTS[$current()]
                }
            }
        };
    };
}

/// Makes a type the scope of a domain whose readers are threads.
#[cfg(feature = "std")]
#[doc(hidden)]
#[macro_export]
macro_rules! threads {
    ($name:ident) => {
        const _: () = {
            use ::core::{cell::Cell, sync::atomic::AtomicBool};
            use $crate::domain::{Domain, ProcessWide, Slot};
            use $crate::thread::{self, Exit, NOBODY, Threads};

            static DOMAIN: Domain = Domain::new();
            static FORKS_ARE_WATCHED: AtomicBool = AtomicBool::new(false);

            ::std::thread_local! {
                // Without a destructor, so it can be read for as long as the thread runs any code; that is also
                // what makes reading it one load.
                static SLOT: Cell<*const Slot> = const { Cell::new(&raw const NOBODY) };
                static EXIT: Exit<$name> = const { Exit::new() };
            }

            // SAFETY: `DOMAIN` is named here only. A thread's slot is its own; a signal handler or the like that
            // would use it is warned of by the crate's rules.
            unsafe impl $crate::Scope for $name {
                type Barrier = ProcessWide;

                #[inline]
                fn domain() -> &'static Domain {
                    &DOMAIN
                }

                #[inline]
                fn slot() -> &'static Slot {
                    let slot = SLOT.get();
                    // SAFETY: `NOBODY`, or a slot from `take_slot`: both are `'static`.
                    unsafe { &*slot }
                }

                fn join() -> &'static Slot {
                    thread::join::<Self>()
                }

                unsafe fn part(slot: &'static Slot) {
                    // SAFETY: the same.
                    unsafe { thread::part::<Self>(slot) };
                }
            }

            // SAFETY: `SLOT` begins as `NOBODY`, and only `set` writes it.
            unsafe impl Threads for $name {
                fn get() -> *const Slot {
                    SLOT.get()
                }

                fn set(slot: *const Slot) {
                    SLOT.set(slot);
                }

                fn forks_are_watched() -> &'static AtomicBool {
                    &FORKS_ARE_WATCHED
                }

                fn arm() -> bool {
                    EXIT.try_with(|_| ()).is_ok()
                }
            }
        };
    };
}

/// Declares a type of one scope, which is the global one by default where there is one.
#[allow(unused_macros, reason = "a model has no scopes")]
macro_rules! of_a_scope {
    ($(#[$meta:meta])* pub struct $name:ident<S> { $($fields:tt)* }) => {
        of_a_scope!([] $(#[$meta])* pub struct $name { $($fields)* });
    };
    ($(#[$meta:meta])* pub struct $name:ident<T, S> { $($fields:tt)* }) => {
        of_a_scope!([T,] $(#[$meta])* pub struct $name { $($fields)* });
    };
    ([$($T:tt)*] $(#[$meta:meta])* pub struct $name:ident { $($fields:tt)* }) => {
        $(#[$meta])*
        #[cfg(feature = "std")]
        pub struct $name<$($T)* S: $crate::Scope = $crate::Global> { $($fields)* }

        $(#[$meta])*
        #[cfg(not(feature = "std"))]
        pub struct $name<$($T)* S: $crate::Scope> { $($fields)* }
    };
}
