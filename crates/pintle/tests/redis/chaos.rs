//! Clients that do anything and die anywhere: in the end the server is as it was.
//!
//! Two seconds; a minute with `PINTLE_FULL=1`.

use std::thread;
use std::time::{Duration, Instant};

use crate::client::{Client, frame};
use crate::process::Server;

/// Xorshift: the same numbers for the same seed.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }

    fn request(&mut self) -> Vec<u8> {
        let key = format!("k{}", self.below(50));
        let list = format!("l{}", self.below(4));
        let number = self.below(90).to_string();
        let value = "v".repeat(usize::try_from(self.below(3000)).expect("a small number"));
        match self.below(12) {
            0 => frame(&["SET", &key, &value]),
            1 => frame(&["GET", &key]),
            2 => frame(&["SET", &key, &value, "PX", "20"]),
            3 | 4 => frame(&["RPUSH", &list, &value]),
            5 => frame(&["LPOP", &list]),
            6 | 7 => frame(&["BLPOP", &list, "l0", &format!("0.0{}", self.below(9) + 1)]),
            8 => frame(&["LRANGE", &list, "0", "-1"]),
            9 => frame(&["CONFIG", "SET", "timeout", &format!("1{number}")]),
            10 => frame(&["EXPIRE", &key, &number]),
            _ => frame(&["DEL", &list, &key]),
        }
    }
}

/// Connects, asks, and goes: with all replies read, with none, or in the middle of a
/// request.
fn come_and_go(port: u16, random: &mut Random) {
    let mut client = Client::connect(port);
    for _ in 0..random.below(10) {
        let count = random.below(20) + 1;
        let mut requests: Vec<u8> = (0..count).flat_map(|_| random.request()).collect();
        let dies = random.below(4);
        if dies == 0 {
            let half = random.below(requests.len() as u64);
            requests.truncate(usize::try_from(half).expect("a length"));
        }
        client.send(&requests);
        if dies <= 1 {
            return;
        }
        for _ in 0..count {
            client.reply();
        }
    }
}

#[test]
fn whatever_clients_do_the_server_forgets_them() {
    let full = std::env::var_os("PINTLE_FULL").is_some_and(|full| full == "1");
    let length = Duration::from_secs(if full { 60 } else { 2 });
    let server = Server::start();
    let port = server.port;
    let start = Instant::now();
    thread::scope(|scope| {
        for seed in 1..=16 {
            scope.spawn(move || {
                let mut random = Random(seed);
                while start.elapsed() < length {
                    come_and_go(port, &mut random);
                }
            });
        }
    });
    server.wait_for("blocked_clients", 0);
    server.wait_for("connected_clients", 1);
    // Nobody is left who could take it.
    let mut client = server.client();
    client.call(&["FLUSHALL"]);
    for list in ["l0", "l1", "l2", "l3"] {
        assert_eq!(client.text(&["RPUSH", list, "x"]), ":1\r\n");
        assert_eq!(client.text(&["LPOP", list]), "$1\r\nx\r\n");
    }
    server.signal(libc::SIGINT);
    drop(client);
    assert_eq!(server.end().0.code(), Some(0));
}
