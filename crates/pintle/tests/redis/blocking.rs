//! Clients that wait in BLPOP: in order, for no longer than they asked, and
//! without taking an element along when they go.

use std::time::{Duration, Instant};

use crate::client::{Client, frame};
use crate::process::Server;

/// A client that waits for an element, as the server sees it too.
fn blocked(server: &Server, already: usize, request: &[&str]) -> Client {
    let mut client = server.client();
    client.request(&[request]);
    server.wait_for("blocked_clients", already + 1);
    client
}

fn text(reply: &[u8]) -> String {
    String::from_utf8_lossy(reply).into_owned()
}

#[test]
fn who_has_waited_longest_is_served_first() {
    let server = Server::start();
    let mut waiting: Vec<Client> = (0..10)
        .map(|already| blocked(&server, already, &["BLPOP", "none", "l", "0"]))
        .collect();
    let mut pusher = server.client();
    // One at a time, and many at once.
    assert_eq!(pusher.text(&["RPUSH", "l", "e0"]), ":1\r\n");
    assert_eq!(
        pusher.text(&["RPUSH", "l", "e1", "e2", "e3", "e4"]),
        ":4\r\n"
    );
    let rest: Vec<String> = (5..12).map(|i| format!("e{i}")).collect();
    let mut push = vec!["RPUSH", "l"];
    push.extend(rest.iter().map(String::as_str));
    assert_eq!(pusher.text(&push), ":7\r\n");
    for (i, client) in waiting.iter_mut().enumerate() {
        let expected = format!("*2\r\n$1\r\nl\r\n$2\r\ne{i}\r\n");
        assert_eq!(text(&client.reply()), expected, "client {i}");
    }
    // Nobody waits for the rest.
    assert_eq!(
        pusher.text(&["LRANGE", "l", "0", "-1"]),
        "*2\r\n$3\r\ne10\r\n$3\r\ne11\r\n"
    );
}

#[test]
fn nobody_takes_what_a_blocked_client_was_given() {
    let server = Server::start();
    let mut waiting = blocked(&server, 0, &["BLPOP", "l", "0"]);
    let mut other = server.client();
    other.request(&[&["RPUSH", "l", "mine"], &["LPOP", "l"], &["LLEN", "l"]]);
    assert_eq!(text(&other.reply()), ":1\r\n");
    assert_eq!(text(&other.reply()), "$-1\r\n");
    assert_eq!(text(&other.reply()), ":0\r\n");
    assert_eq!(text(&waiting.reply()), "*2\r\n$1\r\nl\r\n$4\r\nmine\r\n");
}

#[test]
fn the_timeout_comes_and_never_early() {
    let server = Server::start();
    let mut client = server.client();
    for seconds in ["0.02", "0.2"] {
        let start = Instant::now();
        assert_eq!(client.text(&["BLPOP", "l", seconds]), "*-1\r\n");
        let timeout = Duration::from_secs_f64(seconds.parse().expect("a number"));
        assert!(
            start.elapsed() >= timeout,
            "{:?} after {seconds} s",
            start.elapsed()
        );
    }
    assert_eq!(server.info("blpop_timeouts"), 2);
    assert_eq!(server.info("blocked_clients"), 0);
    // Nobody is served who has given up.
    assert_eq!(client.text(&["LPUSH", "l", "x"]), ":1\r\n");
    assert_eq!(client.text(&["LPOP", "l"]), "$1\r\nx\r\n");
}

#[test]
fn a_client_that_disconnects_swallows_nothing() {
    let server = Server::start();
    let first = blocked(&server, 0, &["BLPOP", "l", "0"]);
    let mut second = blocked(&server, 1, &["BLPOP", "l", "0"]);
    drop(first);
    server.wait_for("blocked_clients", 1);
    let mut pusher = server.client();
    assert_eq!(pusher.text(&["RPUSH", "l", "a", "b"]), ":2\r\n");
    assert_eq!(text(&second.reply()), "*2\r\n$1\r\nl\r\n$1\r\na\r\n");
    assert_eq!(pusher.text(&["LPOP", "l"]), "$1\r\nb\r\n");
}

#[test]
fn a_client_that_dies_before_it_has_begun_to_wait_swallows_nothing() {
    let server = Server::start();
    let mut other = server.client();
    other.call(&["SET", "large", &"x".repeat(32 << 20)]);
    other.call(&["CONFIG", "SET", "reply-buffer-limit", "64mb"]);
    // Its place is taken, but the reply before it is more than it ever reads.
    let mut dies = server.client();
    dies.request(&[&["GET", "large"], &["BLPOP", "l", "0"]]);
    server.wait_for("blocked_clients", 1);
    drop(dies);
    server.wait_for("blocked_clients", 0);
    assert_eq!(other.text(&["RPUSH", "l", "x"]), ":1\r\n");
    assert_eq!(other.text(&["LPOP", "l"]), "$1\r\nx\r\n");
}

#[test]
fn elements_and_timeouts_that_cross_lose_nothing() {
    const ELEMENTS: usize = 400;
    let server = Server::start();
    let port = server.port;
    let taken: usize = std::thread::scope(|scope| {
        let takers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(move || {
                    let mut client = Client::connect(port);
                    // The shortest there is: most waits end as an element comes.
                    let replies = (0..ELEMENTS / 2).map(|_| client.call(&["BLPOP", "l", "0.001"]));
                    replies.filter(|reply| reply.starts_with(b"*2")).count()
                })
            })
            .collect();
        let mut pusher = Client::connect(port);
        for element in 0..ELEMENTS {
            pusher.call(&["RPUSH", "l", &element.to_string()]);
        }
        takers
            .into_iter()
            .map(|taker| taker.join().expect("a taker"))
            .sum()
    });
    let left = server.client().text(&["LLEN", "l"]);
    assert_eq!(left, format!(":{}\r\n", ELEMENTS - taken));
    assert_eq!(server.info("blocked_clients"), 0);
}

#[test]
fn requests_behind_a_blocked_one_wait_their_turn() {
    let server = Server::start();
    let mut client = server.client();
    client.request(&[&["SET", "k", "1"], &["BLPOP", "l", "0"], &["INCR", "k"]]);
    assert_eq!(text(&client.reply()), "+OK\r\n");
    server.wait_for("blocked_clients", 1);
    client.request(&[&["INCR", "k"]]);
    let mut other = server.client();
    assert_eq!(other.text(&["GET", "k"]), "$1\r\n1\r\n");
    assert_eq!(other.text(&["LPUSH", "l", "x"]), ":1\r\n");
    assert_eq!(text(&client.reply()), "*2\r\n$1\r\nl\r\n$1\r\nx\r\n");
    assert_eq!(text(&client.reply()), ":2\r\n");
    assert_eq!(text(&client.reply()), ":3\r\n");
}

#[test]
fn a_flood_behind_a_blocked_request_is_worked_off_in_order() {
    const REQUESTS: usize = 50_000;
    let server = Server::start();
    let mut client = blocked(&server, 0, &["BLPOP", "l", "0"]);
    client.send(&frame(&["INCR", "n"]).repeat(REQUESTS));
    let mut other = server.client();
    assert_eq!(other.text(&["EXISTS", "n"]), ":0\r\n");
    assert_eq!(other.text(&["LPUSH", "l", "x"]), ":1\r\n");
    assert_eq!(text(&client.reply()), "*2\r\n$1\r\nl\r\n$1\r\nx\r\n");
    for n in 1..=REQUESTS {
        assert_eq!(client.reply(), format!(":{n}\r\n").as_bytes());
    }
}
