//! PUBLISH and SUBSCRIBE: byte for byte as Redis's own server, through `redis-cli`, and with subscribers
//! that go, do not read, and are many.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Instant;

use crate::client::{Client, frame};
use crate::process::{PATIENCE, Server, tool};

/// What a subscriber is sent, as text.
fn message(channel: &str, payload: &str) -> String {
    String::from_utf8(frame(&["message", channel, payload])).expect("text")
}

fn heard(client: &mut Client) -> String {
    String::from_utf8(client.reply()).expect("text")
}

/// Two subscribers and a publisher: all that each of them is told.
fn conversation(server: &Server) -> Vec<String> {
    let mut told = Vec::new();
    let [mut one, mut two, mut publisher] = [server.client(), server.client(), server.client()];
    let mut ask = |client: &mut Client, replies: usize, words: &[&str]| {
        client.request(&[words]);
        told.extend((0..replies).map(|_| heard(client)));
    };
    ask(&mut one, 3, &["SUBSCRIBE", "a", "b", "a"]);
    ask(&mut two, 1, &["subscribe", "b"]);
    ask(&mut publisher, 1, &["PUBSUB", "NUMSUB", "a", "b", "A"]);
    ask(&mut publisher, 1, &["PUBSUB", "CHANNELS", "?b*"]);
    ask(&mut publisher, 1, &["PUBSUB", "CHANNELS", "a*"]);
    ask(&mut publisher, 1, &["PUBSUB", "CHANNELS", "A"]);
    for (channel, payload) in [
        ("a", "1"),
        ("b", ""),
        ("A", "no"),
        ("a", "x\r\ny"),
        ("b", "4"),
    ] {
        ask(&mut publisher, 1, &["PUBLISH", channel, payload]);
    }
    // Each has what it subscribed to, in the order in which it was published.
    ask(&mut one, 5, &["PING"]);
    ask(&mut one, 1, &["GET", "a"]);
    ask(&mut two, 3, &["PING", "x"]);
    ask(&mut one, 1, &["UNSUBSCRIBE", "a"]);
    ask(&mut publisher, 1, &["PUBLISH", "a", "5"]);
    ask(&mut publisher, 1, &["PUBLISH", "b", "6"]);
    ask(&mut one, 2, &["UNSUBSCRIBE"]);
    ask(&mut one, 1, &["UNSUBSCRIBE"]);
    ask(&mut one, 1, &["GET", "none"]);
    ask(&mut two, 2, &["RESET"]);
    ask(&mut two, 1, &["PING"]);
    ask(&mut publisher, 1, &["PUBSUB", "CHANNELS"]);
    ask(&mut publisher, 1, &["PUBLISH", "b", "7"]);
    // Published by who then listens: it comes to nobody.
    publisher.request(&[&["PUBLISH", "c", "8"], &["SUBSCRIBE", "c"], &["PING"]]);
    told.extend((0..3).map(|_| heard(&mut publisher)));
    publisher.request(&[&["QUIT"]]);
    told.push(String::from_utf8(publisher.rest()).expect("text"));
    told
}

#[test]
fn a_conversation_is_as_with_redis_server() {
    let Some(real) = Server::start_real() else {
        return;
    };
    let ours = conversation(&Server::start());
    let redis = conversation(&real);
    for (step, (ours, redis)) in ours.iter().zip(&redis).enumerate() {
        assert_eq!(ours, redis, "step {step}");
    }
    assert_eq!(ours.len(), redis.len());
}

#[test]
fn redis_cli_listens() {
    const MESSAGES: usize = 100;
    let Some(cli) = tool("redis-cli") else {
        return;
    };
    let server = Server::start();
    let mut listener = Command::new(cli)
        .args(["-p", &server.port.to_string(), "SUBSCRIBE", "news"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("redis-cli starts");
    let mut lines = BufReader::new(listener.stdout.take().expect("piped")).lines();
    let mut next = || lines.next().expect("a line").expect("text");
    let mut publisher = server.client();
    let start = Instant::now();
    while publisher.text(&["PUBLISH", "news", "first"]) != ":1\r\n" {
        assert!(start.elapsed() < PATIENCE);
        thread::yield_now();
    }
    for n in 0..MESSAGES {
        assert_eq!(
            publisher.text(&["PUBLISH", "news", &n.to_string()]),
            ":1\r\n"
        );
    }
    let mut expect = |words: &[&str]| {
        for word in words {
            assert_eq!(next(), *word);
        }
    };
    expect(&["subscribe", "news", "1", "message", "news", "first"]);
    for n in 0..MESSAGES {
        expect(&["message", "news", &n.to_string()]);
    }
    listener.kill().expect("a process");
    listener.wait().expect("a process");
    // The server sees it go.
    let start = Instant::now();
    while publisher.text(&["PUBLISH", "news", "last"]) != ":0\r\n" {
        assert!(start.elapsed() < PATIENCE);
        thread::yield_now();
    }
}

#[test]
fn many_subscribers_hear_all_in_order() {
    const SUBSCRIBERS: usize = 50;
    const MESSAGES: usize = 1000;
    let server = Server::start();
    let mut subscribers: Vec<Client> = (0..SUBSCRIBERS).map(|_| server.client()).collect();
    for subscriber in &mut subscribers {
        subscriber.request(&[&["SUBSCRIBE", "odd", "even"]]);
        subscriber.reply();
        subscriber.reply();
    }
    let channel = |n: usize| ["even", "odd"][n % 2];
    let mut publisher = server.client();
    // All in one write, and fewer than are kept: so nobody can miss any, however slow this machine is.
    let requests: Vec<u8> = (0..MESSAGES)
        .flat_map(|n| frame(&["PUBLISH", channel(n), &n.to_string()]))
        .collect();
    publisher.send(&requests);
    for _ in 0..MESSAGES {
        assert_eq!(publisher.reply(), format!(":{SUBSCRIBERS}\r\n").as_bytes());
    }
    for subscriber in &mut subscribers {
        for n in 0..MESSAGES {
            assert_eq!(heard(subscriber), message(channel(n), &n.to_string()));
        }
    }
    assert_eq!(server.info("messages_published"), MESSAGES);
    assert_eq!(server.info("subscribers_lagged"), 0);
}

#[test]
fn a_subscriber_that_does_not_read_is_disconnected() {
    /// More than the server keeps.
    const MESSAGES: usize = 5000;
    const LARGE: usize = 1 << 20;
    let server = Server::start();
    let [mut deaf, mut publisher] = [server.client(), server.client()];
    deaf.call(&["SUBSCRIBE", "news"]);
    // Its socket's buffers are full after these, and its task waits for it to read.
    let large = "x".repeat(LARGE);
    for _ in 0..20 {
        assert_eq!(publisher.text(&["PUBLISH", "news", &large]), ":1\r\n");
    }
    for n in 0..MESSAGES {
        // The server does not wait for it.
        assert_eq!(
            publisher.text(&["PUBLISH", "news", &n.to_string()]),
            ":1\r\n"
        );
    }
    // It gets what was under way; then the connection ends in the place of what was missed.
    let rest = deaf.rest();
    let one = message("news", &large);
    assert!(rest.starts_with(one.as_bytes()));
    assert!(rest.len() <= 20 * one.len());
    server.wait_for("subscribers_lagged", 1);
    let start = Instant::now();
    while publisher.text(&["PUBLISH", "news", "last"]) != ":0\r\n" {
        assert!(start.elapsed() < PATIENCE);
    }
}

#[test]
fn a_silent_subscriber_is_not_idle() {
    let server = Server::start();
    let [mut subscriber, mut other] = [server.client(), server.client()];
    subscriber.call(&["SUBSCRIBE", "news"]);
    other.call(&["CONFIG", "SET", "timeout", "1"]);
    // It is silent for as long as the subscriber, and is sent away for it.
    assert_eq!(other.rest(), b"");
    assert_eq!(server.client().text(&["PUBLISH", "news", "x"]), ":1\r\n");
    assert_eq!(heard(&mut subscriber), message("news", "x"));
}
