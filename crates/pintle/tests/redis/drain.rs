//! Ctrl-C: what has come is answered, then the server ends, and well.

use std::net::{Ipv4Addr, TcpStream};
use std::time::{Duration, Instant};

use crate::client::{Client, frame};
use crate::process::Server;

#[test]
fn what_has_come_is_answered() {
    const REQUESTS: usize = 100;
    let server = Server::start();
    let port = server.port;
    let mut clients: Vec<Client> = (0..20).map(|_| server.client()).collect();
    let mut blocked = server.client();
    blocked.request(&[&["BLPOP", "l", "0"]]);
    server.wait_for("blocked_clients", 1);
    for client in &mut clients {
        // Each has been accepted, and then has sent all this.
        assert_eq!(client.text(&["PING"]), "+PONG\r\n");
    }
    for client in &mut clients {
        client.send(&frame(&["PING"]).repeat(REQUESTS));
    }
    server.signal(libc::SIGINT);
    for client in &mut clients {
        let replies = String::from_utf8_lossy(&client.rest()).into_owned();
        assert_eq!(replies.len(), "+PONG\r\n".len() * REQUESTS);
        assert_eq!(replies.replace("+PONG\r\n", ""), "");
    }
    assert_eq!(blocked.rest(), b"");
    let (status, printed) = server.end();
    assert_eq!(status.code(), Some(0));
    assert_eq!(printed, "draining\ndrained\n");
    assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err());
}

#[test]
fn sigterm_ends_an_idle_server() {
    let server = Server::start();
    let mut client = server.client();
    assert_eq!(client.text(&["PING"]), "+PONG\r\n");
    server.signal(libc::SIGTERM);
    assert_eq!(client.rest(), b"");
    assert_eq!(server.end().0.code(), Some(0));
}

/// Ctrl-C in `redis | tee log` ends the `tee` as well, and perhaps first.
#[test]
fn a_server_that_nobody_listens_to_drains_too() {
    let mut server = Server::start();
    let mut client = server.client();
    assert_eq!(client.text(&["PING"]), "+PONG\r\n");
    server.close_stdout();
    server.signal(libc::SIGINT);
    assert_eq!(client.rest(), b"");
    assert_eq!(server.end().0.code(), Some(0));
}

#[test]
fn a_client_that_does_not_take_what_it_is_owed_is_not_waited_for() {
    let server = Server::start();
    let mut deaf = server.client();
    deaf.call(&["SET", "large", &"x".repeat(1 << 20)]);
    deaf.send(&frame(&["GET", "large"]).repeat(50));
    let start = Instant::now();
    server.signal(libc::SIGINT);
    let (status, printed) = server.end();
    assert_eq!(status.code(), Some(0));
    assert!(printed.contains("did not take"), "{printed}");
    assert!(start.elapsed() < Duration::from_secs(30));
}
