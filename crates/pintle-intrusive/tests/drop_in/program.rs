//! A program as it is written for cordyceps: only the name of the dependency has changed.
#![cfg(not(loom))]
#![allow(
    clippy::undocumented_unsafe_blocks,
    clippy::multiple_unsafe_ops_per_block,
    reason = "it stands for programs that have other house rules"
)]

use std::{
    cmp::Ordering,
    pin::{Pin, pin},
    ptr::{self, NonNull},
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use cordyceps::{
    Linked, MpscQueue, SortedList, SortedListIter, Stack, TransferStack,
    list::{self, Cursor, CursorMut, DrainFilter, IntoIter, Iter, IterMut, IterRaw, List},
    mpsc_queue::{self, Consumer, TryDequeueError},
    sorted_list, stack,
};

/// A waiter on the stack of its task, as in a wait queue.
#[derive(Debug)]
struct Waiter {
    links: list::Links<Waiter>,
    id: usize,
}

unsafe impl Linked<list::Links<Waiter>> for Waiter {
    type Handle = NonNull<Waiter>;

    fn into_ptr(r: Self::Handle) -> NonNull<Self> {
        r
    }

    unsafe fn from_ptr(ptr: NonNull<Self>) -> Self::Handle {
        ptr
    }

    unsafe fn links(target: NonNull<Self>) -> NonNull<list::Links<Waiter>> {
        let links = unsafe { ptr::addr_of_mut!((*target.as_ptr()).links) };
        unsafe { NonNull::new_unchecked(links) }
    }
}

impl Waiter {
    const fn new(id: usize) -> Self {
        Self {
            links: list::Links::new(),
            id,
        }
    }
}

struct Queue {
    waiters: Mutex<List<Waiter>>,
}

static QUEUE: Queue = Queue {
    waiters: Mutex::new(List::new()),
};

impl Queue {
    fn enqueue(&self, waiter: Pin<&mut Waiter>) -> NonNull<Waiter> {
        let waiter = unsafe { NonNull::from(Pin::into_inner_unchecked(waiter)) };
        self.waiters.lock().unwrap().push_front(waiter);
        waiter
    }

    fn cancel(&self, waiter: NonNull<Waiter>) -> bool {
        unsafe { self.waiters.lock().unwrap().remove(waiter) }.is_some()
    }
}

#[test]
fn a_list_in_a_static_of_nodes_on_the_stack() {
    let mut waiters = [
        pin!(Waiter::new(1)),
        pin!(Waiter::new(2)),
        pin!(Waiter::new(3)),
    ];
    let [first, second, third] = waiters.each_mut().map(|w| QUEUE.enqueue(w.as_mut()));
    assert!(QUEUE.cancel(second));
    assert!(!QUEUE.cancel(second));
    let mut list = QUEUE.waiters.lock().unwrap();
    list.assert_valid();
    assert_eq!(list.len(), 2);
    assert_eq!(list.pop_back(), Some(first));
    assert_eq!(list.front().unwrap().id, 3);
    assert_eq!(list.pop_back(), Some(third));
    assert!(list.is_empty());
}

/// A task that is in a run queue by itself, in a box.
#[derive(Debug, Default)]
struct Task {
    links: mpsc_queue::Links<Task>,
    id: usize,
}

unsafe impl Linked<mpsc_queue::Links<Self>> for Task {
    type Handle = Pin<Box<Self>>;

    fn into_ptr(handle: Pin<Box<Self>>) -> NonNull<Self> {
        unsafe { NonNull::from(Box::leak(Pin::into_inner_unchecked(handle))) }
    }

    unsafe fn from_ptr(ptr: NonNull<Self>) -> Pin<Box<Self>> {
        unsafe { Pin::new_unchecked(Box::from_raw(ptr.as_ptr())) }
    }

    unsafe fn links(target: NonNull<Self>) -> NonNull<mpsc_queue::Links<Self>> {
        let links = unsafe { ptr::addr_of_mut!((*target.as_ptr()).links) };
        unsafe { NonNull::new_unchecked(links) }
    }
}

#[test]
fn a_run_queue() {
    let queue: MpscQueue<Task> = MpscQueue::new();
    for id in 0..3 {
        queue.enqueue(Box::pin(Task {
            id,
            ..Default::default()
        }));
    }
    let consumer: Consumer<'_, Task> = queue.try_consume().unwrap();
    assert!(matches!(queue.try_dequeue(), Err(TryDequeueError::Busy)));
    assert_eq!(consumer.dequeue().unwrap().id, 0);
    drop(consumer);
    for task in queue.consume() {
        assert_ne!(task.id, 0);
    }
    match queue.try_dequeue() {
        Ok(task) => panic!("unexpected {task:?}"),
        Err(TryDequeueError::Empty) => {}
        Err(TryDequeueError::Inconsistent | TryDequeueError::Busy) => unreachable!(),
    }
    let other = MpscQueue::<Task>::default();
    assert!(unsafe { other.dequeue_unchecked() }.is_none());
    assert!(unsafe { other.try_dequeue_unchecked() }.is_err());
}

#[cfg(feature = "alloc")]
#[test]
fn an_owned_consumer() {
    use cordyceps::mpsc_queue::OwnedConsumer;
    use std::sync::Arc;

    let queue = Arc::new(MpscQueue::new_with_stub(Box::pin(Task::default())));
    let consumer: OwnedConsumer<Task> = queue.clone().consume_owned();
    assert!(queue.clone().try_consume_owned().is_none());
    assert!(consumer.has_producers());
    assert!(consumer.dequeue().is_none());
    assert!(consumer.try_dequeue().is_err());
}

static STATIC_QUEUE: MpscQueue<Static> = {
    static STUB: Static = Static {
        links: mpsc_queue::Links::new_stub(),
    };
    unsafe { MpscQueue::new_with_static_stub(&STUB) }
};

struct Static {
    links: mpsc_queue::Links<Static>,
}

unsafe impl Linked<mpsc_queue::Links<Self>> for Static {
    type Handle = &'static Self;

    fn into_ptr(handle: &'static Self) -> NonNull<Self> {
        NonNull::from(handle)
    }

    unsafe fn from_ptr(ptr: NonNull<Self>) -> &'static Self {
        unsafe { ptr.as_ref() }
    }

    unsafe fn links(target: NonNull<Self>) -> NonNull<mpsc_queue::Links<Self>> {
        let links = unsafe { ptr::addr_of_mut!((*target.as_ptr()).links) };
        unsafe { NonNull::new_unchecked(links) }
    }
}

#[test]
fn a_queue_in_a_static() {
    static NODE: Static = Static {
        links: mpsc_queue::Links::new(),
    };
    STATIC_QUEUE.enqueue(&NODE);
    assert!(ptr::eq(STATIC_QUEUE.dequeue().unwrap(), &NODE));
}

/// All signatures of the list's inventory, as a program names them.
#[test]
fn the_list_from_end_to_end() {
    let nodes: Vec<Pin<Box<Waiter>>> = (0..8).map(|id| Box::pin(Waiter::new(id))).collect();
    let handles = nodes.iter().map(|node| NonNull::from(&**node));
    let mut list: List<Waiter> = handles.collect();
    let mut other = List::default();
    other.extend(list.pop_front());
    list.append(&mut other);

    let mut cursor: CursorMut<'_, Waiter> = list.cursor_front_mut();
    while let Some(waiter) = cursor.next() {
        assert!(waiter.links.is_linked());
    }
    cursor.move_next();
    let removed = cursor.remove_first(|w| w.id == 2).unwrap();
    cursor.insert_before(removed);
    assert_eq!(cursor.peek_next().map(|w| w.id), Some(4));
    assert_eq!(cursor.peek_prev_mut().map(|w| w.id), Some(2));
    assert_eq!(cursor.current_mut().map(|w| w.id), Some(3));
    assert_eq!(cursor.as_cursor().index(), Some(2));
    let rear = cursor.split_after();
    cursor.splice_before(rear);
    let front = cursor.split_before();
    cursor.splice_after(front);
    assert!(cursor.remove_current().is_some());

    let cursor: Cursor<'_, Waiter> = list.cursor_back();
    assert_eq!(cursor.len(), 7);
    let iter: Iter<'_, Waiter> = list.iter();
    assert_eq!(
        iter.map(|w| w.id).collect::<Vec<_>>(),
        [1, 2, 4, 5, 6, 7, 0]
    );
    let iter: IterMut<'_, Waiter> = list.iter_mut();
    assert_eq!(iter.len(), 7);
    let iter: IterRaw<'_, Waiter> = list.iter_raw();
    assert_eq!(iter.rev().count(), 7);
    for waiter in &list {
        assert!(waiter.links != list::Links::new());
    }
    let mut drained: DrainFilter<'_, Waiter, _> = list.drain_filter(|w: &Waiter| w.id % 2 == 0);
    assert!(drained.next().is_some());
    let rear = list.split_off(2);
    assert!(list.try_split_off(9).is_none());
    let iter: IntoIter<Waiter> = rear.into_iter();
    assert_eq!(iter.len(), 4);
}

/// A header in a static, as in an executor without a heap: in its run queue or among its timers.
#[derive(Debug)]
struct Header {
    links: sorted_list::Links<Header>,
    expires: AtomicU64,
}

unsafe impl Linked<stack::Links<Header>> for Header {
    type Handle = &'static Header;

    fn into_ptr(handle: &'static Header) -> NonNull<Self> {
        NonNull::from(handle)
    }

    unsafe fn from_ptr(ptr: NonNull<Self>) -> &'static Header {
        unsafe { ptr.as_ref() }
    }

    unsafe fn links(target: NonNull<Self>) -> NonNull<stack::Links<Header>> {
        let links = unsafe { ptr::addr_of_mut!((*target.as_ptr()).links) };
        unsafe { NonNull::new_unchecked(links) }
    }
}

impl Header {
    const fn new(expires: u64) -> Self {
        Self {
            links: stack::Links::new(),
            expires: AtomicU64::new(expires),
        }
    }

    fn expires(&self) -> u64 {
        self.expires.load(Relaxed)
    }
}

impl PartialEq for Header {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Header {}

impl PartialOrd for Header {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Header {
    fn cmp(&self, other: &Self) -> Ordering {
        self.expires().cmp(&other.expires())
    }
}

struct RunQueue {
    stack: TransferStack<Header>,
}

/// All signatures of the inventory of `stack` and `sorted_list`, as a program names them.
#[test]
fn a_run_queue_and_timers_in_statics() {
    static TASKS: [Header; 3] = [Header::new(30), Header::new(10), Header::new(20)];
    static QUEUE: RunQueue = RunQueue {
        stack: TransferStack::new(),
    };
    static TIMERS: Mutex<SortedList<Header>> = Mutex::new(SortedList::new_min());

    let pends = TASKS
        .each_ref()
        .map(|task| QUEUE.stack.push_was_empty(task));
    assert_eq!(pends, [true, false, false]);
    assert!(!QUEUE.stack.is_empty());
    let mut run: Stack<Header> = QUEUE.stack.take_all();
    let last: &'static Header = run.next().unwrap();
    QUEUE.stack.push(last);
    let mut timers = TIMERS.lock().unwrap();
    for task in run {
        timers.insert(task);
    }
    timers.extend(QUEUE.stack.take_all());
    let iter: SortedListIter<'_, Header> = timers.iter();
    assert_eq!(iter.map(Header::expires).collect::<Vec<_>>(), [10, 20, 30]);

    let mut stack = Stack::new();
    while let Some(task) = timers.pop_front() {
        assert_eq!(stack.push_was_empty(task), task.expires() == 10);
    }
    let mut other: Stack<Header> = stack.take_all();
    stack.push(other.pop().unwrap());
    let fmt = format!("{stack:?} {timers:?} {:?} {last:?}", QUEUE.stack);
    assert!(fmt.starts_with("Stack {"), "{fmt}");

    let mut max = SortedList::from_stack_max(other);
    max.extend(stack);
    let rest: stack::Stack<Header> = {
        let mut rest = stack::Stack::default();
        while let Some(task) = max.pop_front() {
            rest.push(task);
        }
        rest
    };
    let by_age: fn(&Header, &Header) -> Ordering = |a, b| b.cmp(a);
    let mut list = sorted_list::SortedList::from_stack_with_cmp(rest, by_age);
    assert_eq!(list.pop_front().unwrap().expires(), 30);
    let min: SortedList<Header> = SortedList::from_stack_min(Stack::new());
    let lists = [min, SortedList::new_max(), SortedList::new_with_cmp(by_age)];
    assert!(lists.iter().all(|list| list.iter().next().is_none()));
    assert!(stack::TransferStack::<Header>::default().is_empty());
}
