use std::{pin::pin, sync::Arc};

use loom::future::block_on;
use pintle_sync::CancellationToken;

use crate::support::{Task, Watched, check, spawn};

#[test]
fn wait_and_cancel() {
    check(|| {
        let token = CancellationToken::new();
        let cancelling = spawn({
            let token = token.child_token();
            move || {
                token.cancel();
                token
            }
        });
        let child = token.child_token();
        token.cancel();
        block_on(child.cancelled());
        let other = cancelling.join().unwrap();
        block_on(other.cancelled());
    });
}

#[test]
fn what_came_before_a_cancel_is_visible() {
    check(|| {
        let token = CancellationToken::new();
        let before = Arc::new(Watched::default());
        let cancelling = spawn({
            let (token, before) = (token.clone(), before.clone());
            move || {
                before.add_shared();
                token.cancel();
            }
        });
        if token.is_cancelled() {
            assert_eq!(before.get(), 1);
        }
        block_on(token.child_token().cancelled());
        assert_eq!(before.get(), 1);
        cancelling.join().unwrap();
    });
}

#[test]
fn who_sees_a_token_cancelled_sees_all_below_it_cancelled() {
    check(|| {
        let root = CancellationToken::new();
        let child = root.child_token();
        let leaf = child.child_token();
        let cancelling = spawn({
            let root = root.clone();
            move || root.cancel()
        });
        if root.is_cancelled() {
            assert!(child.is_cancelled());
        }
        if child.is_cancelled() {
            assert!(leaf.is_cancelled());
        }
        cancelling.join().unwrap();
    });
}

#[test]
fn cancel_and_a_new_child() {
    check(|| {
        let token = CancellationToken::new();
        let cancelling = spawn({
            let token = token.clone();
            move || token.cancel()
        });
        let child = token.child_token();
        cancelling.join().unwrap();
        assert!(child.is_cancelled());
    });
}

#[test]
fn cancel_and_a_node_between_that_goes() {
    check(|| {
        let root = CancellationToken::new();
        let middle = root.child_token();
        let leaf = middle.child_token();
        let dropping = spawn(move || drop(middle));
        root.cancel();
        assert!(leaf.is_cancelled());
        dropping.join().unwrap();
    });
}

#[test]
fn parent_and_child_go_at_once() {
    check(|| {
        let root = CancellationToken::new();
        let middle = root.child_token();
        let leaf = middle.child_token();
        let below = leaf.child_token();
        let dropping = spawn(move || drop(middle));
        drop(leaf);
        dropping.join().unwrap();
        root.cancel();
        assert!(below.is_cancelled());
    });
}

#[test]
fn cancel_and_a_wait_that_is_dropped() {
    check(|| {
        let token = CancellationToken::new();
        let (mut leaving, leaving_task) = (Box::pin(token.clone().cancelled_owned()), Task::new());
        let (mut stays, task) = (pin!(token.cancelled()), Task::new());
        assert!(leaving_task.poll(leaving.as_mut()).is_pending());
        assert!(task.poll(stays.as_mut()).is_pending());
        let dropping = spawn(move || drop(leaving));
        token.cancel();
        assert_eq!(task.wakes(), 1);
        assert!(task.poll(stays.as_mut()).is_ready());
        dropping.join().unwrap();
    });
}
