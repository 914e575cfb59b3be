//! How large things are.

use core::mem::size_of;
use pintle_task::task::{JoinHandle, TaskId, TaskRef};

const WORD: usize = size_of::<usize>();

#[test]
fn handles_are_a_word() {
    assert_eq!(size_of::<TaskRef>(), WORD);
    assert_eq!(size_of::<Option<TaskRef>>(), WORD);
    assert_eq!(size_of::<JoinHandle<[u8; 100]>>(), WORD);
    assert_eq!(size_of::<Option<JoinHandle<()>>>(), WORD);
    assert_eq!(size_of::<TaskId>(), WORD);
}

#[test]
#[cfg(all(feature = "alloc", not(feature = "tracing-01")))]
fn a_task_is_small() {
    use core::{future::Ready, mem::align_of};
    use pintle_task::{
        scheduler::Scheduler,
        task::{BoxStorage, Task},
    };

    assert_eq!(size_of::<Scheduler>(), WORD);
    let task = size_of::<Task<Scheduler, Ready<()>, BoxStorage>>();
    // A caught panic is one word, beside the stage's tag.
    let panic = if cfg!(feature = "std") { WORD } else { 0 };
    // A header stands at a multiple of eight, which leaves a gap behind an odd number of 32-bit words.
    let align = align_of::<Task<Scheduler, Ready<()>, BoxStorage>>();
    assert_eq!(task, (8 * WORD + panic).next_multiple_of(align));
}
