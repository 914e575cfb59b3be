//! Linux from 5.16: `futex_waitv(2)`, waiting for several 32-bit words at once.
//!
//! The kernel defines words of 8, 16 and 64 bits for it, and refuses them (`EINVAL`, still in 6.18).

use super::WordRef;
use crate::linux::{
    Errno,
    raw::{self, Timespec64, integer},
};
use crate::{AnyOutcome, Deadline, WAIT_ANY_MAX, WaitFor};
use core::mem::MaybeUninit;

const FUTEX2_SIZE_U32: u32 = 2;
const FUTEX2_PRIVATE: u32 = 128;

/// `struct futex_waitv` of linux/futex.h.
#[repr(C)]
struct Entry {
    value: u64,
    address: u64,
    flags: u32,
    reserved: u32,
}

pub(crate) fn wait_any(words: &[WaitFor<'_>], deadline: Deadline) -> Option<AnyOutcome> {
    if !words
        .iter()
        .all(|word| matches!(word.word(), WordRef::U32(_)))
    {
        return None;
    }
    // 3 KiB. The kernel reads no more of it than is filled in.
    let mut storage = [const { MaybeUninit::<Entry>::uninit() }; WAIT_ANY_MAX];
    let entries = &mut storage[..words.len()];
    for (entry, word) in entries.iter_mut().zip(words) {
        entry.write(Entry {
            value: word.expected(),
            address: word.address().expose_provenance() as u64,
            flags: FUTEX2_SIZE_U32 | FUTEX2_PRIVATE,
            reserved: 0,
        });
    }
    let timeout = Timespec64::new(deadline.since_origin());
    loop {
        let errno = match call(entries, timeout.as_ref()) {
            Ok(index) => return Some(AnyOutcome::Woken(index)),
            Err(errno) => errno,
        };
        match errno.raw() {
            // It does not say which one. If none is any more, there is a new state to wait in.
            libc::EAGAIN => {
                if let Some(index) = words.iter().position(|word| !word.is_as_expected()) {
                    return Some(AnyOutcome::Mismatch(index));
                }
            }
            libc::ETIMEDOUT => return Some(AnyOutcome::TimedOut),
            // A signal. The deadline is absolute, so the time left is still right.
            libc::EINTR => {}
            // An older kernel, or a sandbox.
            _ => return None,
        }
    }
}

/// The index of the word that was woken, or the errno. All entries are written.
fn call(entries: &[MaybeUninit<Entry>], time: Option<&Timespec64>) -> Result<usize, Errno> {
    let arguments = [
        entries.as_ptr().cast(),
        integer(entries.len()),
        integer(0), // no flags
        raw::address(time),
        integer(libc::CLOCK_MONOTONIC as usize),
        integer(0), // takes no sixth
    ];
    // SAFETY: the entries and the time, or null, are of the layout that the kernel reads; it checks
    // the addresses in the entries itself, and reads 32 bits of an atomic there.
    unsafe { raw::call(raw::SYS_FUTEX_WAITV, arguments) }
}
