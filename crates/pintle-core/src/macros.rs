// Each macro is defined twice here, instead of emitting a `cfg(loom)` into its caller: so the
// cfg is read in this crate alone.

/// Declares a function that is `const`, except under loom, whose types have no const constructors.
///
/// Takes one function per call, as a free item or in an `impl`.
///
/// ```
/// use pintle_core::{atomic::AtomicUsize, const_fn};
///
/// struct Counter(AtomicUsize);
///
/// impl Counter {
///     const_fn! {
///         /// A counter at zero.
///         pub const fn new() -> Self {
///             Self(AtomicUsize::new(0))
///         }
///     }
/// }
/// # Counter::new();
/// ```
#[cfg(not(loom))]
#[macro_export]
macro_rules! const_fn {
    ($(#[$meta:meta])* $vis:vis const unsafe fn $($rest:tt)*) => {
        $(#[$meta])* $vis const unsafe fn $($rest)*
    };
    ($(#[$meta:meta])* $vis:vis const fn $($rest:tt)*) => {
        $(#[$meta])* $vis const fn $($rest)*
    };
}

/// Declares a function that is `const`, except under loom, whose types have no const constructors.
///
/// Takes one function per call, as a free item or in an `impl`.
#[cfg(loom)]
#[macro_export]
macro_rules! const_fn {
    ($(#[$meta:meta])* $vis:vis const unsafe fn $($rest:tt)*) => {
        $(#[$meta])* $vis unsafe fn $($rest)*
    };
    ($(#[$meta:meta])* $vis:vis const fn $($rest:tt)*) => {
        $(#[$meta])* $vis fn $($rest)*
    };
}

/// Declares items that cannot exist under loom: statics and consts that hold atomics.
///
/// ```
/// use pintle_core::{atomic::AtomicUsize, not_loom};
///
/// not_loom! {
///     static NEXT_ID: AtomicUsize = AtomicUsize::new(1);
/// }
/// ```
#[cfg(not(loom))]
#[macro_export]
macro_rules! not_loom {
    ($($items:tt)*) => {
        $($items)*
    };
}

/// Declares items that cannot exist under loom: statics and consts that hold atomics.
#[cfg(loom)]
#[macro_export]
macro_rules! not_loom {
    ($($items:tt)*) => {};
}

/// Declares items that exist under loom only: what a model puts in the place of `not_loom!` items.
///
/// ```
/// pintle_core::not_loom! {
///     fn where_am_i() -> &'static str { "on a machine" }
/// }
/// pintle_core::only_loom! {
///     fn where_am_i() -> &'static str { "in a model" }
/// }
/// # where_am_i();
/// ```
#[cfg(not(loom))]
#[macro_export]
macro_rules! only_loom {
    ($($items:tt)*) => {};
}

/// Declares items that exist under loom only: what a model puts in the place of `not_loom!` items.
#[cfg(loom)]
#[macro_export]
macro_rules! only_loom {
    ($($items:tt)*) => {
        $($items)*
    };
}
