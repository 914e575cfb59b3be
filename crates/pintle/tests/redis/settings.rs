//! Settings that change under load: read in the RCU domain by every batch, replaced by `CONFIG SET`.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::thread;

use crate::process::Server;

#[test]
fn settings_change_whole_while_all_read_them() {
    const CHANGES: usize = 200;
    const READERS: usize = 4;
    let server = Server::start_with(&["--maxclients", "100"]);
    // Each replacement sets both.
    let set = |value: usize| {
        let value = value.to_string();
        let changed =
            server
                .client()
                .text(&["CONFIG", "SET", "timeout", &value, "maxclients", &value]);
        assert_eq!(changed, "+OK\r\n");
    };
    set(100);
    let stop = AtomicBool::new(false);
    let batches = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..READERS {
            scope.spawn(|| {
                let mut client = server.client();
                while !stop.load(Relaxed) {
                    let settings = client.text(&["CONFIG", "GET", "timeout", "maxclients"]);
                    let words: Vec<&str> = settings.split("\r\n").collect();
                    assert_eq!((words[2], words[6]), ("maxclients", "timeout"));
                    assert_eq!(words[4], words[8], "settings of two replacements in one");
                    batches.fetch_add(1, Relaxed);
                }
            });
        }
        for value in 101..100 + CHANGES {
            set(value);
        }
        stop.store(true, Relaxed);
    });
    assert_eq!(server.info("rcu_replacements"), CHANGES);
    // Each batch has read them at least twice: for the reply, and for its own limits.
    assert!(server.info("rcu_reads") >= 2 * batches.load(Relaxed));
    // And each of the old ones was freed.
    server.wait_for("grace_periods", CHANGES);
}

/// A limit that is read per batch is in force for who is connected already.
#[test]
fn a_limit_holds_from_the_next_request_on() {
    let server = Server::start();
    let (mut one, mut two) = (server.client(), server.client());
    let large = "x".repeat((1 << 20) + 1);
    assert_eq!(one.text(&["SET", "k", &large]), "+OK\r\n");
    assert_eq!(
        two.text(&["CONFIG", "SET", "proto-max-bulk-len", "1mb"]),
        "+OK\r\n"
    );
    // It was asleep with the old limit when the new one came.
    assert_eq!(one.text(&["PING"]), "+PONG\r\n");
    one.send(format!("*2\r\n$4\r\nECHO\r\n${}\r\n", large.len()).as_bytes());
    assert_eq!(one.rest(), b"-ERR Protocol error: invalid bulk length\r\n");
    assert_eq!(two.text(&["PING"]), "+PONG\r\n");
    assert_eq!(server.info("rcu_replacements"), 1);
}
