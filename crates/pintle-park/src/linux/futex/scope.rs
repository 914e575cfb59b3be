use libc::c_int;

/// Who may wait on a futex: [`Private`] or [`Shared`].
///
/// Sealed: the kernel knows these two.
pub trait Scope: sealed::Sealed + Copy + Send + Sync + 'static {
    /// Whether threads of several processes meet on such a futex.
    const SHARED: bool;
}

/// Threads of one process, who name the futex by its address.
///
/// The cheaper kind: the kernel looks up no page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Private {}

/// Threads of any process that has the memory mapped, each at an address of its own.
///
/// The kernel names the futex by the file, or the anonymous mapping, behind the page. It also
/// works in memory that is not shared; a [robust](crate::linux::robust) owner's death wakes waiters of this kind
/// only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shared {}

impl Scope for Private {
    const SHARED: bool = false;
}

impl Scope for Shared {
    const SHARED: bool = true;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Private {}
    impl Sealed for super::Shared {}
}

/// The flag of an operation on a futex of this scope; the same in futex2.
pub(super) const fn flag<S: Scope>() -> c_int {
    if S::SHARED {
        0
    } else {
        crate::linux::raw::PRIVATE
    }
}
