//! Clients that break off, lie about lengths or talk nonsense harm nobody else.

use std::thread;

use crate::client::{Client, frame};
use crate::process::Server;

/// Another client's view: all is well, and the data is as it was.
fn well(server: &Server) {
    let mut client = server.client();
    assert_eq!(client.text(&["GET", "kept"]), "$5\r\nvalue\r\n");
}

fn server() -> Server {
    let server = Server::start();
    assert_eq!(server.client().text(&["SET", "kept", "value"]), "+OK\r\n");
    server
}

#[test]
fn a_gigabyte_that_is_only_claimed_takes_no_memory() {
    let server = server();
    let before = server.memory();
    let mut lying = server.client();
    lying.send(b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1073741824\r\n");
    assert_eq!(
        lying.rest(),
        b"-ERR Protocol error: invalid bulk length\r\n"
    );
    // The largest that is allowed, and claimed by many.
    let many: Vec<Client> = (0..20)
        .map(|_| {
            let mut client = server.client();
            client.send(b"*2147483647\r\n$3\r\nSET\r\n$1\r\nk\r\n$536870912\r\nabc");
            client
        })
        .collect();
    well(&server);
    assert!(
        server.memory() < before + (16 << 20),
        "{} from {before}",
        server.memory()
    );
    drop(many);
    server.wait_for("connected_clients", 1);
}

#[test]
fn a_large_value_survives_whatever_pieces_it_comes_in() {
    let server = server();
    let value: String = (0..4_000_000u32)
        .map(|i| char::from(b'a' + (i % 23) as u8))
        .collect();
    let mut client = server.client();
    for piece in [1 << 22, 100_000, 1447] {
        for piece in frame(&["SET", "large", &value]).chunks(piece) {
            client.send(piece);
        }
        assert_eq!(client.reply(), b"+OK\r\n");
        let reply = client.call(&["GET", "large"]);
        let body = &reply[reply.len() - value.len() - 2..reply.len() - 2];
        assert!(body == value.as_bytes(), "the value has changed");
    }
    well(&server);
}

#[test]
fn a_client_that_dies_in_mid_request_leaves_nothing_behind() {
    let server = server();
    let whole = frame(&["MSET", "kept", "changed", "half", "done"]);
    for len in 1..whole.len() {
        let mut client = server.client();
        client.send(&whole[..len]);
    }
    server.wait_for("connected_clients", 1);
    well(&server);
    assert_eq!(server.client().text(&["DBSIZE"]), ":1\r\n");
}

#[test]
fn requests_in_front_of_a_malformed_one_are_done() {
    let server = server();
    let mut client = server.client();
    let mut bytes = frame(&["INCR", "n"]).repeat(100);
    bytes.extend_from_slice(b"*1\r\n?oops\r\n");
    bytes.extend_from_slice(&frame(&["INCR", "n"]));
    client.send(&bytes);
    let replies = client.rest();
    assert!(replies.ends_with(b":100\r\n-ERR Protocol error: expected '$', got '?'\r\n"));
    assert_eq!(server.client().text(&["GET", "n"]), "$3\r\n100\r\n");
    well(&server);
}

#[test]
fn nonsense_from_many_does_not_disturb_the_work_of_others() {
    let server = server();
    let port = server.port;
    thread::scope(|scope| {
        for seed in 0..4u64 {
            scope.spawn(move || {
                let mut state = seed + 1;
                for _ in 0..50 {
                    let mut bytes = Vec::new();
                    for _ in 0..200 {
                        // Xorshift: the same nonsense each time.
                        state ^= state << 13;
                        state ^= state >> 7;
                        state ^= state << 17;
                        let alphabet = b"*$123-+\r\n\r\n\"'\\x PINGSET\0\xff";
                        bytes.push(alphabet[(state % alphabet.len() as u64) as usize]);
                    }
                    let mut client = Client::connect(port);
                    // It may be refused before all is sent.
                    let _ = client.try_send(&bytes);
                }
            });
        }
        scope.spawn(|| {
            let mut client = server.client();
            for expected in 1..=500 {
                assert_eq!(client.text(&["INCR", "work"]), format!(":{expected}\r\n"));
            }
        });
    });
    well(&server);
    server.wait_for("connected_clients", 1);
}
