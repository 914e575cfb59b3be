#[cfg(test)]
extern crate std;

/// Whether the test has not said that it is an interrupt.
#[cfg(test)]
pub(crate) fn in_thread_mode() -> bool {
    !HANDLER.get()
}

/// Only the documentation has locks that ask.
#[cfg(not(test))]
pub(crate) fn in_thread_mode() -> bool {
    false
}

#[cfg(test)]
std::thread_local! {
    static HANDLER: core::cell::Cell<bool> = const { core::cell::Cell::new(false) };
}

/// Runs `f` as an interrupt handler would be.
#[cfg(test)]
pub(crate) fn as_interrupt<R>(f: impl FnOnce() -> R) -> R {
    struct Back;
    impl Drop for Back {
        fn drop(&mut self) {
            HANDLER.set(false);
        }
    }
    HANDLER.set(true);
    let _back = Back;
    f()
}
