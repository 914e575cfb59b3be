//! What a client may ask of the server, and what happens beyond it.

use std::thread;
use std::time::{Duration, Instant};

use crate::client::{Client, frame};
use crate::process::{Server, raise_open_files_limit};

#[test]
fn a_thousand_idle_connections_are_timed_out() {
    const CLIENTS: usize = 1000;
    raise_open_files_limit();
    let server = Server::start();
    let mut idle: Vec<Client> = (0..CLIENTS).map(|_| server.client()).collect();
    // The last may still wait to be accepted.
    server.wait_for("connected_clients", CLIENTS + 1);
    for client in &mut idle {
        assert_eq!(client.text(&["PING"]), "+PONG\r\n");
    }
    let last_activity = Instant::now();
    let mut active = server.client();
    assert_eq!(active.text(&["CONFIG", "SET", "timeout", "2"]), "+OK\r\n");
    thread::scope(|scope| {
        let all_timed_out = scope.spawn(|| {
            for client in &mut idle {
                assert_eq!(client.rest(), b"");
                // They were told of the timeout after their last activity.
                assert!(last_activity.elapsed() >= Duration::from_secs(2));
            }
        });
        // Whoever is not silent stays.
        while !all_timed_out.is_finished() {
            thread::sleep(Duration::from_millis(100));
            assert_eq!(active.text(&["PING"]), "+PONG\r\n");
        }
    });
    assert_eq!(active.text(&["CONFIG", "SET", "timeout", "0"]), "+OK\r\n");
    server.wait_for("connected_clients", 2);
    assert!(server.info("idle_timeouts") >= CLIENTS);
    // Counted after the wakes, so perhaps after what they led to.
    server.wait_until("sleeps_fired", |fired| fired >= CLIENTS);
    assert_eq!(server.info("grace_periods"), 2);
}

#[test]
fn a_client_that_never_reads_costs_the_others_nothing() {
    const REPLY: usize = 1 << 20;
    const REQUESTS: usize = 200;
    let server = Server::start();
    let mut other = server.client();
    other.call(&["SET", "large", &"x".repeat(REPLY)]);
    other.call(&["SET", "n", "0"]);
    let before = server.memory();

    let mut deaf = server.client();
    deaf.send(
        &[frame(&["GET", "large"]), frame(&["INCR", "n"])]
            .concat()
            .repeat(REQUESTS),
    );
    for _ in 0..100 {
        assert_eq!(other.text(&["PING"]), "+PONG\r\n");
    }
    // It is owed 200 MB; the server keeps the replies of one batch at most.
    assert!(
        server.memory() < before + 32 * REPLY,
        "{} from {before}",
        server.memory()
    );
    let done = other.text(&["GET", "n"]);
    assert_ne!(
        done,
        format!("$3\r\n{REQUESTS}\r\n"),
        "its requests did not wait"
    );

    // When it listens at last, nothing is missing.
    for n in 1..=REQUESTS {
        assert_eq!(deaf.reply().len(), "$1048576\r\n\r\n".len() + REPLY);
        assert_eq!(deaf.reply(), format!(":{n}\r\n").as_bytes());
    }

    drop(deaf);

    // And when it goes instead, the server notices.
    let mut deaf = server.client();
    deaf.send(&frame(&["GET", "large"]).repeat(REQUESTS));
    server.wait_for("connected_clients", 3);
    drop(deaf);
    server.wait_for("connected_clients", 2);
}

#[test]
fn a_client_that_never_reads_is_timed_out_too() {
    let server = Server::start();
    let mut other = server.client();
    other.call(&["SET", "large", &"x".repeat(1 << 22)]);
    other.call(&["CONFIG", "SET", "timeout", "1"]);
    let mut deaf = server.client();
    deaf.send(&frame(&["GET", "large"]).repeat(20));
    drop(other);
    // The client that asks INFO is the only one.
    server.wait_for("connected_clients", 1);
    drop(deaf);
}

#[test]
fn clients_beyond_the_limit_are_told() {
    let server = Server::start();
    let mut first = server.client();
    assert_eq!(first.text(&["CONFIG", "SET", "maxclients", "2"]), "+OK\r\n");
    let mut second = server.client();
    assert_eq!(second.text(&["PING"]), "+PONG\r\n");
    let mut third = server.client();
    assert_eq!(third.rest(), b"-ERR max number of clients reached\r\n");
    drop(second);
    // There is room again as soon as the server has noticed.
    let start = Instant::now();
    loop {
        let mut fourth = server.client();
        // Refused, it is closed before it has asked.
        if fourth.try_send(&frame(&["PING"])).is_ok() && fourth.first_byte() == Some(b'+') {
            break;
        }
        assert!(start.elapsed() < crate::process::PATIENCE);
    }
}

#[test]
fn the_limit_is_an_option_and_can_be_changed_both_ways() {
    let server = Server::start_with(&["--maxclients", "1"]);
    let mut first = server.client();
    assert_eq!(
        first.text(&["CONFIG", "GET", "maxclients"]),
        "*2\r\n$10\r\nmaxclients\r\n$1\r\n1\r\n"
    );
    let refusal = b"-ERR max number of clients reached\r\n";
    assert_eq!(server.client().rest(), refusal);
    assert_eq!(first.text(&["CONFIG", "SET", "maxclients", "3"]), "+OK\r\n");
    let mut others = [server.client(), server.client()];
    for other in &mut others {
        assert_eq!(other.text(&["PING"]), "+PONG\r\n");
    }
    // Nobody is sent away, and nobody comes before there are fewer.
    assert_eq!(first.text(&["CONFIG", "SET", "maxclients", "1"]), "+OK\r\n");
    let [other, last] = others;
    drop((first, other));
    assert_eq!(server.client().rest(), refusal);
    drop(last);
    let start = Instant::now();
    loop {
        let mut next = server.client();
        if next.try_send(&frame(&["PING"])).is_ok() && next.first_byte() == Some(b'+') {
            break;
        }
        assert!(start.elapsed() < crate::process::PATIENCE);
    }
}

#[test]
fn keys_expire_by_themselves() {
    const KEYS: usize = 500;
    let server = Server::start();
    let mut client = server.client();
    for key in 0..KEYS {
        let key = format!("k{key}");
        client.call(&["SET", &key, "v", "PX", "150"]);
    }
    assert_eq!(client.text(&["SET", "soon", "v", "PX", "30"]), "+OK\r\n");
    assert_eq!(client.text(&["SET", "stays", "v", "EX", "1000"]), "+OK\r\n");
    let start = Instant::now();
    while client.text(&["GET", "soon"]) != "$-1\r\n" {
        assert!(start.elapsed() < crate::process::PATIENCE);
    }
    // Nobody looks at the others: the sweeper finds them.
    let start = Instant::now();
    while client.text(&["DBSIZE"]) != ":1\r\n" {
        assert!(start.elapsed() < crate::process::PATIENCE);
        thread::sleep(Duration::from_millis(5));
    }
    assert!(server.info("keys_swept") >= KEYS);
}

#[test]
fn a_key_does_not_expire_early() {
    let server = Server::start();
    let mut client = server.client();
    for millis in [1, 2, 5, 20, 65, 130] {
        let start = Instant::now();
        client.call(&["SET", "k", "v", "PX", &millis.to_string()]);
        while client.text(&["GET", "k"]) != "$-1\r\n" {}
        // The server counts whole milliseconds from the one the SET was in.
        let least = Duration::from_millis(millis - 1);
        assert!(
            start.elapsed() >= least,
            "{:?} of {millis} ms",
            start.elapsed()
        );
    }
}
