//! `lock_api` 0.4, both ways.
//!
//! | you have | and want | take |
//! |---|---|---|
//! | a lock of `lock_api` | a [`RawMutex`](mutex_traits::RawMutex), for the types of this crate and all that is generic over its traits | [`FromLockApi`] |
//! | a readers-writer lock of `lock_api` | a [`RawRwLock`](crate::blocking::RawRwLock), for [`RwLock`](crate::blocking::RwLock) | [`FromLockApi`] |
//! | a [`RawMutex`](mutex_traits::RawMutex) | `lock_api::Mutex<IntoLockApi<_>, T>` and what is built on it | [`IntoLockApi`] |
//! | a [`RawRwLock`](crate::blocking::RawRwLock) | `lock_api::RwLock<IntoLockApi<_>, T>`, with `upgradable_read` and downgrades where the lock can | [`IntoLockApi`] |
//!
//! Both are wrappers, so that they take everybody's locks and not this crate's alone, and so that no
//! lock has two methods of one name.

mod from_lock_api;
mod from_rwlock;
mod into_lock_api;
mod into_rwlock;

pub use self::from_lock_api::FromLockApi;
pub use self::into_lock_api::IntoLockApi;
