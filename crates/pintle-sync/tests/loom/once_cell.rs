use std::{future::ready, sync::Arc, task::Poll};

use loom::future::block_on;
use pintle_sync::{OnceCell, once_cell::SetError};

use crate::support::{Task, check, spawn};

#[test]
fn two_who_want_the_value() {
    check(|| {
        let cell = Arc::new(OnceCell::<Box<u32>>::new());
        let other = spawn({
            let cell = cell.clone();
            move || **block_on(cell.get_or_init(|| ready(Box::new(1))))
        });
        let here = **block_on(cell.get_or_init(|| ready(Box::new(2))));
        assert_eq!(other.join().unwrap(), here);
        assert_eq!(cell.get(), Some(&Box::new(here)));
    });
}

#[test]
fn set_and_get() {
    check(|| {
        let cell = Arc::new(OnceCell::<Box<u32>>::new());
        let setting = spawn({
            let cell = cell.clone();
            move || cell.set(Box::new(1))
        });
        if let Some(value) = cell.get() {
            assert_eq!(**value, 1);
        }
        let here = cell.set(Box::new(2));
        let there = setting.join().unwrap();
        assert_ne!(here.is_ok(), there.is_ok());
        let (set, refused) = if here.is_ok() { (2, there) } else { (1, here) };
        assert_eq!(cell.get(), Some(&Box::new(set)));
        assert_eq!(
            refused.map_err(SetError::into_inner),
            Err(Box::new(3 - set))
        );
    });
}

#[test]
fn who_makes_it_is_cancelled_while_another_comes() {
    check(|| {
        let cell = Arc::new(OnceCell::<u32>::new());
        let mut making = Box::pin({
            let cell = cell.clone();
            async move { *cell.get_or_init(std::future::pending).await }
        });
        assert!(Task::new().poll(making.as_mut()).is_pending());
        let cancelling = spawn(move || drop(making));
        assert_eq!(block_on(cell.get_or_init(|| ready(7))), &7);
        cancelling.join().unwrap();
    });
}

#[test]
fn who_waits_is_cancelled_while_it_is_its_turn() {
    check(|| {
        let cell = Arc::new(OnceCell::<u32>::new());
        let get = |cell: &Arc<OnceCell<u32>>| {
            let cell = cell.clone();
            Box::pin(async move { *cell.get_or_init(std::future::pending).await })
        };
        let (mut making, mut waits) = (get(&cell), get(&cell));
        assert!(Task::new().poll(making.as_mut()).is_pending());
        assert!(Task::new().poll(waits.as_mut()).is_pending());
        let cancelling = spawn(move || drop(making));
        drop(waits);
        cancelling.join().unwrap();
        let task = Task::new();
        let polled = task.poll(std::pin::pin!(cell.get_or_init(|| ready(7))).as_mut());
        assert_eq!(polled, Poll::Ready(&7), "nobody has the right any more");
    });
}
