//! Windows: `FlushProcessWriteBuffers`, which makes every processor that runs a thread of this
//! process pass a barrier.
//!
//! It returns nothing, and cannot fail. But Wine up to version 8.0 at least has an empty function in
//! its place; so wherever the system says that it is Wine, both sides make a fence.
//!
//! # References
//!
//! [`FlushProcessWriteBuffers`](https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-flushprocesswritebuffers)

use super::once_decided::OnceDecided;
use crate::barrier::Strategy;
use pintle_core::atomic::{Ordering::SeqCst, fence};
use windows_sys::Win32::System::LibraryLoader::{GetModuleHandleW, GetProcAddress};
use windows_sys::Win32::System::Threading::FlushProcessWriteBuffers;
use windows_sys::{s, w};

static DECISION: OnceDecided = OnceDecided::new();

#[inline]
pub(crate) fn light() {
    DECISION.light();
}

pub(crate) fn heavy() {
    // Pairs with the fence of light sides that make one.
    fence(SeqCst);
    match strategy() {
        Strategy::ProcessBarrier => {
            // SAFETY: has no precondition.
            unsafe { FlushProcessWriteBuffers() };
            fence(SeqCst);
        }
        Strategy::Fences => {}
    }
}

pub(crate) fn strategy() -> Strategy {
    DECISION.decide(|| !is_wine())
}

fn is_wine() -> bool {
    // SAFETY: the name is a wide string with a zero at its end.
    let ntdll = unsafe { GetModuleHandleW(w!("ntdll.dll")) };
    // SAFETY: ntdll is part of every process and stays; a null handle means the program itself,
    // which is not Wine either. The name has a zero at its end.
    let version = unsafe { GetProcAddress(ntdll, s!("wine_get_version")) };
    version.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wines_empty_function_is_not_relied_on() {
        // Wine shows the host's root as a drive.
        let wine = std::path::Path::new(r"Z:\proc\self").exists();
        assert_eq!(strategy() == Strategy::Fences, wine);
    }
}
