use std::{pin::pin, sync::Arc};

use loom::future::block_on;
use pintle_sync::Barrier;

use crate::support::{Task, Watched, check, spawn};

#[test]
fn two_meet() {
    check(|| {
        let shared = Arc::new((Barrier::new(2), Watched::default(), Watched::default()));
        let other = spawn({
            let shared = shared.clone();
            move || {
                shared.1.add_shared();
                let leads = block_on(shared.0.wait()).is_leader();
                assert_eq!(shared.2.get(), 1);
                leads
            }
        });
        shared.2.add_shared();
        let leads = block_on(shared.0.wait()).is_leader();
        assert_eq!(shared.1.get(), 1, "what came before is visible");
        assert_ne!(leads, other.join().unwrap(), "one leads");
    });
}

#[test]
fn one_gives_up_while_another_comes() {
    check(|| {
        let barrier = Arc::new(Barrier::new(2));
        let other = spawn({
            let barrier = barrier.clone();
            move || {
                let (mut wait, task) = (Box::pin(barrier.wait()), Task::new());
                let polled = task.poll(wait.as_mut());
                (polled.is_ready(), task.poll(wait.as_mut()).is_ready())
            }
        });
        let (mut wait, task) = (Box::pin(barrier.wait()), Task::new());
        let here = task.poll(wait.as_mut()).is_ready();
        drop(wait);
        let (opened, _) = other.join().unwrap();
        // Whatever happened, the next round takes two, and nobody is counted who is not there.
        let (mut first, mut second) = (pin!(barrier.wait()), pin!(barrier.wait()));
        assert!(task.poll(first.as_mut()).is_pending());
        assert!(task.poll(second.as_mut()).is_ready());
        assert!(task.poll(first.as_mut()).is_ready());
        assert!(!(here && opened));
    });
}
