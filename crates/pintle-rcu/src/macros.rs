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
/// allocated, and the barrier is the caller's. The number is the [label](crate::domain::Slot::label) of the slot, too.
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
// What it makes stands among the user's own names, and may have the same ones. So nothing here is imported or called by
// a short name, and the statics beside which the user's expressions are evaluated have names that nobody else gives.
#[macro_export]
macro_rules! domain {
    ($(#[$meta:meta])* $vis:vis struct $name:ident;) => {
        $(#[$meta])*
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
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
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
        $vis enum $name {}

        const _: () = {
            static __PINTLE_RCU_DOMAIN: $crate::domain::Domain<$Barrier> =
                $crate::domain::Domain::with_barrier($barrier);
            static __PINTLE_RCU_SLOTS: [$crate::domain::Slot; $count] =
                [const { $crate::domain::Slot::of_scope() }; $count];

            // SAFETY: the domain is named here only, and so are the slots. That no two contexts use one of them at
            // the same time was promised by whoever wrote `unsafe`.
            unsafe impl $crate::Scope for $name {
                type Barrier = $Barrier;

                #[inline]
                fn domain() -> &'static $crate::domain::Domain<$Barrier> {
                    &__PINTLE_RCU_DOMAIN
                }

                #[inline]
                fn slot() -> &'static $crate::domain::Slot {
                    &__PINTLE_RCU_SLOTS[$current()]
                }

                fn join() -> &'static $crate::domain::Slot {
                    let slot = $crate::join_current::<Self>();
                    slot.set_label($current());
                    slot
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
            static DOMAIN: $crate::domain::Domain = $crate::domain::Domain::new();
            static FORKS_ARE_WATCHED: ::core::sync::atomic::AtomicBool =
                ::core::sync::atomic::AtomicBool::new(false);

            $crate::thread::thread_local! {
                // Without a destructor, so it can be read for as long as the thread runs any code; that is also
                // what makes reading it one load.
                static SLOT: ::core::cell::Cell<*const $crate::domain::Slot> =
                    const { ::core::cell::Cell::new(&raw const $crate::thread::NOBODY) };
                static EXIT: $crate::thread::Exit<$name> = const {
                    // SAFETY: a thread-local is dropped by the end of its thread.
                    unsafe { $crate::thread::Exit::new() }
                };
            }

            // SAFETY: `DOMAIN` is named here only. A thread's slot is its own; a signal handler or the like that
            // would use it is warned of by the crate's rules.
            unsafe impl $crate::Scope for $name {
                type Barrier = $crate::domain::ProcessWide;

                #[inline]
                fn domain() -> &'static $crate::domain::Domain {
                    &DOMAIN
                }

                #[inline]
                fn slot() -> &'static $crate::domain::Slot {
                    let slot = SLOT.get();
                    // SAFETY: `NOBODY`, or a slot from `take_slot`: both are `'static`.
                    unsafe { &*slot }
                }

                fn join() -> &'static $crate::domain::Slot {
                    $crate::thread::join::<Self>()
                }

                unsafe fn part(slot: &'static $crate::domain::Slot) {
                    // SAFETY: the same.
                    unsafe { $crate::thread::part::<Self>(slot) };
                }
            }

            // SAFETY: `SLOT` begins as `NOBODY`, and only `set` writes it.
            unsafe impl $crate::thread::Threads for $name {
                fn get() -> *const $crate::domain::Slot {
                    SLOT.get()
                }

                unsafe fn set(slot: *const $crate::domain::Slot) {
                    SLOT.set(slot);
                }

                fn forks_are_watched() -> &'static ::core::sync::atomic::AtomicBool {
                    &FORKS_ARE_WATCHED
                }

                fn arm() -> ::core::primitive::bool {
                    EXIT.try_with(|_| ()).is_ok()
                }
            }
        };
    };
}

/// Says what is missing where threads are not known.
#[cfg(not(feature = "std"))]
#[doc(hidden)]
#[macro_export]
macro_rules! threads {
    ($name:ident) => {
        ::core::compile_error!(
            "readers that are threads need feature `std` of pintle-rcu; others are declared by \
             `unsafe struct` with `slots`, `current` and `barrier`"
        );
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
