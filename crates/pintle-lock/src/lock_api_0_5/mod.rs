//! `lock_api` 0.5, both ways. It needs Rust 1.95; nothing else here does.
//!
//! | you have | and want | take |
//! |---|---|---|
//! | a lock of `lock_api` | a [`RawMutex`](mutex_traits::RawMutex), for the types of this crate and all that is generic over its traits | [`FromLockApi`] |
//! | a [`RawMutex`](mutex_traits::RawMutex) | `lock_api::Mutex<IntoLockApi<_>, T>` and what is built on it | [`IntoLockApi`] |
//! | a [`RawRwLock`](crate::blocking::RawRwLock) | `lock_api::RwLock<IntoLockApi<_>, T>`, with `upgradable_read` and downgrades where the lock can | [`IntoLockApi`] |
//!
//! A readers-writer lock of `lock_api` 0.5 does not come here: each of its readers has a state of its
//! own to hand back, and a [`RawRwLock`](crate::blocking::RawRwLock) has no place for many.
//!
//! Both are wrappers, so that they take everybody's locks and not this crate's alone, and so that no
//! lock has two methods of one name.

mod from_lock_api;
mod held;
mod into_lock_api;
mod into_rwlock;

pub use self::from_lock_api::FromLockApi;
pub use self::held::Held;
pub use self::into_lock_api::IntoLockApi;
