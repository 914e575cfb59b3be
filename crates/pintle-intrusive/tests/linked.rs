//! What `linked!` writes, at work: tests/ui/ has what it refuses.
#![cfg(all(not(loom), feature = "alloc"))]
#![forbid(unsafe_code)]

use std::{
    pin::Pin,
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    thread,
};

use pintle_intrusive::{List, MpscQueue, Ring, linked, list, mpsc_queue, pin_static};

#[derive(Default)]
struct Job {
    links: list::Links<Job>,
    run: mpsc_queue::Links<Self>,
    number: AtomicU32,
    _last_words: LastWords,
}

linked!(Job { links: list::Links<Self>, run: mpsc_queue::Links<Self> } as Pin<Box<Self>>);

/// A node has no `Drop` of its own, but its fields may have one.
#[derive(Default)]
struct LastWords;

static DROPPED: AtomicU32 = AtomicU32::new(0);

impl Drop for LastWords {
    fn drop(&mut self) {
        DROPPED.fetch_add(1, Relaxed);
    }
}

fn job(number: u32) -> Pin<Box<Job>> {
    Box::pin(Job {
        number: number.into(),
        ..Job::default()
    })
}

#[test]
fn jobs_go_from_hand_to_hand() {
    static DONE: Mutex<List<Job>> = Mutex::new(List::new());

    let run = MpscQueue::<Job>::new_with_stub(job(0));
    let mut waiting: Ring<Job> = (1..=10).map(job).collect();
    thread::scope(|s| {
        s.spawn(|| {
            while let Some(job) = waiting.pop_front() {
                run.enqueue(job);
            }
        });
        s.spawn(|| {
            let mut jobs = 0;
            while jobs < 10 {
                for job in run.consume() {
                    job.number.fetch_add(100, Relaxed);
                    DONE.lock().unwrap().push_front(job);
                    jobs += 1;
                }
            }
        });
    });
    let mut done = std::mem::take(&mut *DONE.lock().unwrap());
    assert_eq!(done.len(), 10);
    for job in done.iter_mut() {
        assert!(job.links.is_linked());
        job.number.fetch_sub(100, Relaxed);
    }
    done.retain(|job| job.number.load(Relaxed) % 2 == 0);
    assert_eq!(DROPPED.load(Relaxed), 5);
    let mut cursor = done.cursor_back_mut();
    let last = cursor.remove_current().unwrap();
    assert!(!last.links.is_linked());
    assert_eq!(last.number.load(Relaxed), 2);
    drop((last, done, run));
    assert_eq!(DROPPED.load(Relaxed), 11);
}

#[test]
fn a_node_in_place_for_good() {
    struct Node {
        links: list::Links<Node>,
        number: u32,
    }

    linked!(Node { links: list::Links<Self> } as Pin<&'static mut Self>);

    static LIST: Mutex<List<Node>> = Mutex::new(List::new());

    let mut node = pin_static(Box::leak(Box::new(Node {
        links: list::Links::new(),
        number: 1,
    })));
    for number in 2..4 {
        let mut list = LIST.lock().unwrap();
        list.push_back(node);
        assert_eq!(list.front().unwrap().number, number - 1);
        node = list.pop_front().unwrap();
        // It is unlinked, so it may be overwritten.
        node.set(Node {
            links: list::Links::new(),
            number,
        });
    }
    assert_eq!(node.number, 3);
    LIST.lock().unwrap().push_back(node);
}
