//! The map, its expiry and its blocked clients, without a server around them.

use std::sync::Arc;

use pintle::sync::WaitQueue;

use super::blocked::Ticket;
use super::{Db, Key, Side, WrongType};

fn push(db: &mut Db, key: &str, side: Side, elements: &[&str]) -> Result<usize, WrongType> {
    db.push(
        key.as_bytes(),
        side,
        elements.iter().map(|element| element.as_bytes()),
    )
}

fn pop(db: &mut Db, key: &str) -> Option<String> {
    let element = db.pop(key.as_bytes(), Side::Left).expect("a list");
    element.map(|element| String::from_utf8_lossy(&element).into_owned())
}

fn block(db: &mut Db, keys: &[&str]) -> Ticket {
    db.block(
        keys.iter().map(|key| key.as_bytes()),
        Arc::new(WaitQueue::new()),
    )
}

fn collect(db: &mut Db, ticket: Ticket) -> Option<(String, String)> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let gift = db.collect(ticket);
    gift.map(|(key, element)| (text(&key), text(&element)))
}

fn gift(key: &str, element: &str) -> Option<(String, String)> {
    Some((key.to_owned(), element.to_owned()))
}

/// What the type promises, checked.
fn check(db: &Db) {
    let expiring = db.map.values().filter(|entry| entry.expires.is_some());
    assert_eq!(db.expiring(), expiring.count());
    let empty =
        |entry: &super::Entry| matches!(&entry.value, super::Value::List(list) if list.is_empty());
    assert!(!db.map.values().any(empty));
}

#[test]
fn a_key_is_gone_at_its_time_and_not_before() {
    let mut db = Db::default();
    db.begin(10);
    db.set(b"k", b"v");
    db.set_expiry(b"k", Some(20));
    db.begin(19);
    assert!(db.contains(b"k"));
    db.begin(20);
    assert!(!db.contains(b"k"));
    assert_eq!(db.string(b"k"), Ok(None));
    assert!(!db.remove(b"k"));
    assert_eq!(db.len(), 0);
    check(&db);
}

#[test]
fn an_expired_string_does_not_make_a_push_the_wrong_type() {
    let mut db = Db::default();
    db.set(b"k", b"v");
    db.set_expiry(b"k", Some(5));
    assert_eq!(push(&mut db, "k", Side::Left, &["a"]), Err(WrongType));
    db.begin(5);
    assert_eq!(push(&mut db, "k", Side::Left, &["a"]), Ok(1));
    assert_eq!(db.expiry(b"k"), Some(None));
    check(&db);
}

#[test]
fn writing_anew_forgets_the_expiry_and_changing_it_replaces_it() {
    let mut db = Db::default();
    for at in [30, 10, 20] {
        db.set(b"k", b"v");
        db.set_expiry(b"k", Some(at));
        check(&db);
    }
    db.set(b"k", b"w");
    assert_eq!(db.expiring(), 0);
    check(&db);
}

#[test]
fn the_sweeper_removes_what_is_due_and_nothing_that_has_more_time_by_now() {
    let mut db = Db::default();
    let keys: Vec<Key> = ["due", "later", "never", "gone"]
        .map(|key| Key::from(key.as_bytes()))
        .into();
    for key in &keys {
        db.set(key, b"v");
        db.set_expiry(key, Some(900));
    }
    db.begin(899);
    assert_eq!(db.sweep(&keys), 0);
    db.set_expiry(b"later", Some(901));
    db.set_expiry(b"never", None);
    db.remove(b"gone");
    db.begin(900);
    assert_eq!(db.sweep(&keys), 1);
    assert!(!db.contains(b"due"));
    assert_eq!(db.expiry(b"later"), Some(Some(901)));
    assert_eq!(db.expiry(b"never"), Some(None));
    assert_eq!(db.len(), 2);
    check(&db);
}

#[test]
fn a_time_that_has_passed_is_due_at_once() {
    let mut db = Db::default();
    db.begin(10);
    db.set(b"k", b"v");
    db.set_expiry(b"k", Some(10));
    assert!(!db.contains(b"k"));
    let due = std::sync::Arc::clone(&db.due);
    let keys = crate::runtime::block_on(due.take());
    assert_eq!(db.sweep(&keys), 1);
    check(&db);
}

#[test]
fn a_list_goes_with_its_last_element() {
    let mut db = Db::default();
    assert_eq!(push(&mut db, "l", Side::Right, &["a", "b"]), Ok(2));
    assert_eq!(push(&mut db, "l", Side::Left, &["c", "d"]), Ok(4));
    for element in ["d", "c", "a", "b"] {
        assert_eq!(pop(&mut db, "l").as_deref(), Some(element));
        check(&db);
    }
    assert!(!db.contains(b"l"));
    assert_eq!(pop(&mut db, "l"), None);
}

#[test]
fn blocked_clients_are_served_in_the_order_they_came() {
    let mut db = Db::default();
    let clients: Vec<Ticket> = (0..3).map(|_| block(&mut db, &["l"])).collect();
    assert_eq!(push(&mut db, "l", Side::Right, &["a", "b"]), Ok(2));
    assert_eq!(db.effects.wake.len(), 2);
    // Nobody takes what was given, though it is not fetched yet.
    assert_eq!(pop(&mut db, "l"), None);
    assert_eq!(collect(&mut db, clients[1]), gift("l", "b"));
    assert_eq!(collect(&mut db, clients[0]), gift("l", "a"));
    assert_eq!(collect(&mut db, clients[2]), None);
    for ticket in clients {
        db.withdraw(ticket);
    }
    assert_eq!(db.blocked(), 0);
    assert!(db.blocked.queues.is_empty());
}

#[test]
fn a_client_blocked_on_many_lists_is_served_once() {
    let mut db = Db::default();
    let many = block(&mut db, &["a", "b", "a"]);
    let one = block(&mut db, &["b"]);
    assert_eq!(push(&mut db, "b", Side::Left, &["x"]), Ok(1));
    assert_eq!(push(&mut db, "a", Side::Left, &["y"]), Ok(1));
    assert_eq!(push(&mut db, "b", Side::Left, &["z"]), Ok(1));
    assert_eq!(collect(&mut db, many), gift("b", "x"));
    assert_eq!(collect(&mut db, one), gift("b", "z"));
    assert_eq!(pop(&mut db, "a").as_deref(), Some("y"));
    db.withdraw(many);
    db.withdraw(one);
    assert!(db.blocked.queues.is_empty());
}

#[test]
fn who_leaves_without_its_gift_gives_it_back() {
    let mut db = Db::default();
    let leaves = block(&mut db, &["l"]);
    assert_eq!(push(&mut db, "l", Side::Right, &["a", "b"]), Ok(2));
    db.withdraw(leaves);
    assert_eq!(pop(&mut db, "l").as_deref(), Some("a"));
    assert_eq!(pop(&mut db, "l").as_deref(), Some("b"));
}

#[test]
fn who_leaves_without_its_gift_gives_it_to_the_next() {
    let mut db = Db::default();
    let (leaves, next) = (block(&mut db, &["l"]), block(&mut db, &["l"]));
    assert_eq!(push(&mut db, "l", Side::Right, &["a"]), Ok(1));
    db.withdraw(leaves);
    assert_eq!(collect(&mut db, next), gift("l", "a"));
    assert!(!db.contains(b"l"));
    check(&db);
}

#[test]
fn who_leaves_early_is_passed_over() {
    let mut db = Db::default();
    let (leaves, next) = (block(&mut db, &["l"]), block(&mut db, &["l"]));
    db.withdraw(leaves);
    assert_eq!(push(&mut db, "l", Side::Right, &["a"]), Ok(1));
    assert_eq!(collect(&mut db, next), gift("l", "a"));
}
