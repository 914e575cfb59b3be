use core::{ptr, task::Waker};

/// Whether two wakers certainly wake the same task. Runs nobody's code.
///
/// [`Waker::will_wake`] compares the tables of functions by address, and the compiler may have
/// made several equal tables of one: a waker and its clone then differ for ever. Where a
/// displaced waker is woken, as in a wait cell, a task would so wake itself at every poll. So tables
/// of the same functions count as one here.
#[inline]
pub(crate) fn same_task(a: &Waker, b: &Waker) -> bool {
    ptr::eq(a.data(), b.data()) && (ptr::eq(a.vtable(), b.vtable()) || a.vtable() == b.vtable())
}

#[cfg(test)]
mod tests {
    use core::{
        ptr,
        task::{RawWaker, RawWakerVTable, Waker},
    };

    use super::same_task;

    const TABLE: RawWakerVTable =
        RawWakerVTable::new(|data| RawWaker::new(data, &TABLE), |_| {}, |_| {}, |_| {});
    static ONE: RawWakerVTable = TABLE;
    static ANOTHER: RawWakerVTable = TABLE;

    #[test]
    fn tables_of_the_same_functions_are_one() {
        // SAFETY: the functions ignore their data.
        let waker = |table| unsafe { Waker::new(ptr::null(), table) };
        let (one, another) = (waker(&ONE), waker(&ANOTHER));
        assert!(!one.will_wake(&another));
        assert!(same_task(&one, &another));
    }

    #[test]
    fn other_data_or_other_functions_are_another_task() {
        // SAFETY: the functions ignore their data.
        let waker = |data: &u8| unsafe { Waker::new(ptr::from_ref(data).cast(), &ONE) };
        let data = [0; 2];
        assert!(!same_task(&waker(&data[0]), &waker(&data[1])));
        assert!(same_task(&waker(&data[0]), &waker(&data[0])));
        assert!(!same_task(&waker(&data[0]), Waker::noop()));
        assert!(same_task(Waker::noop(), Waker::noop()));
    }
}
