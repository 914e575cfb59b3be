//! One node in several collections of one kind at once, told apart by names.
#![cfg(not(loom))]

use std::{ptr::NonNull, sync::Mutex};

use pintle_intrusive::{Linked, List, MpscQueue, Ring, list, mpsc_queue};

enum All {}
enum Waiting {}
enum Expiring {}
/// A name may be of any type, also one that is unsized, or must stay on its thread.
type Ready = dyn Fn(*mut u8);

/// A node on somebody's stack, which passes on its handle once for each name.
struct Job {
    plain: list::Links<Job>,
    all: list::Links<Job, All>,
    waiting: list::Links<Job, Waiting>,
    expiring: list::Links<Job, Expiring>,
    run: mpsc_queue::Links<Job>,
    ready: mpsc_queue::Links<Job, Ready>,
    number: u32,
}

macro_rules! linked {
    ($($field:ident: $links:ty;)*) => {$(
        // SAFETY: the tests pass on a handle once for each name, and no collection outlives the
        // nodes; the field goes by raw pointers.
        unsafe impl Linked<$links> for Job {
            type Handle = NonNull<Job>;

            fn into_ptr(handle: NonNull<Job>) -> NonNull<Job> {
                handle
            }

            unsafe fn from_ptr(ptr: NonNull<Job>) -> NonNull<Job> {
                ptr
            }

            unsafe fn links(ptr: NonNull<Job>) -> NonNull<$links> {
                // SAFETY: the node is live.
                let links = unsafe { &raw mut (*ptr.as_ptr()).$field };
                // SAFETY: a field's address is not null.
                unsafe { NonNull::new_unchecked(links) }
            }
        }
    )*};
}

linked! {
    plain: list::Links<Job>;
    all: list::Links<Job, All>;
    waiting: list::Links<Job, Waiting>;
    expiring: list::Links<Job, Expiring>;
    run: mpsc_queue::Links<Job>;
    ready: mpsc_queue::Links<Job, Ready>;
}

fn job(number: u32) -> Job {
    Job {
        plain: list::Links::new(),
        all: list::Links::new(),
        waiting: list::Links::default(),
        expiring: list::Links::new(),
        run: mpsc_queue::Links::new(),
        ready: mpsc_queue::Links::default(),
        number,
    }
}

/// Lets the jobs go as pointers that are good for all accesses.
fn pointers(jobs: &mut [Job; 3]) -> [NonNull<Job>; 3] {
    let first = NonNull::from(jobs).cast::<Job>();
    // SAFETY: the array has three.
    [0, 1, 2].map(|n| unsafe { first.add(n) })
}

fn number(job: NonNull<Job>) -> u32 {
    // SAFETY: the jobs outlive the test's collections, and nobody has a `&mut`.
    unsafe { job.as_ref() }.number
}

#[test]
fn a_node_in_two_lists_a_ring_and_two_queues_at_once() {
    static ALL: Mutex<List<Job, All>> = Mutex::new(List::new());

    let mut jobs = [0, 1, 2].map(job);
    let mut stubs = [8, 9, 10].map(job);
    let [run_stub, ready_stub, _] = pointers(&mut stubs);
    let pointers = pointers(&mut jobs);
    let mut plain = List::<Job>::new();
    let mut waiting = List::<Job, Waiting>::new();
    let mut expiring: Ring<Job, Expiring> = pointers.into_iter().collect();
    let run = MpscQueue::<Job>::new_with_stub(run_stub);
    let ready = MpscQueue::<Job, Ready>::new_with_stub(ready_stub);
    for job in pointers {
        plain.push_back(job);
        ALL.lock().unwrap().push_back(job);
        waiting.push_front(job);
        run.enqueue(job);
        ready.enqueue(job);
    }

    // Each has its own order, and leaving one is leaving one.
    assert_eq!(
        plain.iter().map(|j| j.number).collect::<Vec<_>>(),
        [0, 1, 2]
    );
    assert_eq!(
        waiting.iter().map(|j| j.number).collect::<Vec<_>>(),
        [2, 1, 0]
    );
    for is_linked in [true, false] {
        // SAFETY: the job is in this list, or in none of this name.
        assert_eq!(unsafe { waiting.remove(pointers[1]) }.is_some(), is_linked);
    }
    // SAFETY: the job is in this ring.
    assert!(unsafe { expiring.remove(pointers[0]) }.is_some());
    let mut cursor: list::CursorMut<'_, Job, Waiting> = waiting.cursor_front_mut();
    assert_eq!(cursor.remove_current().map(number), Some(2));
    assert_eq!(ready.dequeue().map(number), Some(0));
    {
        // SAFETY: the job is live, and nobody has a `&mut`.
        let second = unsafe { pointers[1].as_ref() };
        assert!(second.plain.is_linked());
        assert!(second.all.is_linked());
        assert!(!second.waiting.is_linked());
        assert!(second.expiring.is_linked());
    }
    assert_eq!(plain.len(), 3);
    assert_eq!(waiting.len(), 1);
    waiting.assert_valid();
    let iter: list::Iter<'_, Job, Waiting> = waiting.iter();
    assert_eq!(iter.map(|j| j.number).collect::<Vec<_>>(), [0]);
    assert_eq!(
        expiring.iter().map(|j| j.number).collect::<Vec<_>>(),
        [1, 2]
    );
    let consumer: mpsc_queue::Consumer<'_, Job, Ready> = ready.consume();
    assert_eq!(consumer.map(number).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(run.consume().map(number).collect::<Vec<_>>(), [0, 1, 2]);
    let all = std::mem::take(&mut *ALL.lock().unwrap());
    assert_eq!(all.into_iter().map(number).collect::<Vec<_>>(), [0, 1, 2]);
    while waiting.pop_front().is_some() {}
    while expiring.pop_front().is_some() {}
    while plain.pop_front().is_some() {}
}

#[test]
fn a_name_costs_nothing_and_changes_no_promise() {
    const fn is_thread_safe<T: Send + Sync>() {}
    is_thread_safe::<list::Links<u32, Ready>>();
    is_thread_safe::<mpsc_queue::Links<u32, Ready>>();
    let word = size_of::<usize>();
    assert_eq!(size_of::<list::Links<Job, Ready>>(), 2 * word);
    assert_eq!(size_of::<mpsc_queue::Links<Job, Ready>>(), word);
    assert_eq!(size_of::<Ring<Job, Expiring>>(), word);
    assert_eq!(size_of::<List<Job, Waiting>>(), 2 * word);
    assert_eq!(
        size_of::<MpscQueue<Job, Ready>>(),
        size_of::<MpscQueue<Job>>()
    );
}
