//! Values that are made once, whose waiters spin: for statics on bare metal.
//!
//! - [`InitOnce`]: filled by a call, once.
//! - [`Lazy`]: filled by the first who asks for the value.
//!
//! With an operating system [`blocking::OnceLock`](crate::blocking::OnceLock) and
//! [`blocking::LazyLock`](crate::blocking::LazyLock) are better: their waiters sleep, where these (with
//! feature `os`) let other threads run between two looks.

mod init_once;
mod lazy;
mod try_init_error;

pub use self::init_once::InitOnce;
pub use self::lazy::Lazy;
pub use self::try_init_error::TryInitError;
