//! All that `linked!` accepts, in a crate that writes no `unsafe`.
#![forbid(unsafe_code)]
#![deny(warnings)]

use std::{marker::PhantomData, ops::Deref, pin::Pin};

use pintle_intrusive::{
    Linked, List, MpscQueue, Ring, Stack, linked, list, mpsc_queue, pin_static, stack,
};

enum All {}

/// With links of two names and kinds, which may be public, and a field that has a `Drop`.
#[derive(Default)]
pub struct Job {
    pub links: list::Links<Job>,
    all: list::Links<Self, All>,
    run: mpsc_queue::Links<Job>,
    pile: stack::Links<Self, All>,
    name: String,
}

linked! {
    Job {
        links: list::Links<Self>,
        all: list::Links<Self, All>,
        run: mpsc_queue::Links<Job>,
        pile: stack::Links<Self, All>,
    } as Pin<Box<Self>>
}

/// Somebody else's field of that name does not matter.
impl Deref for Job {
    type Target = String;

    fn deref(&self) -> &String {
        &self.name
    }
}

struct Generic<'a, T: Into<Vec<u8>>, U: ?Sized, const N: usize> {
    links: list::Links<Self>,
    values: &'a [T; N],
    _marker: PhantomData<U>,
}

linked!(impl<'a, T: Into<Vec<u8>>, U: ?Sized, const N: usize> Generic<'a, T, U, N> {
    links: list::Links<Self>
} as Pin<Box<Self>>);

/// Bounds with `>>` at the end and `<<`.
struct Bounded<T: Iterator<Item = Vec<u8>>> {
    links: list::Links<Self>,
    _marker: PhantomData<T>,
}

linked!(impl<T: Iterator<Item = Vec<u8>>> Bounded<T> { links: list::Links<Self> } as Pin<Box<Self>>);

struct Projected<T: Iterator, U: Into<<T as Iterator>::Item>> {
    links: list::Links<Self>,
    _marker: PhantomData<(T, U)>,
}

linked!(impl<T: Iterator, U: Into<<T as Iterator>::Item>> Projected<T, U> {
    links: list::Links<Self>
} as Pin<Box<Self>>);

trait Than<const N: i32> {}

/// Bounds with `<-`.
struct Negative<T: Than<-1>> {
    links: list::Links<Self>,
    _marker: PhantomData<T>,
}

#[rustfmt::skip]
linked!(impl<T: Than<-1>> Negative<T> { links: list::Links<Self> } as Pin<Box<Self>>);

/// For some of its parameters only.
struct Some<T> {
    links: list::Links<Self>,
    value: T,
}

linked!(Some<u32> { links: list::Links<Self> } as Pin<Box<Some<u32>>>);

/// Without a heap.
#[derive(Default)]
struct Static {
    links: list::Links<Static>,
}

linked!(Static { links: list::Links<Self> } as Pin<&'static mut Self>);

fn is_linked<T: Linked<L>, L>() {}

fn main() {
    is_linked::<Bounded<std::vec::IntoIter<Vec<u8>>>, list::Links<_>>();
    is_linked::<Projected<std::vec::IntoIter<u8>, u8>, list::Links<_>>();

    let job = |name: &str| {
        Box::pin(Job {
            name: name.to_string(),
            ..Job::default()
        })
    };
    let mut list = List::<Job>::new();
    let mut all = Ring::<Job, All>::new();
    let run = MpscQueue::<Job>::new_with_stub(job("stub"));
    list.push_back(job("first"));
    list.push_back(job("second"));
    assert!(list.front().unwrap().links.is_linked());
    all.push_back(list.pop_front().unwrap());
    run.enqueue(all.pop_front().unwrap());
    let mut pile = Stack::<Job, All>::new();
    pile.push(run.dequeue().unwrap());
    let job = pile.pop().unwrap();
    assert_eq!(job.len(), 5);
    assert_eq!(job.all, list::Links::new());
    assert!(!job.links.is_linked());

    let values = [String::new()];
    let mut list = List::<Generic<'_, String, str, 1>>::new();
    list.push_back(Box::pin(Generic {
        links: list::Links::new(),
        values: &values,
        _marker: PhantomData,
    }));
    assert_eq!(list.iter().map(|g| g.values.len()).sum::<usize>(), 1);

    let mut list = List::<Some<u32>>::new();
    list.push_back(Box::pin(Some {
        links: list::Links::new(),
        value: 5_u32,
    }));
    assert_eq!(list.front().unwrap().value, 5);

    let mut list = List::<Static>::new();
    list.push_back(pin_static(Box::leak(Box::default())));
    assert!(list.front_mut().unwrap().links.is_linked());
    let node: Option<Pin<&'static mut Static>> = list.pop_front();
    assert!(node.is_some());
}
