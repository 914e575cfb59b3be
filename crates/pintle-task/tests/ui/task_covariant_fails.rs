//! A task is spawned by a scheduler of the type for which it was made, not by one that is less.

use pintle_task::task::{BoxStorage, Task};
use std::{future::Ready, marker::PhantomData};

type Of<T> = Task<PhantomData<T>, Ready<()>, BoxStorage>;

fn narrow(task: Box<Of<for<'a> fn(&'a str)>>) -> Box<Of<fn(&'static str)>> {
    task
}

fn main() {
    let _ = narrow;
}
