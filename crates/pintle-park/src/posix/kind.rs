use libc::c_int;

mod sealed {
    pub trait Sealed {
        const TYPE: libc::c_int;
        const NAME: &'static str;
    }
}

/// What a mutex does when its owner locks it again: [`Normal`], [`ErrorCheck`] or [`Recursive`].
pub trait Kind: sealed::Sealed {}

/// The kinds whose guard is the only one, so that it gives `&mut T` and can wait for a
/// [`Condvar`](super::Condvar): [`Normal`] and [`ErrorCheck`].
pub trait Exclusive: Kind {}

/// A second lock by the owner waits for ever: `PTHREAD_MUTEX_NORMAL`.
///
/// Not `PTHREAD_MUTEX_DEFAULT`, with which POSIX leaves it undefined.
#[derive(Debug)]
pub enum Normal {}

/// A second lock by the owner is [`LockError::Deadlock`](super::LockError::Deadlock):
/// `PTHREAD_MUTEX_ERRORCHECK`.
#[derive(Debug)]
pub enum ErrorCheck {}

/// A second lock by the owner succeeds, and as many unlocks end it: `PTHREAD_MUTEX_RECURSIVE`.
///
/// There may be several guards at once, so each gives `&T` only.
#[derive(Debug)]
pub enum Recursive {}

// === impl Kind ===

/// The C library's number for the kind.
pub(super) const fn number<K: Kind>() -> c_int {
    <K as sealed::Sealed>::TYPE
}

pub(super) const fn name<K: Kind>() -> &'static str {
    <K as sealed::Sealed>::NAME
}

impl sealed::Sealed for Normal {
    const TYPE: c_int = libc::PTHREAD_MUTEX_NORMAL;
    const NAME: &'static str = "Normal";
}

impl sealed::Sealed for ErrorCheck {
    const TYPE: c_int = libc::PTHREAD_MUTEX_ERRORCHECK;
    const NAME: &'static str = "ErrorCheck";
}

impl sealed::Sealed for Recursive {
    const TYPE: c_int = libc::PTHREAD_MUTEX_RECURSIVE;
    const NAME: &'static str = "Recursive";
}

impl Kind for Normal {}
impl Kind for ErrorCheck {}
impl Kind for Recursive {}
impl Exclusive for Normal {}
impl Exclusive for ErrorCheck {}
